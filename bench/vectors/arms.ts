// Reads an arm of a reference case (a mean, a proportion, a ratio, a quantile, or one of these with its
// pre-period) into the input that the estimators take, and makes the Effect of a case from its two arms.
import {
  type CupedEffect,
  type CupedMeanSums,
  type CupedRatioSums,
  cupedMeanEffect,
  cupedRatioEffect,
} from '../../domain/statistics/comparison/cuped.ts';
import { type Difference, type Effect, effectOf } from '../../domain/statistics/comparison/effect.ts';
import {
  type MeanSums,
  type Moments,
  meanMoments,
  type ProportionSums,
  proportionMoments,
  type RatioSums,
  ratioMoments,
  type Sums,
} from '../../domain/statistics/comparison/moments.ts';
import {
  stratifiedMeanEffect,
  stratifiedProportionEffect,
  stratifiedRatioEffect,
} from '../../domain/statistics/comparison/post-stratification.ts';
import { quantileMoments } from '../../domain/statistics/comparison/quantile.ts';

import type { Stratum } from '../../domain/statistics/comparison/strata.ts';
import { stratifiedCupedEffect } from '../../domain/statistics/comparison/stratified-cuped.ts';

interface SumsArm {
  readonly type: 'mean' | 'proportion';
  readonly n: number;
  readonly sum: number;
  readonly sum_squares?: number;
}

interface RatioArm {
  readonly type: 'ratio';
  readonly n: number;
  readonly m: SumsArm;
  readonly d: SumsArm;
  readonly m_d_sum_of_products: number;
}

interface QuantileArm {
  readonly type: 'quantile' | 'qcluster';
  readonly n: number;
  readonly n_star: number;
  readonly nu: number;
  readonly quantile_hat: number;
  readonly quantile_lower: number;
  readonly quantile_upper: number;
  readonly main_sum: number;
  readonly main_sum_squares: number;
  readonly denominator_sum: number;
  readonly denominator_sum_squares: number;
  readonly main_denominator_sum_product: number;
  readonly n_clusters: number;
}

interface AdjustedArm {
  readonly type: 'ra';
  readonly n: number;
  readonly post: SumsArm;
  readonly pre: SumsArm;
  readonly post_pre_sum_of_products: number;
}

type RatioPart = 'm_post' | 'd_post' | 'm_pre' | 'd_pre';
type RatioProduct =
  | 'm_post_d_post'
  | 'm_post_m_pre'
  | 'm_post_d_pre'
  | 'm_pre_d_post'
  | 'd_post_d_pre'
  | 'm_pre_d_pre';

type AdjustedRatioArm = { readonly type: 'ra_ratio'; readonly n: number } & Readonly<
  Record<RatioPart, SumsArm> & Record<RatioProduct, number>
>;

export type Arm = SumsArm | RatioArm | QuantileArm | AdjustedArm | AdjustedRatioArm;

export interface ArmsInput {
  readonly a: Arm;
  readonly b: Arm;
  readonly difference: Difference;
}

/** The effect of arm b against arm a; with `theta` when the arms have a pre-period. */
export function effectOfArms({ a, b, difference }: ArmsInput): Effect | CupedEffect {
  if (a.type === 'ra' && b.type === 'ra') return cupedMeanEffect(adjusted(a), adjusted(b), difference);
  if (a.type === 'ra_ratio' && b.type === 'ra_ratio') {
    return cupedRatioEffect(adjustedRatio(a), adjustedRatio(b), difference);
  }
  return effectOf(momentsOf(a), momentsOf(b), difference);
}

/** The post-stratified effect over pairs of arms, all of one type. */
export function effectOfStrata(
  strata: readonly (readonly [Arm, Arm])[],
  difference: Difference,
): Effect | CupedEffect {
  const means: Stratum<MeanSums>[] = [];
  const proportions: Stratum<ProportionSums>[] = [];
  const ratios: Stratum<RatioSums>[] = [];
  const pairs: Stratum<CupedMeanSums>[] = [];
  for (const [a, b] of strata) {
    if (a.type === 'mean' && b.type === 'mean') {
      means.push({ control: meanSums(a), treatment: meanSums(b) });
    } else if (a.type === 'proportion' && b.type === 'proportion') {
      const count = ({ n, sum }: SumsArm) => ({ n, successes: sum });
      proportions.push({ control: count(a), treatment: count(b) });
    } else if (a.type === 'ratio' && b.type === 'ratio') {
      ratios.push({ control: ratioSums(a), treatment: ratioSums(b) });
    } else if (a.type === 'ra' && b.type === 'ra') {
      pairs.push({ control: adjusted(a), treatment: adjusted(b) });
    } else {
      throw new Error(`no stratified estimator for arms of type ${a.type} and ${b.type}`);
    }
  }
  if (means.length === strata.length) return stratifiedMeanEffect(means, difference);
  if (proportions.length === strata.length) return stratifiedProportionEffect(proportions, difference);
  if (ratios.length === strata.length) return stratifiedRatioEffect(ratios, difference);
  return stratifiedCupedEffect(pairs, difference);
}

function momentsOf(arm: Arm): Moments {
  const { n } = arm;
  switch (arm.type) {
    case 'mean':
      return meanMoments(meanSums(arm));
    case 'proportion':
      return proportionMoments({ n, successes: arm.sum });
    case 'ratio':
      return ratioMoments(ratioSums(arm));
    case 'quantile':
    case 'qcluster':
      return quantileMoments({
        n,
        sampled: arm.n_star,
        level: arm.nu,
        estimate: arm.quantile_hat,
        lower: arm.quantile_lower,
        upper: arm.quantile_upper,
        ...(arm.type === 'qcluster' ? { clusters: clusters(arm) } : {}),
      });
    default:
      throw new Error(`an arm of type ${arm.type} has no moments of its own`);
  }
}

function clusters(arm: QuantileArm) {
  return {
    n: arm.n_clusters,
    numerator: { sum: arm.main_sum, sumSquares: arm.main_sum_squares },
    denominator: { sum: arm.denominator_sum, sumSquares: arm.denominator_sum_squares },
    sumOfProducts: arm.main_denominator_sum_product,
  };
}

function adjusted(arm: AdjustedArm): CupedMeanSums {
  const { n, post, pre } = arm;
  const sumOfProducts = arm.post_pre_sum_of_products;
  if (post.type === 'mean') return { kind: 'mean', n, post: sums(post), pre: sums(pre), sumOfProducts };
  return {
    kind: 'proportion',
    n,
    postSuccesses: post.sum,
    preSuccesses: pre.sum,
    bothSuccesses: sumOfProducts,
  };
}

function adjustedRatio(arm: AdjustedRatioArm): CupedRatioSums {
  return {
    n: arm.n,
    postNumerator: sums(arm.m_post),
    postDenominator: sums(arm.d_post),
    preNumerator: sums(arm.m_pre),
    preDenominator: sums(arm.d_pre),
    products: {
      postNumeratorPostDenominator: arm.m_post_d_post,
      postNumeratorPreNumerator: arm.m_post_m_pre,
      postNumeratorPreDenominator: arm.m_post_d_pre,
      postDenominatorPreNumerator: arm.m_pre_d_post,
      postDenominatorPreDenominator: arm.d_post_d_pre,
      preNumeratorPreDenominator: arm.m_pre_d_pre,
    },
  };
}

function meanSums(arm: SumsArm): MeanSums {
  return { n: arm.n, ...sums(arm) };
}

function ratioSums(arm: RatioArm): RatioSums {
  const sumOfProducts = arm.m_d_sum_of_products;
  return { n: arm.n, numerator: sums(arm.m), denominator: sums(arm.d), sumOfProducts };
}

/** A yes-or-no value is its own square. */
function sums(arm: SumsArm): Sums {
  return { sum: arm.sum, sumSquares: arm.sum_squares ?? arm.sum };
}
