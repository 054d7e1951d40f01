// Tail probabilities of one count against what was expected: is today's number too high to be noise?
// Three notions of noise, from the strictest to the most forgiving; the choice and the alarm belong to alarm.ts.
import { ImpossibleInput } from '../impossible.ts';
import { requireNonNegative, requirePositive, requireWhole } from '../numerics/range.ts';
import { betaCdf, betaSf, gammaP, gammaQ } from '../numerics/special.ts';

/** The shape of Jeffreys' prior of a Poisson mean, and a rate small enough to add no pseudo-period. */
const PRIOR_SHAPE = 0.5;
const PRIOR_RATE = 1e-9;

/** P(X >= observed) for a Poisson count of mean `expected`, as the lower incomplete gamma P(observed, mean). */
export function poissonUpperTail(observed: number, expected: number): number {
  requireWhole('observed', observed);
  requirePositive('expected', expected);
  return observed === 0 ? 1 : gammaP(observed, expected);
}

/**
 * P(X >= observed) for a negative binomial count of mean `expected` and variance expected + expected^2 / size:
 * a Poisson whose mean itself varies. Small sizes are wild, large ones approach the Poisson.
 */
export function negativeBinomialUpperTail(observed: number, expected: number, size: number): number {
  requireWhole('observed', observed);
  requirePositive('expected', expected);
  requirePositive('size', size);
  return observed === 0 ? 1 : betaCdf(expected / (size + expected), observed, size);
}

/** P(X <= observed) for a Poisson count: the other tail, for numbers that are too low. */
export function poissonLowerTail(observed: number, expected: number): number {
  requireWhole('observed', observed);
  requirePositive('expected', expected);
  return gammaQ(observed + 1, expected);
}

/** P(X <= observed) for a negative binomial count. */
export function negativeBinomialLowerTail(observed: number, expected: number, size: number): number {
  requireWhole('observed', observed);
  requirePositive('expected', expected);
  requirePositive('size', size);
  return betaSf(expected / (size + expected), observed + 1, size);
}

/**
 * P(X >= observed) for the next count, given past ones and not their mean: the predictive distribution of a
 * gamma-Poisson model under Jeffreys' prior, so that a short history widens the tail. Throws `no_data` on an
 * empty history.
 */
export function gammaPoissonUpperTail(observed: number, history: readonly number[]): number {
  requireWhole('observed', observed);
  if (history.length === 0) throw new ImpossibleInput('no_data', 'no past count to predict from');
  let total = 0;
  for (const count of history) {
    requireWhole('history', count);
    total += count;
  }
  if (observed === 0) return 1;
  return betaCdf(1 / (history.length + 1 + PRIOR_RATE), observed, PRIOR_SHAPE + total);
}

/** Anscombe's transform (1948): turns a Poisson count into a value of standard deviation close to 1. */
export function anscombe(count: number): number {
  return 2 * Math.sqrt(count + 3 / 8);
}

/** Distance between a count and its expectation in standard deviations of a Poisson, on Anscombe's scale. */
export function anscombeDistance(observed: number, expected: number): number {
  requireWhole('observed', observed);
  requireNonNegative('expected', expected);
  return anscombe(observed) - anscombe(expected);
}
