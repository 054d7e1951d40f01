// Post-stratification together with CUPED: within each stratum a regression on the arm and the covariate.
// It gives an Effect like the others; the strata's combination is in strata.ts.
import { ImpossibleInput } from '../impossible.ts';
import { type CupedEffect, type CupedMeanSums, cupedMeanEffect, poolCupedSums } from './cuped.ts';
import type { Difference } from './effect.ts';
import { addSums, centredSquares } from './moments.ts';
import { combined, gradientOf, mergeThin, type Stratum } from './strata.ts';

/**
 * Post-stratified effect with a pre-period covariate: within each stratum a regression of the metric on the
 * arm and the covariate with one slope. One stratum is plain CUPED. Theta is the pooled coefficient, as in
 * cuped.ts, and shares of 0 and 1 are taken as plain means.
 */
export function stratifiedCupedEffect(
  strata: readonly Stratum<CupedMeanSums>[],
  difference: Difference,
): CupedEffect {
  const merged = mergeThin(strata, poolCupedSums);
  const { control: allControl, treatment: allTreatment } = merged.total;
  if (merged.strata.length === 1) return cupedMeanEffect(allControl, allTreatment, difference);
  const plain = cupedMeanEffect(asMean(allControl), asMean(allTreatment), difference);
  const fits = merged.strata.map(fitStratum);
  const n = fits.reduce((total, fit) => total + fit.n, 0);
  const control = fits.reduce((sum, fit) => sum + fit.n * fit.control, 0) / n;
  const effect = fits.reduce((sum, fit) => sum + fit.n * fit.effect, 0) / n;
  const { estimate, onControl, onTreatment } = gradientOf(control, control + effect, difference);
  // The regression is written in (control, effect), of which the treatment is the sum.
  const onLevel = onControl + onTreatment;
  const contributions = fits.map((fit) => ({
    n: fit.n,
    variance:
      onLevel * onLevel * fit.controlVariance +
      2 * onLevel * onTreatment * fit.covariance +
      onTreatment * onTreatment * fit.effectVariance,
    score: onLevel * fit.control + onTreatment * fit.effect,
  }));
  return { ...plain, ...combined(contributions, estimate), baseline: control };
}

interface StratumFit {
  readonly n: number;
  /** The control's mean at the stratum's average covariate, and the effect; variances per unit. */
  readonly control: number;
  readonly effect: number;
  readonly controlVariance: number;
  readonly effectVariance: number;
  readonly covariance: number;
}

/** Least squares of post on (1, treated, pre) within a stratum, from centred sums instead of a matrix. */
function fitStratum({ control, treatment }: Stratum<CupedMeanSums>): StratumFit {
  const a = asMean(control);
  const b = asMean(treatment);
  const n = a.n + b.n;
  if (n < 4) throw new ImpossibleInput('too_few', `a stratum of ${n} units cannot be regressed`);
  const cross = (arm: PlainSums) => arm.sumOfProducts - (arm.post.sum * arm.pre.sum) / arm.n;
  const xx = centredSquares('pre', a.n, a.pre) + centredSquares('pre', b.n, b.pre);
  const xy = cross(a) + cross(b);
  const yy = centredSquares('post', a.n, a.post) + centredSquares('post', b.n, b.post);
  const slope = xx > 0 ? xy / xx : 0;
  const residual = Math.max(0, yy - slope * xy) / (n - 3);
  const both = addSums(a.pre, b.pre);
  const shift = a.pre.sum / a.n - both.sum / n;
  const gap = b.pre.sum / b.n - a.pre.sum / a.n;
  const slopeVariance = xx > 0 ? residual / xx : 0;
  const preVariance = centredSquares('pre', n, both) / (n - 1);
  return {
    n,
    control: a.post.sum / a.n - slope * shift,
    effect: b.post.sum / b.n - a.post.sum / a.n - slope * gap,
    controlVariance:
      n * (residual / a.n + shift * shift * slopeVariance) + preVariance * (slope * slope + slopeVariance),
    effectVariance: n * (residual / a.n + residual / b.n + gap * gap * slopeVariance),
    covariance: n * (shift * gap * slopeVariance - residual / a.n),
  };
}

type PlainSums = Extract<CupedMeanSums, { readonly kind: 'mean' }>;

function asMean(arm: CupedMeanSums): PlainSums {
  if (arm.kind === 'mean') return arm;
  return {
    kind: 'mean',
    n: arm.n,
    post: { sum: arm.postSuccesses, sumSquares: arm.postSuccesses },
    pre: { sum: arm.preSuccesses, sumSquares: arm.preSuccesses },
    sumOfProducts: arm.bothSuccesses,
  };
}
