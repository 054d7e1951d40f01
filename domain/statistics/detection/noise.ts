// How noisy a series is around its own slow course: the size of one observation's noise, and how far it carries
// over to the next. Wild values are clipped throughout, because it is measured before outliers are known.
import { median, robustSd } from '../numerics/median.ts';

export interface Noise {
  /** Standard deviation of one observation, not below what the nature of the data allows. */
  readonly sd: number;
  /** The same as it was measured, which rare events can bring below that. */
  readonly measuredSd: number;
  /**
   * Standard deviation with which a mean of many observations behaves: above `sd` when noise carries over from one
   * observation to the next, because n correlated values say less than n independent ones.
   */
  readonly longRunSd: number;
}

/** Beyond this a series wanders rather than returns to a level, and no change of level can be told. */
const STRONGEST_CORRELATION = 0.9;
/** Values count up to so many standard deviations. */
const CLIP = 4;

/** The median of each value and its neighbours, `halfWindow` to either side and fewer at the ends. */
export function runningMedian(values: readonly number[], halfWindow: number): number[] {
  return values.map((_, index) =>
    median(values.slice(Math.max(0, index - halfWindow), index + halfWindow + 1)),
  );
}

/**
 * Noise of `residuals` around a course of so many fitted `parameters`. `floor` is the least standard deviation that
 * the nature of the data allows, `correlation` is what `serialCorrelation` found.
 */
export function measureNoise(
  residuals: readonly number[],
  parameters: number,
  correlation: number,
  floor: number,
): Noise {
  const freedom = Math.max(1, residuals.length - parameters);
  const measuredSd = clippedSd(residuals) * Math.sqrt(residuals.length / freedom);
  const sd = Math.max(floor, measuredSd);
  return { sd, measuredSd, longRunSd: sd * Math.sqrt((1 + correlation) / (1 - correlation)) };
}

/**
 * Correlation of neighbouring observations under first-order autoregression, 0 to 0.9. It comes from differences
 * over one and over two observations, whose variances stand as 1 to 1 + correlation: a step or a trend, which would
 * pass for strong correlation otherwise, hardly touches them.
 */
export function serialCorrelation(values: readonly number[]): number {
  const near = clippedSd(differences(values, 1));
  const far = clippedSd(differences(values, 2));
  return near === 0 ? 0 : Math.min(Math.max((far / near) ** 2 - 1, 0), STRONGEST_CORRELATION);
}

function differences(values: readonly number[], lag: number): number[] {
  return values.slice(lag).map((value, index) => value - (values[index] ?? 0));
}

/** Root mean square of values around 0, each clipped at four robust standard deviations. */
export function clippedSd(values: readonly number[]): number {
  const robust = robustSd(values, 0);
  // When more than half of the values are 0 the median sees no spread, but the mean still does.
  const limit = CLIP * (robust > 0 ? robust : Math.sqrt(Math.PI / 2) * mean(values.map(Math.abs)));
  return Math.sqrt(mean(values.map((value) => Math.min(Math.abs(value), limit) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
