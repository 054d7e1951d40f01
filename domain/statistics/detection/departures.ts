// Finds where a series departs from its baseline: single wild observations, lasting steps, and slow drifts.
// Positions are those of the baseline's observations; alarm.ts translates them into the series' own terms.
import { type Baseline, unscale } from './baseline.ts';
import { segments } from './changepoint.ts';
import { cusumChart } from './control-chart.ts';
import { generalisedEsd } from './esd.ts';
import {
  negativeBinomialLowerTail,
  negativeBinomialUpperTail,
  poissonLowerTail,
  poissonUpperTail,
} from './spike.ts';

export interface Departure {
  readonly kind: 'spike' | 'dip' | 'step' | 'drift';
  /** First observation that departs. */
  readonly began: number;
  /** The observation with which it could be told: the most extreme one, or the first beyond a limit. */
  readonly at: number;
  /** Last observation that departs, `at` included. */
  readonly end: number;
  /** Above 0 for a rise, below 0 for a fall. */
  readonly direction: number;
  /** True when the baseline's course has already moved with it, so that it shows only against the level before. */
  readonly inCourse: boolean;
}

/** At most this share of a series can be outliers; beyond it they are the series. */
const LARGEST_OUTLIER_SHARE = 0.1;
/** A level held for less than so many cycles is a stair on the way, not a place to stay. */
const SHORT_CYCLES = 3;
/** The chart is tuned for a shift of one standard deviation: it lets half of that pass. */
const ALLOWANCE = 0.5;

/**
 * Isolated observations too far from the baseline, neighbours on one side of it joined: counts by their tail
 * probability, amounts by the generalised ESD test, either with a chance `alpha` of any in a quiet series.
 */
export function findOutliers(baseline: Baseline, alpha: number): Departure[] {
  const { residuals } = baseline;
  const outliers =
    baseline.nature === 'count' ? countOutliers(baseline, alpha) : amountOutliers(baseline, alpha);
  const joined: Departure[] = [];
  for (const at of outliers) {
    const direction = Math.sign(residuals[at] ?? 0);
    const last = joined.at(-1);
    if (last === undefined || last.end !== at - 1 || last.direction !== direction) {
      joined.push({
        kind: direction > 0 ? 'spike' : 'dip',
        began: at,
        at,
        end: at,
        direction,
        inCourse: false,
      });
    } else {
      const higher = Math.abs(residuals[at] ?? 0) > Math.abs(residuals[last.at] ?? 0);
      joined[joined.length - 1] = { ...last, at: higher ? at : last.at, end: at };
    }
  }
  return joined;
}

/** The steps of the baseline's course; several in one direction shortly after each other are one drift. */
export function findSteps({ course, positions, cycle }: Baseline): Departure[] {
  const stretches = segments(positions.length, course.breakpoints);
  const flat = stretches.map(
    ({ start }) => (course.level[start] ?? 0) - course.slope * (positions[start] ?? 0),
  );
  const steps: Departure[] = [];
  let before = 0;
  for (const [index, { start, end }] of stretches.entries()) {
    const direction = Math.sign((flat[index] ?? 0) - (flat[index - 1] ?? 0));
    const last = steps.at(-1);
    if (last !== undefined && last.direction === direction && before < SHORT_CYCLES * cycle) {
      steps[steps.length - 1] = { ...last, kind: 'drift', end: end - 1 };
    } else if (index > 0) {
      const at = Math.min(start + cycle, end) - 1;
      steps.push({ kind: 'step', began: start, at, end: end - 1, direction, inCourse: true });
    }
    before = end - start;
  }
  return steps;
}

/** Lasting departures too small or too recent for a step: excursions of a two-sided CUSUM of the quiet residuals. */
export function findDrifts({ quiet, noise }: Baseline, alpha: number): Departure[] {
  if (noise.longRunSd === 0) return [];
  const standard = quiet.map((value) => value / noise.longRunSd);
  const threshold = cusumThreshold(quiet.length, alpha);
  const chart = cusumChart(standard, { target: 0, allowance: ALLOWANCE, threshold });
  return [
    ...excursions(chart.high, threshold).map((excursion) => ({ ...excursion, direction: 1 })),
    ...excursions(chart.low, threshold).map((excursion) => ({ ...excursion, direction: -1 })),
  ].map((excursion) => ({ kind: 'drift', inCourse: false, ...excursion }));
}

/**
 * The threshold that a quiet series of this length crosses with chance `alpha`: each side's mean time to a false
 * alarm, (e^b - b - 1) / (2 k^2) with b = 2 k (h + 1.166) (Siegmund 1985, equation 2.55), is 2 length / alpha.
 */
export function cusumThreshold(length: number, alpha: number): number {
  const target = (2 * length * 2 * ALLOWANCE ** 2) / alpha;
  let b = Math.log1p(target);
  // The fixed point contracts by 1/target a round.
  for (let round = 0; round < 20; round += 1) b = Math.log(target + b + 1);
  return b / (2 * ALLOWANCE) - 1.166;
}

/** Each stretch of a one-sided sum that goes beyond the threshold, from its last zero to its peak. */
function excursions(
  sums: readonly number[],
  threshold: number,
): { began: number; at: number; end: number }[] {
  const found: { began: number; at: number; end: number }[] = [];
  let began = 0;
  let current: { began: number; at: number; end: number } | undefined;
  for (const [index, sum] of sums.entries()) {
    if (sum === 0) {
      began = index + 1;
      current = undefined;
    } else if (current !== undefined) {
      if (sum > (sums[current.end] ?? 0)) current.end = index;
    } else if (sum > threshold) {
      current = { began, at: index, end: index };
      found.push(current);
    }
  }
  return found;
}

function amountOutliers({ residuals, noise }: Baseline, alpha: number): readonly number[] {
  // Without noise anything that differs is out of the ordinary.
  if (noise.sd === 0) return [...residuals.keys()].filter((index) => residuals[index] !== 0);
  const maximumOutliers = Math.max(1, Math.floor(LARGEST_OUTLIER_SHARE * residuals.length));
  // Not the hybrid: on short series the median deviation varies so much that quiet ones alarm one time in five.
  return generalisedEsd(residuals, { maximumOutliers, alpha, hybrid: false, direction: 'both' }).outliers;
}

function countOutliers(baseline: Baseline, alpha: number): number[] {
  const { observed, seasonal, course, residuals, noise } = baseline;
  // Each of two tails of each observation gets its share of alpha.
  const limit = alpha / (2 * observed.length);
  // Half an event in the whole history stands in for an expectation of nothing.
  const least = 0.5 / observed.length;
  const excess = noise.sd ** 2 - 1;
  return [...observed.keys()].filter((at) => {
    const count = observed[at] ?? 0;
    const expected = Math.max(least, unscale(baseline, (seasonal[at] ?? 0) + (course.level[at] ?? 0)));
    const size = expected / excess;
    const high = (residuals[at] ?? 0) > 0;
    if (!(excess > 1e-6)) return (high ? poissonUpperTail : poissonLowerTail)(count, expected) < limit;
    return (high ? negativeBinomialUpperTail : negativeBinomialLowerTail)(count, expected, size) < limit;
  });
}
