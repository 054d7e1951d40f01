// STL: splits an evenly spaced series into season, trend and remainder by repeated local regression (Cleveland,
// Cleveland, McRae and Terpenning 1990). It must not be given gaps: gaps.ts fills them.
import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { median } from '../numerics/median.ts';
import { requireWhole } from '../numerics/range.ts';
import { fitLoess, smoothLoess } from './loess.ts';

export interface StlOptions {
  /** Observations in a season: 7 for days of the week, 24 for hours of the day. */
  readonly period: number;
  /** Seasons over which the seasonal shape may change, odd and at least 7 (the paper's n_s). */
  readonly seasonalWindow: number;
  /** Down-weights outliers, so that they end in the remainder and not in the season. */
  readonly robust: boolean;
}

export interface Decomposition {
  readonly seasonal: readonly number[];
  readonly trend: readonly number[];
  readonly remainder: readonly number[];
}

/** What is fixed for the whole run. */
interface Plan extends StlOptions {
  readonly values: Float64Array;
  readonly trendWindow: number;
  readonly lowPassWindow: number;
}

/**
 * Decomposes a series of at least two whole periods. Passes and windows are the paper's recommendations: robust
 * 15 outer passes of 2, otherwise one of 5; trend window the next odd number >= 1.5 period / (1 - 1.5 / n_s).
 */
export function decompose(values: readonly number[], options: StlOptions): Decomposition {
  const plan = checkedPlan(values, options);
  const length = values.length;
  let seasonal: Float64Array = new Float64Array(length);
  let trend: Float64Array = new Float64Array(length);
  let robustness: Float64Array | undefined;
  const outerPasses = options.robust ? 15 : 0;
  for (let outer = 0; outer <= outerPasses; outer += 1) {
    if (outer > 0) robustness = robustnessWeights(plan.values, seasonal, trend);
    for (let inner = 0; inner < (options.robust ? 2 : 5); inner += 1) {
      seasonal = seasonalPass(plan, trend, robustness);
      trend = smoothLoess(subtract(plan.values, seasonal), { window: plan.trendWindow, robustness });
    }
  }
  const remainder = values.map((value, index) => value - (seasonal[index] ?? 0) - (trend[index] ?? 0));
  return { seasonal: [...seasonal], trend: [...trend], remainder };
}

/** Steps 1 to 4 of the inner loop: smooth each cycle-subseries, then take out what is slower than a season. */
function seasonalPass(plan: Plan, trend: Float64Array, robustness: Float64Array | undefined): Float64Array {
  const cycles = smoothCycles(plan, subtract(plan.values, trend), robustness);
  const { period, lowPassWindow } = plan;
  const averaged = movingAverage(movingAverage(movingAverage(cycles, period), period), 3);
  const slow = smoothLoess(averaged, { window: lowPassWindow, robustness: undefined });
  return slow.map((level, index) => (cycles[index + period] ?? 0) - level);
}

/** Each cycle-subseries smoothed, and carried one season beyond either end of the series. */
function smoothCycles(
  plan: Plan,
  detrended: Float64Array,
  robustness: Float64Array | undefined,
): Float64Array {
  const { period, seasonalWindow: window } = plan;
  const cycles = new Float64Array(detrended.length + 2 * period);
  for (let phase = 0; phase < period; phase += 1) {
    const values = everyNth(detrended, phase, period);
    const options = { window, robustness: robustness && everyNth(robustness, phase, period) };
    const smooth = smoothLoess(values, options);
    const before = fitLoess(values, -1, options) ?? smooth[0] ?? 0;
    const after = fitLoess(values, values.length, options) ?? smooth.at(-1) ?? 0;
    for (const [season, value] of [before, ...smooth, after].entries())
      cycles[phase + season * period] = value;
  }
  return cycles;
}

function everyNth(values: Float64Array, first: number, step: number): Float64Array {
  return Float64Array.from(
    { length: Math.ceil((values.length - first) / step) },
    (_, n) => values[first + n * step] ?? 0,
  );
}

/** Means of `width` neighbours: one value fewer for each neighbour beyond the first. */
function movingAverage(values: Float64Array, width: number): Float64Array {
  const means = new Float64Array(values.length - width + 1);
  let sum = 0;
  for (const [index, value] of values.entries()) {
    sum += value;
    if (index >= width) sum -= values[index - width] ?? 0;
    if (index >= width - 1) means[index - width + 1] = sum / width;
  }
  return means;
}

/** Bisquare weights of the remainder, 0 beyond six median absolute deviations (section 2.4). */
function robustnessWeights(values: Float64Array, seasonal: Float64Array, trend: Float64Array): Float64Array {
  const sizes = values.map((value, index) => Math.abs(value - (seasonal[index] ?? 0) - (trend[index] ?? 0)));
  const limit = 6 * median([...sizes]);
  return sizes.map((size) => {
    if (size <= 0.001 * limit) return 1;
    return size > 0.999 * limit ? 0 : (1 - (size / limit) ** 2) ** 2;
  });
}

function subtract(values: Float64Array, other: Float64Array): Float64Array {
  return values.map((value, index) => value - (other[index] ?? 0));
}

function checkedPlan(values: readonly number[], options: StlOptions): Plan {
  const { period, seasonalWindow } = options;
  requireWhole('period', period, 2);
  if (!Number.isInteger(seasonalWindow) || seasonalWindow < 7 || seasonalWindow % 2 === 0) {
    throw new ImpossibleInput('out_of_range', `seasonalWindow is ${seasonalWindow}, expected odd, from 7`);
  }
  if (values.length < 2 * period) {
    throw new ImpossibleInput('too_few', `${values.length} values, expected two periods of ${period}`);
  }
  for (const value of values) requireFinite('value', value);
  const trendWindow = oddFrom(Math.ceil((1.5 * period) / (1 - 1.5 / seasonalWindow)));
  return { ...options, values: Float64Array.from(values), trendWindow, lowPassWindow: oddFrom(period + 1) };
}

function oddFrom(value: number): number {
  return value % 2 === 0 ? value + 1 : value;
}
