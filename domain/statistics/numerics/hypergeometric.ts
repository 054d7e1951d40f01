// Gauss's hypergeometric function where the customer-lifetime models need it: positive parameters and z in
// [0, 1). Every term has one sign there, so nothing cancels, and logarithms keep large orders in range.
// The general function over the whole plane belongs to special.ts.
import { ImpossibleInput } from '../impossible.ts';

const MAXIMUM_STEPS = 2_000_000;
const RESCALE_ABOVE = 1e200;

/**
 * ln 2F1(a, b; c; z) for a, b, c > 0 and 0 <= z < 1, by the defining series (DLMF 15.2.1). The running sum is
 * rescaled, because with a hundred purchases the function itself exceeds the largest double.
 * Throws `no_convergence` when z is so close to 1 that two million terms do not suffice.
 */
export function logHypergeometric(a: number, b: number, c: number, z: number): number {
  let logScale = 0;
  let term = 1;
  let sum = 1;
  for (let n = 0; n < MAXIMUM_STEPS; n += 1) {
    const ratio = (((a + n) / (c + n)) * (b + n) * z) / (n + 1);
    term *= ratio;
    sum += term;
    // Past the peak the ratio only falls towards z, so the rest is at most term * ratio / (1 - ratio).
    const steepest = Math.max(ratio, z);
    if (steepest < 1 && term * steepest < sum * 1e-17 * (1 - steepest)) return logScale + Math.log(sum);
    if (sum > RESCALE_ABOVE) {
      logScale += Math.log(sum);
      term /= sum;
      sum = 1;
    }
  }
  throw new ImpossibleInput('no_convergence', `2F1(${a}, ${b}; ${c}; ${z}) did not settle`);
}

/**
 * 2F1(1, b; c; z) for b > 0, c > b - 1 and 0 <= z < 1, by Gauss's continued fraction (DLMF 15.7.5 with one
 * upper parameter at zero), which converges near z = 1 in far fewer steps than the series.
 */
export function unitHypergeometric(b: number, c: number, z: number): number {
  const lower = c - 1;
  let denominator = 0;
  let numerator = 1;
  let value = 1;
  for (let n = 1; n < MAXIMUM_STEPS; n += 1) {
    const coefficient = -z * fractionCoefficient(b, lower, n);
    // Modified Lentz: all partial denominators stay positive for these parameters, so no guard is needed.
    denominator = 1 / (1 + coefficient * denominator);
    numerator = 1 + coefficient / numerator;
    const change = numerator * denominator;
    value *= change;
    if (Math.abs(change - 1) < 2.5e-16) return 1 / value;
  }
  throw new ImpossibleInput('no_convergence', `2F1(1, ${b}; ${c}; ${z}) did not settle`);
}

function fractionCoefficient(b: number, lower: number, step: number): number {
  const half = step >> 1;
  const scale = (lower + step - 1) * (lower + step);
  return step % 2 === 1 ? ((b + half) * (lower + half)) / scale : (half * (lower - b + half)) / scale;
}
