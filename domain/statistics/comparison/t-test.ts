// The fixed-horizon test of one effect: p value and confidence interval from Student's t.
// It is valid for one look at a moment chosen in advance; daily looks need confidence-sequence.ts or a
// group-sequential plan.
import { requireBetween, requireFinite } from '../impossible.ts';
import { tQuantile, tSf } from '../numerics/special.ts';
import type { Effect } from './effect.ts';

/** What the test looks for: a change either way, only an increase, or only a decrease. */
export type Alternative = 'two_sided' | 'greater' | 'lesser';

export interface TTestOptions {
  /** Probability of a false alarm, between 0 and 1. */
  readonly alpha: number;
  readonly alternative: Alternative;
  /** The effect under the null hypothesis, in the effect's own unit; 0 when left out. */
  readonly nullValue?: number;
}

export interface TTestResult {
  readonly estimate: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly t: number;
  /** Valid down to the smallest double: tails are never computed as 1 - cdf. */
  readonly p: number;
  /** At confidence 1 - alpha; one bound is infinite for a one-sided alternative. */
  readonly interval: readonly [number, number];
}

/** Welch's t test of an effect (Welch 1947). */
export function tTest(effect: Effect, options: TTestOptions): TTestResult {
  const { alpha, alternative, nullValue = 0 } = options;
  requireBetween('alpha', alpha, 0, 1);
  requireFinite('nullValue', nullValue);
  const { estimate, standardError, degreesOfFreedom } = effect;
  const t = (estimate - nullValue) / standardError;
  const tail = alternative === 'two_sided' ? alpha / 2 : alpha;
  // The lower quantile is the accurate one for a small tail; the upper is its mirror image.
  const width = -tQuantile(tail, degreesOfFreedom) * standardError;
  const p = pValue(t, degreesOfFreedom, alternative);
  return { estimate, standardError, degreesOfFreedom, t, p, interval: around(estimate, width, alternative) };
}

/** The interval estimate +- width, open on the side that a one-sided alternative does not look at. */
export function around(estimate: number, width: number, alternative: Alternative): readonly [number, number] {
  return [
    alternative === 'lesser' ? Number.NEGATIVE_INFINITY : estimate - width,
    alternative === 'greater' ? Number.POSITIVE_INFINITY : estimate + width,
  ];
}

function pValue(t: number, degreesOfFreedom: number, alternative: Alternative): number {
  if (alternative === 'two_sided') return 2 * tSf(Math.abs(t), degreesOfFreedom);
  return tSf(alternative === 'greater' ? t : -t, degreesOfFreedom);
}
