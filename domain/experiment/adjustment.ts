// What a plan's adjustment takes out of one comparison: CUPED on the sums of both arms, where every unit of both has a
// covariate. Says how much variance that saved; judges nothing.
//
// Theta is estimated anew at each look, over both arms together. In the limit that is as good as a known one (Deng, Xu,
// Kohavi and Walker, WSDM 2013), and estimates adjusted so at successive looks have the independent increments that
// sequential bounds rest on (Jennison and Turnbull, JASA 1997).

import type { ArmLook } from '../experiment.ts';
import {
  type CupedEffect,
  type CupedMeanSums,
  covarianceWithControl,
  cupedMeanEffect,
} from '../statistics/comparison/cuped.ts';
import type { Effect } from '../statistics/comparison/effect.ts';

export interface Adjustment {
  readonly control: CupedMeanSums;
  readonly treatment: CupedMeanSums;
  /** Treatment minus control, adjusted. */
  readonly effect: CupedEffect;
  /** Share of the difference's variance that is gone: 1 - adjusted / unadjusted. */
  readonly varianceReduction: number;
  /** Of the adjusted difference with control's unadjusted mean. */
  readonly covarianceWithControl: number;
}

/** What a reading says of its plan's adjustment. */
export type ReadAdjustment =
  | { readonly method: 'cuped'; readonly varianceReduction: number }
  | { readonly method: 'none'; readonly why: 'missing_covariate' | 'not_a_mean' };

/**
 * The adjusted difference; null unless every unit of both arms has a covariate, for those that have one are not chosen
 * at random. A look that lacks one lacks it for good, so that a test changes its estimate once at most.
 */
export function adjustmentOf(control: ArmLook, treatment: ArmLook, plain: Effect): Adjustment | null {
  const [a, b] = [pairedSums(control), pairedSums(treatment)];
  if (a === null || b === null) return null;
  const effect = cupedMeanEffect(a, b, 'absolute');
  return {
    control: a,
    treatment: b,
    effect,
    varianceReduction: 1 - (effect.standardError / plain.standardError) ** 2,
    covarianceWithControl: covarianceWithControl(a, effect.theta),
  };
}

/** The adjusted difference over control's unadjusted mean, as the published engine has it. */
export function adjustedLift({ control, treatment }: Adjustment): CupedEffect {
  return cupedMeanEffect(control, treatment, 'relative');
}

function pairedSums({ n, sum, sumSquares, covariate }: ArmLook): CupedMeanSums | null {
  if (sumSquares === null || covariate === undefined || covariate.n !== n) return null;
  const { sumOfProducts } = covariate;
  return { kind: 'mean', n, post: { sum, sumSquares }, pre: covariate, sumOfProducts };
}
