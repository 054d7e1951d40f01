// Alarms on a daily or hourly series: what departs from its ordinary course, since when, by how much, and how often
// the series' own quiet history looks the same. It words what departures.ts finds and raises nothing of its own.
import { requireBetween } from '../impossible.ts';
import { type Baseline, readBaseline, type SeriesNature, unscale } from './baseline.ts';
import { type Departure, findDrifts, findOutliers, findSteps } from './departures.ts';
import { falseAlarmRate } from './false-alarm-rate.ts';

export interface SignalOptions extends SeriesNature {
  /** Chance with which each of outliers and drifts is found in a quiet series of this length; 0.01 when left out. */
  readonly alpha?: number;
  /** Alarms that the series' quiet history gives more often than this are not reported; 0.05 when left out. */
  readonly maximumFalseAlarmRate?: number;
}

export interface Alarm {
  /** `spike`, `dip`: isolated observations. `step`: a new level. `drift`: a slow departure from the level. */
  readonly kind: Departure['kind'];
  /** Index of the observation with which the alarm could be told. */
  readonly at: number;
  /** Index of the first observation that departs. */
  readonly began: number;
  /** What the course before would have given, in the series' unit: at `at`, or on average of a step or drift. */
  readonly expected: number;
  /** What was observed there. */
  readonly observed: number;
  readonly size: {
    /** `observed` less `expected`. */
    readonly absolute: number;
    /** In standard deviations of one observation's noise, on the scale where it is even; 1 or -1 without any noise. */
    readonly standard: number;
  };
  /**
   * Share of the comparable moments of the series' own history, alarms taken out, that depart at least as much:
   * above 0 and up to 1, and never below what the length of the history can show.
   */
  readonly falseAlarmRate: number;
}

/**
 * Alarms in the order of their `at`. `null` is a missing observation: it neither raises nor hides an alarm. A series
 * that does not vary at all has none. Throws what `readBaseline` throws, and `out_of_range` for a share outside 0..1.
 */
export function detectSignals(series: readonly (number | null)[], options: SignalOptions): Alarm[] {
  const { alpha = 0.01, maximumFalseAlarmRate = 0.05, cadence, nature } = options;
  requireBetween('alpha', alpha, 0, 1);
  requireBetween('maximumFalseAlarmRate', maximumFalseAlarmRate, 0, 1 + Number.EPSILON);
  const baseline = readBaseline(series, { cadence, nature });
  const departures = [
    ...findOutliers(baseline, alpha),
    ...findSteps(baseline),
    ...findDrifts(baseline, alpha),
  ];
  return departures
    .map((departure) => toAlarm(baseline, departure, departures))
    .filter(({ falseAlarmRate }) => falseAlarmRate <= maximumFalseAlarmRate)
    .sort((left, right) => left.at - right.at || left.began - right.began);
}

function toAlarm(baseline: Baseline, departure: Departure, all: readonly Departure[]): Alarm {
  const { kind, at, began } = departure;
  const indices = measuredPositions(baseline, departure);
  const reference = (index: number) => referenceLevel(baseline, departure, index);
  const observed = average(indices.map((index) => baseline.observed[index] ?? 0));
  const expected = average(
    indices.map((index) => unscale(baseline, reference(index) + (baseline.seasonal[index] ?? 0))),
  );
  const shift = average(
    indices.map(
      (index) => (baseline.residuals[index] ?? 0) + (baseline.course.level[index] ?? 0) - reference(index),
    ),
  );
  return {
    kind,
    at: baseline.positions[at] ?? 0,
    began: baseline.positions[began] ?? 0,
    expected,
    observed,
    // Without any noise there is no unit to measure in: the departure is its own.
    size: { absolute: observed - expected, standard: shift / (baseline.noise.sd || Math.abs(shift) || 1) },
    falseAlarmRate: falseAlarmRate(baseline, departure, all, Math.abs(shift)),
  };
}

/** An isolated departure is measured where it peaks, a lasting one on all of its observations that are not wild. */
function measuredPositions({ residuals, quiet }: Baseline, departure: Departure): number[] {
  if (isIsolated(departure)) return [departure.at];
  const all = range(departure.began, departure.end);
  const calm = all.filter((index) => residuals[index] === quiet[index]);
  return calm.length > 0 ? calm : all;
}

/** What the level would have been: the one before, carried on, when the course itself has moved. */
function referenceLevel(
  { course, positions }: Baseline,
  { began, inCourse }: Departure,
  index: number,
): number {
  if (!inCourse) return course.level[index] ?? 0;
  const before = began - 1;
  return (course.level[before] ?? 0) + course.slope * ((positions[index] ?? 0) - (positions[before] ?? 0));
}

function isIsolated({ kind }: Departure): boolean {
  return kind === 'spike' || kind === 'dip';
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
