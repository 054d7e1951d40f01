// Always-valid inference by a normal mixture: intervals and p values that may be read at every look.
// GrowthBook's asymptotic confidence sequence and Johari's mSPRT are this one family; they differ only in
// the unit in which the mixture is tuned, so there is one implementation and two ways to tune it.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { lambertWLower } from '../numerics/lambert-w.ts';
import { logNormalCdf } from '../numerics/special.ts';
import type { Effect } from './effect.ts';
import { type Alternative, around } from './t-test.ts';

/**
 * How the mixture is tuned: `sampleSize` is the number of units (both arms) at which the interval should be
 * tightest, that is when the decision is expected; `effectSize` is the standard deviation of the effects
 * thought plausible, in the effect's unit (tau of the mSPRT).
 */
export type Tuning = { readonly sampleSize: number } | { readonly effectSize: number };

export interface ConfidenceSequenceOptions {
  /** Probability of ever excluding the truth, over all looks together, between 0 and 1. */
  readonly alpha: number;
  readonly alternative: Alternative;
  readonly tuning: Tuning;
  /** The effect under the null hypothesis, in the effect's unit; 0 when left out. */
  readonly nullValue?: number;
}

export interface ConfidenceSequenceResult {
  readonly estimate: number;
  readonly standardError: number;
  /** Covers the truth at all looks together with probability 1 - alpha. */
  readonly interval: readonly [number, number];
  /** Always valid; over a stream of looks the smallest one so far may be kept. */
  readonly p: number;
  /** ln of the e-value against the null: normal mixture, half-normal when one-sided. */
  readonly logE: number;
  /** Precision of the mixture per unit; null when tuned by effect size. */
  readonly rho: number | null;
}

/** One look at a confidence sequence (Waudby-Smith et al. 2021, arXiv 2103.06476, equations 9 and 161). */
export function confidenceSequence(
  effect: Effect,
  options: ConfidenceSequenceOptions,
): ConfidenceSequenceResult {
  const { alpha, alternative, tuning, nullValue = 0 } = options;
  requireBetween('alpha', alpha, 0, 1);
  requireFinite('nullValue', nullValue);
  const { estimate, standardError, n } = effect;
  const twoSided = alternative === 'two_sided';
  const rho =
    'sampleSize' in tuning ? mixturePrecision(tuning.sampleSize, twoSided ? alpha : 2 * alpha) : null;
  const ratio =
    'sampleSize' in tuning
      ? n * (rho ?? 0) ** 2
      : positive('effectSize', tuning.effectSize) ** 2 / standardError ** 2;
  const radius = twoSided ? mixtureRadius(ratio, alpha) : oneSidedRadius(ratio, alpha);
  const z = (estimate - nullValue) / standardError;
  const signed = alternative === 'lesser' ? -z : z;
  return {
    estimate,
    standardError,
    interval: around(estimate, radius * standardError, alternative),
    p: twoSided ? Math.min(1, Math.exp(-logMixture(ratio, z))) : oneSidedP(ratio, signed),
    logE: twoSided ? logMixture(ratio, z) : logHalfMixture(ratio, signed),
    rho,
  };
}

/**
 * rho for which the two-sided interval is about tightest at `sampleSize` units (the same paper, appendix
 * B.2): rho^2 = (-2 ln alpha + ln(1 - 2 ln alpha)) / sampleSize.
 */
export function mixturePrecision(sampleSize: number, alpha: number): number {
  positive('sampleSize', sampleSize);
  const doubled = -2 * Math.log(alpha);
  const squared = (doubled + Math.log1p(doubled)) / sampleSize;
  if (!(squared > 0)) throw new ImpossibleInput('out_of_range', `alpha ${alpha} is too large to tune for`);
  return Math.sqrt(squared);
}

/**
 * Half width of the two-sided interval in standard errors. `ratio` is the variance of the mixture over that
 * of the estimate: N rho^2 for a confidence sequence, tau^2 / V for the mSPRT (Johari et al. 2022).
 */
export function mixtureRadius(ratio: number, alpha: number): number {
  return Math.sqrt(((ratio + 1) / ratio) * (Math.log1p(ratio) - 2 * Math.log(alpha)));
}

/** ln of the mixture likelihood ratio at z = (estimate - null) / se; its p value is min(1, exp(-this)). */
function logMixture(ratio: number, z: number): number {
  return exponent(ratio, z) - 0.5 * Math.log1p(ratio);
}

/** Two-sided normal-mixture boundary for a sum at intrinsic time v (Howard et al. 2021, equation 14). */
export function normalMixtureBoundary(time: number, rho: number, alpha: number): number {
  requireBetween('alpha', alpha, 0, 1);
  return Math.sqrt(positive('time', time)) * mixtureRadius(time / positive('rho', rho), alpha);
}

/** The rho for which normalMixtureBoundary is exactly tightest at `time`: t / (-W_-1(-alpha^2 / e) - 1). */
export function tightestRho(time: number, alpha: number): number {
  requireBetween('alpha', alpha, 0, 1);
  return positive('time', time) / (-lambertWLower(-(alpha * alpha) / Math.E) - 1);
}

function exponent(ratio: number, z: number): number {
  return (ratio * z * z) / (2 * (ratio + 1));
}

/** The one-sided counterpart of mixtureRadius, in the closed form of the same paper's one-sided sequence. */
function oneSidedRadius(ratio: number, alpha: number): number {
  const threshold = Math.log1p(Math.sqrt(ratio + 1) / (2 * alpha));
  return Math.sqrt(((2 * (ratio + 1)) / ratio) * threshold);
}

/** The alpha at which the one-sided interval just excludes the null, rho being kept; 1 against the grain. */
function oneSidedP(ratio: number, z: number): number {
  if (z <= 0) return 1;
  const growth = exponent(ratio, z);
  // exp(-growth) / (1 - exp(-growth)) is 1 / (exp(growth) - 1) without the overflow.
  return Math.min(1, (0.5 * Math.sqrt(ratio + 1) * Math.exp(-growth)) / -Math.expm1(-growth));
}

function logHalfMixture(ratio: number, z: number): number {
  return logMixture(ratio, z) + Math.LN2 + logNormalCdf(z * Math.sqrt(ratio / (ratio + 1)));
}

function positive(name: string, value: number): number {
  requireFinite(name, value);
  if (value <= 0) throw new ImpossibleInput('out_of_range', `${name} is ${value}, expected above 0`);
  return value;
}
