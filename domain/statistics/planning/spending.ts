// Alpha spending functions: how much of the allowed false-positive rate may be used up at each fraction of
// the planned information. It must not know about boundaries, which `group-sequential.ts` derives.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { normalQuantile, normalSf } from '../numerics/special.ts';

export type SpendingFunction =
  /** Lan and DeMets 1983, close to O'Brien and Fleming's boundary: almost nothing early. */
  | { readonly kind: 'obrien_fleming' }
  /** Lan and DeMets 1983, close to Pocock's boundary: a ln(1 + (e - 1) t). */
  | { readonly kind: 'pocock' }
  /** Kim and DeMets 1987: a t^exponent. Exponent 2 is Jalon's default. */
  | { readonly kind: 'power'; readonly exponent: number }
  /** Hwang, Shih and DeCani 1990: a (1 - exp(-gamma t)) / (1 - exp(-gamma)); gamma 0 means a t. */
  | { readonly kind: 'hwang_shih_decani'; readonly gamma: number };

export interface SequentialDesign {
  /** Total false-positive rate over all looks and sides, between 0 and 1. */
  readonly alpha: number;
  /** 1: only Z above the bound rejects. 2: |Z| above it does. */
  readonly sides: 1 | 2;
  readonly spending: SpendingFunction;
}

/**
 * Alpha spent once the fraction `t` of the planned information is in: 0 at 0, `alpha` from 1 on.
 * Throws `out_of_range` for parameters without a meaning.
 */
export function alphaSpent(design: SequentialDesign, t: number): number {
  const { alpha, sides, spending } = design;
  requireBetween('alpha', alpha, 0, 1);
  requireFinite('information fraction', t);
  if (t <= 0) return 0;
  if (t >= 1) return alpha;
  switch (spending.kind) {
    case 'obrien_fleming': {
      const quantile = -normalQuantile(alpha / (2 * sides));
      return 2 * sides * normalSf(quantile / Math.sqrt(t));
    }
    case 'pocock':
      return alpha * Math.log1p((Math.E - 1) * t);
    case 'power':
      if (!(spending.exponent > 0)) {
        throw new ImpossibleInput('out_of_range', `spending exponent is ${spending.exponent}`);
      }
      return alpha * t ** spending.exponent;
    case 'hwang_shih_decani':
      requireFinite('spending gamma', spending.gamma);
      if (spending.gamma === 0) return alpha * t;
      return (alpha * Math.expm1(-spending.gamma * t)) / Math.expm1(-spending.gamma);
  }
}
