// Rosner's generalised test of extreme studentised deviates: up to so many outliers in a sample without order.
// Series with a season or a trend have to lose it first (seasonal-hybrid-esd.ts).
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { MAD_TO_SD, median } from '../numerics/median.ts';
import { tQuantile } from '../numerics/special.ts';

export interface EsdOptions {
  /** The most outliers looked for, less than half of the values in practice. */
  readonly maximumOutliers: number;
  /** Chance of any outlier being found in a normal sample that has none. */
  readonly alpha: number;
  /** Median and median absolute deviation in place of mean and standard deviation (Vallis and others 2014). */
  readonly hybrid: boolean;
  readonly direction: 'both' | 'positive' | 'negative';
}

export interface EsdResult {
  /** R_1, R_2, ...: the largest deviation left, in standard deviations, as one value after another goes. */
  readonly deviations: readonly number[];
  /** lambda_1, lambda_2, ...: what each has to exceed. */
  readonly limits: readonly number[];
  /** Positions of the outliers, ascending. */
  readonly outliers: readonly number[];
}

/**
 * Rosner 1983, equations 2.4 and 2.5. All m first values removed are outliers, m being the last step at which a
 * deviation exceeds its limit: a masked outlier unmasks the ones before it. Throws `too_few` below three values.
 */
export function generalisedEsd(values: readonly number[], options: EsdOptions): EsdResult {
  checkInput(values, options);
  const left = values.map((_, index) => index);
  const removed: number[] = [];
  const deviations: number[] = [];
  const limits: number[] = [];
  let found = 0;
  for (let step = 0; step < options.maximumOutliers && left.length > 2; step += 1) {
    const extreme = mostExtreme(values, left, options);
    // No spread is left: what remains is constant, and nothing in it can stand out.
    if (extreme === undefined) break;
    const limit = criticalValue(left.length, options);
    deviations.push(extreme.deviation);
    limits.push(limit);
    removed.push(left[extreme.position] ?? 0);
    left.splice(extreme.position, 1);
    if (extreme.deviation > limit) found = removed.length;
  }
  return { deviations, limits, outliers: removed.slice(0, found).sort((a, b) => a - b) };
}

function criticalValue(remaining: number, { alpha, direction }: EsdOptions): number {
  const tail = alpha / (direction === 'both' ? 2 * remaining : remaining);
  // The quantile of the small tail itself: 1 - tail would round for long series and strict levels.
  const t = -tQuantile(tail, remaining - 2);
  return ((remaining - 1) * t) / Math.sqrt((remaining - 2 + t * t) * remaining);
}

function mostExtreme(values: readonly number[], left: readonly number[], { hybrid, direction }: EsdOptions) {
  const rest = left.map((index) => values[index] ?? Number.NaN);
  const centre = hybrid ? median(rest) : rest.reduce((sum, value) => sum + value, 0) / rest.length;
  const spread = hybrid
    ? MAD_TO_SD * median(rest.map((value) => Math.abs(value - centre)))
    : Math.sqrt(rest.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (rest.length - 1));
  if (!(spread > 0)) return undefined;
  let position = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (const [index, value] of rest.entries()) {
    const signed = value - centre;
    const size = direction === 'both' ? Math.abs(signed) : direction === 'positive' ? signed : -signed;
    if (size > largest) [position, largest] = [index, size];
  }
  return { position, deviation: largest / spread };
}

function checkInput(values: readonly number[], { maximumOutliers, alpha }: EsdOptions): void {
  if (values.length < 3) throw new ImpossibleInput('too_few', `${values.length} values, expected at least 3`);
  for (const value of values) requireFinite('value', value);
  requireBetween('alpha', alpha, 0, 1);
  if (!Number.isInteger(maximumOutliers) || maximumOutliers < 1 || maximumOutliers > values.length - 2) {
    throw new ImpossibleInput(
      'out_of_range',
      `maximumOutliers is ${maximumOutliers} of ${values.length} values`,
    );
  }
}
