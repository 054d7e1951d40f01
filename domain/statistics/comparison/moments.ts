// Turns the sums that a warehouse can compute for one arm into the moments that every comparison needs.
// It refuses sums that no data could give; it compares nothing.
import { ImpossibleInput, requireFinite } from '../impossible.ts';

/** Sum and sum of squares of a metric over the units of an arm. */
export interface Sums {
  readonly sum: number;
  readonly sumSquares: number;
}

/** A metric averaged over units, for example revenue per visitor. */
export interface MeanSums extends Sums {
  readonly n: number;
}

/** A yes-or-no metric, for example converted or not. */
export interface ProportionSums {
  readonly n: number;
  readonly successes: number;
}

/** A ratio of two totals whose unit is finer than the unit of randomisation, for example orders per session. */
export interface RatioSums {
  readonly n: number;
  readonly numerator: Sums;
  readonly denominator: Sums;
  readonly sumOfProducts: number;
}

/** Of one arm: number of units, the metric's mean, and its variance per unit (not of the mean). */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/** Sums of squares may miss the square of the sum by rounding alone; below this share it is not rounding. */
const CONTRADICTION = 1e-9;
/** A variance below this share of the mean square is what rounding leaves of identical values. */
const ROUNDING = 2e-15;

/** Mean and unbiased sample variance (divisor n - 1). Needs two units. */
export function meanMoments(sums: MeanSums): Moments {
  requireUnits(sums.n, 2);
  const variance = centredSquares('sumSquares', sums.n, sums) / (sums.n - 1);
  return { n: sums.n, mean: sums.sum / sums.n, variance };
}

/** Share of successes p and its variance p(1 - p), the binomial one without a correction. */
export function proportionMoments({ n, successes }: ProportionSums): Moments {
  requireUnits(n, 2);
  requireFinite('successes', successes);
  if (successes < 0 || successes > n) {
    throw new ImpossibleInput('contradictory_sums', `${successes} successes among ${n} units`);
  }
  const share = successes / n;
  return { n, mean: share, variance: share * (1 - share) };
}

/**
 * Ratio R = sum m / sum d and, by the delta method (Deng, Knoblich and Lu 2018, section 3), the variance of
 * one unit's linearised value (m - R d) / mean d. Needs two units and a denominator that is not zero.
 */
export function ratioMoments(sums: RatioSums): Moments {
  const { n, numerator, denominator } = sums;
  requireUnits(n, 2);
  const numeratorVariance = centredSquares('numerator', n, numerator) / (n - 1);
  const denominatorVariance = centredSquares('denominator', n, denominator) / (n - 1);
  const covariance = sampleCovariance(n, numerator.sum, denominator.sum, sums.sumOfProducts);
  requireCauchySchwarz(covariance, numeratorVariance, denominatorVariance);
  const ratio = quotient(numerator.sum, denominator.sum);
  const perUnit = denominator.sum / n;
  const spread = numeratorVariance - 2 * ratio * covariance + ratio * ratio * denominatorVariance;
  return { n, mean: ratio, variance: Math.max(0, spread) / (perUnit * perUnit) };
}

/** The sums of two groups of units together. */
export function addSums(a: Sums, b: Sums): Sums {
  return { sum: a.sum + b.sum, sumSquares: a.sumSquares + b.sumSquares };
}

/** Sum of (x - mean)^2 from the sums; exactly 0 when only rounding is left. */
export function centredSquares(name: string, n: number, { sum, sumSquares }: Sums): number {
  requireFinite(`${name} (sum)`, sum);
  requireFinite(`${name} (sum of squares)`, sumSquares);
  const centred = sumSquares - (sum * sum) / n;
  if (centred < -CONTRADICTION * Math.abs(sumSquares) || sumSquares < 0) {
    const detail = `${name}: the sum of squares ${sumSquares} is below ${sum} squared over ${n}`;
    throw new ImpossibleInput('contradictory_sums', detail);
  }
  return centred <= ROUNDING * sumSquares ? 0 : centred;
}

/** Unbiased covariance of two metrics of the same units, from their sums and the sum of their products. */
export function sampleCovariance(n: number, sumX: number, sumY: number, sumOfProducts: number): number {
  requireFinite('sumOfProducts', sumOfProducts);
  return (sumOfProducts - (sumX * sumY) / n) / (n - 1);
}

/** Refuses a covariance larger than two variances allow, beyond rounding. */
export function requireCauchySchwarz(covariance: number, varianceX: number, varianceY: number): void {
  const limit = varianceX * varianceY;
  if (covariance * covariance > limit * (1 + 1e-6) && Math.abs(covariance) > 1e-9 * (varianceX + varianceY)) {
    const detail = `a covariance of ${covariance} between variances of ${varianceX} and ${varianceY}`;
    throw new ImpossibleInput('contradictory_sums', detail);
  }
}

/** Refuses fewer than `least` units, telling no unit at all from too few. */
export function requireUnits(n: number, least: number): void {
  requireFinite('n', n);
  if (n < 0) throw new ImpossibleInput('out_of_range', `n is ${n}`);
  if (n === 0) throw new ImpossibleInput('no_data', 'n is 0');
  if (n < least) throw new ImpossibleInput('too_few', `n is ${n}, at least ${least} are needed`);
}

/** A ratio of totals; a denominator of zero means that there was nothing to count. */
export function quotient(numerator: number, denominator: number): number {
  if (denominator === 0) throw new ImpossibleInput('no_data', 'the denominator of the ratio sums to 0');
  return numerator / denominator;
}
