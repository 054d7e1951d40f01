// What a series would look like without its outliers: season, level and noise, on a scale where the noise is even.
// It describes the ordinary; departures from it are found in departures.ts and worded in alarm.ts.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { requireWhole } from '../numerics/range.ts';
import { type Course, fitCourse } from './course.ts';
import { observedPositions } from './gaps.ts';
import { measureNoise, type Noise, runningMedian, serialCorrelation } from './noise.ts';
import { chooseScale, fromScale, type Scale, toScale } from './scale.ts';
import { type Cadence, CYCLE, readSeason } from './season.ts';

export interface SeriesNature {
  readonly cadence: Cadence;
  /**
   * `count`: whole numbers of events, whose noise is at least that of chance arrivals and grows with the level.
   * `amount`: anything else (spend, revenue, rates).
   */
  readonly nature: 'count' | 'amount';
}

/** All arrays run over the observations that are there; seasonal and later ones are on its scale. */
export interface Baseline extends SeriesNature {
  readonly scale: Scale;
  /** Index in the series of each observation. */
  readonly positions: readonly number[];
  readonly observed: readonly number[];
  readonly seasonal: readonly number[];
  readonly course: Course;
  /** Scaled observation less season and level. */
  readonly residuals: readonly number[];
  /** The same, with isolated wild values at 0: the series' own quiet history. */
  readonly quiet: readonly number[];
  readonly noise: Noise;
  /** Observations in a day's or week's cycle: the scale of what is "isolated" and of what is "lasting". */
  readonly cycle: number;
}

/** Cycles that have to be there before a course can be told from a season. */
const FEWEST_CYCLES = 3;
/** Residuals beyond this many standard deviations are wild; the test of what is an outlier comes later. */
const WILD = 4;
/** In units of variance times ln n, after the Bayesian information criterion: a step has a place and a height. */
const STEP_PENALTY = 3;
const SLOPE_PENALTY = 1;
/** Below this share of the largest value a difference may be the dust of arithmetic, squared and summed. */
const ROUNDING = 1e-7;

/**
 * Throws `too_few` below three observed cycles (21 days, 72 hours) or when more than half of the series is missing,
 * `not_finite` and, for a count that is negative or not whole, `out_of_range`.
 */
export function readBaseline(series: readonly (number | null)[], nature: SeriesNature): Baseline {
  const positions = checkedPositions(series, nature);
  const cycle = CYCLE[nature.cadence];
  const observed = positions.map((index) => series[index] ?? 0);
  const scale = chooseScale(positions, observed, nature.nature, cycle);
  const season = readSeason(
    series.map((value) => (value === null ? null : toScale(scale, value))),
    nature.cadence,
  );
  const seasonal = positions.map((index) => season.shape[index] ?? 0);
  const adjusted = observed.map((value, at) => toScale(scale, value) - (seasonal[at] ?? 0));
  const floor = scale === 'root' ? 1 : 0;
  const { calm, correlation, rough } = calmDown(adjusted, cycle, season.parameters, floor);
  const rounding = ROUNDING * Math.max(...adjusted.map(Math.abs));
  const unit = Math.max(rough.longRunSd, rounding) ** 2 * Math.log(positions.length);
  const penalties = { penalty: STEP_PENALTY * unit, slopePenalty: SLOPE_PENALTY * unit };
  const course = fitCourse(positions, calm, { ...penalties, minimumLength: cycle });
  const lessLevel = (values: readonly number[]) =>
    values.map((value, at) => {
      const rest = value - (course.level[at] ?? 0);
      return Math.abs(rest) <= rounding ? 0 : rest;
    });
  const quiet = lessLevel(calm);
  const parameters = season.parameters + 1 + course.breakpoints.length;
  const noise = measureNoise(quiet, parameters, correlation, floor);
  const residuals = lessLevel(adjusted);
  return { ...nature, scale, positions, observed, seasonal, course, residuals, quiet, noise, cycle };
}

/** The observation that a scaled value stands for on average, in the series' own unit. */
export function unscale({ scale, noise }: Baseline, scaled: number): number {
  return fromScale(scale, scaled, noise.measuredSd);
}

/** The series with wild values drawn to their running median, and its noise as far as it is known by then. */
function calmDown(adjusted: readonly number[], cycle: number, parameters: number, floor: number) {
  const slow = runningMedian(adjusted, cycle);
  const around = adjusted.map((value, index) => value - (slow[index] ?? 0));
  const correlation = serialCorrelation(adjusted);
  const rough = measureNoise(around, parameters + adjusted.length / (2 * cycle), correlation, floor);
  const calm = adjusted.map((value, index) => {
    const wild = Math.abs(around[index] ?? 0) > WILD * rough.sd;
    return wild ? (slow[index] ?? value) : value;
  });
  return { calm, correlation, rough };
}

function checkedPositions(series: readonly (number | null)[], nature: SeriesNature): number[] {
  const positions = observedPositions(series);
  const fewest = FEWEST_CYCLES * CYCLE[nature.cadence];
  if (positions.length < fewest || 2 * positions.length < series.length) {
    const have = `${positions.length} observations of ${series.length}`;
    throw new ImpossibleInput('too_few', `${have}, expected at least ${fewest} and half of the series`);
  }
  for (const index of positions) {
    const value = series[index] ?? Number.NaN;
    if (nature.nature === 'count') requireWhole(`series[${index}]`, value);
    else requireFinite(`series[${index}]`, value);
  }
  return positions;
}
