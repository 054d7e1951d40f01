// CUPED: less variance for the same effect, by subtracting what a pre-period covariate already explains.
// It gives an Effect like any other; how to judge it is left to the tests.
import { ImpossibleInput } from '../impossible.ts';
import {
  type Difference,
  type Effect,
  effectOf,
  relativeScale,
  varianceOfMean,
  welchDegrees,
} from './effect.ts';
import {
  addSums,
  centredSquares,
  type Moments,
  proportionMoments,
  quotient,
  requireCauchySchwarz,
  requireUnits,
  type Sums,
  sampleCovariance,
} from './moments.ts';

/** One arm's metric during the experiment (post) and before it (pre), over the same units. */
export type CupedMeanSums =
  | {
      readonly kind: 'mean';
      readonly n: number;
      readonly post: Sums;
      readonly pre: Sums;
      readonly sumOfProducts: number;
    }
  | {
      readonly kind: 'proportion';
      readonly n: number;
      readonly postSuccesses: number;
      readonly preSuccesses: number;
      /** Units with a success in both periods. */
      readonly bothSuccesses: number;
    };

/** One arm's ratio metric: four totals and the six sums of products between them. */
export interface CupedRatioSums {
  readonly n: number;
  readonly postNumerator: Sums;
  readonly postDenominator: Sums;
  readonly preNumerator: Sums;
  readonly preDenominator: Sums;
  readonly products: {
    readonly postNumeratorPostDenominator: number;
    readonly postNumeratorPreNumerator: number;
    readonly postNumeratorPreDenominator: number;
    readonly postDenominatorPreNumerator: number;
    readonly postDenominatorPreDenominator: number;
    readonly preNumeratorPreDenominator: number;
  };
}

/** An effect after adjustment, with the regression coefficient on the covariate that was subtracted. */
export interface CupedEffect extends Effect {
  readonly theta: number;
}

interface Paired {
  readonly post: Moments;
  readonly pre: Moments;
  readonly covariance: number;
}

/**
 * CUPED for a mean or a proportion (Deng, Xu, Kohavi and Walker 2013, equation 5): theta is the regression
 * coefficient over both arms together. A covariate without variance gives theta 0, that is the plain effect.
 */
export function cupedMeanEffect(
  control: CupedMeanSums,
  treatment: CupedMeanSums,
  difference: Difference,
): CupedEffect {
  const pooled = pairedMean(poolCupedSums(control, treatment));
  const theta = pooled.pre.variance > 0 ? pooled.covariance / pooled.pre.variance : 0;
  const a = pairedMean(control);
  const b = pairedMean(treatment);
  return adjustedEffect(a, b, theta, difference, b.post.mean / a.post.mean);
}

/**
 * Covariance of the adjusted difference with the control's unadjusted mean, by which a relative effect is divided. With
 * theta 0 it is the plain difference's: minus the variance of that mean.
 */
export function covarianceWithControl(control: CupedMeanSums, theta: number): number {
  const { post, covariance } = pairedMean(control);
  return (theta * covariance - post.variance) / control.n;
}

/**
 * CUPED for a ratio: the same on the units' linearised values (m - R d) / mean d of both periods, each arm
 * with its own R. Theta weighs the two arms' covariances equally, as the reference engine does.
 */
export function cupedRatioEffect(
  control: CupedRatioSums,
  treatment: CupedRatioSums,
  difference: Difference,
): CupedEffect {
  const a = pairedRatio(control);
  const b = pairedRatio(treatment);
  const spread = a.pre.variance + b.pre.variance;
  const theta = spread > 0 ? (a.covariance + b.covariance) / spread : 0;
  const adjustedChange = b.post.mean - theta * b.pre.mean - (a.post.mean - theta * a.pre.mean);
  return adjustedEffect(a, b, theta, difference, 1 + adjustedChange / a.post.mean);
}

/** The sums of two groups of units together; both must be of the same kind. */
export function poolCupedSums(a: CupedMeanSums, b: CupedMeanSums): CupedMeanSums {
  const n = a.n + b.n;
  if (a.kind === 'mean' && b.kind === 'mean') {
    const sumOfProducts = a.sumOfProducts + b.sumOfProducts;
    return { kind: 'mean', n, post: addSums(a.post, b.post), pre: addSums(a.pre, b.pre), sumOfProducts };
  }
  if (a.kind === 'proportion' && b.kind === 'proportion') {
    return {
      kind: 'proportion',
      n,
      postSuccesses: a.postSuccesses + b.postSuccesses,
      preSuccesses: a.preSuccesses + b.preSuccesses,
      bothSuccesses: a.bothSuccesses + b.bothSuccesses,
    };
  }
  throw new ImpossibleInput('contradictory_sums', 'one arm is a mean and the other a proportion');
}

/**
 * The effect on post - theta pre. A relative effect divides by the control's unadjusted mean, whose own
 * uncertainty is correlated with the adjusted one, so the delta method takes both together. `lever` is the
 * treatment over the control there: two consistent estimates exist, and the reference engine's choice for
 * each kind of metric is kept (unadjusted for means, adjusted for ratios).
 */
function adjustedEffect(
  control: Paired,
  treatment: Paired,
  theta: number,
  difference: Difference,
  lever: number,
): CupedEffect {
  if (theta === 0) return { ...effectOf(control.post, treatment.post, difference), theta };
  const a = adjust(control, theta);
  const b = adjust(treatment, theta);
  const baseline = control.post.mean;
  if (difference === 'absolute') return { ...effectOf(a, b, difference), baseline, theta };
  const scale = relativeScale(baseline);
  const controlSpread =
    lever * lever * control.post.variance -
    2 * theta * lever * control.covariance +
    theta * theta * control.pre.variance;
  const controlShare = varianceOfMean(a, 'control');
  const treatmentShare = varianceOfMean(b, 'treatment');
  return {
    difference,
    estimate: (b.mean - a.mean) / scale,
    standardError: Math.sqrt(treatmentShare + Math.max(0, controlSpread) / a.n) / scale,
    degreesOfFreedom: welchDegrees(controlShare, a.n, treatmentShare, b.n),
    n: a.n + b.n,
    baseline,
    theta,
  };
}

/** Below this share of the metric's variance, what is left of it is the rounding of a covariate that explains it all. */
const NOTHING_LEFT = 1e-9;

function adjust({ post, pre, covariance }: Paired, theta: number): Moments {
  const left = post.variance + theta * theta * pre.variance - 2 * theta * covariance;
  const variance = left > NOTHING_LEFT * post.variance ? left : 0;
  return { n: post.n, mean: post.mean - theta * pre.mean, variance };
}

function pairedMean(sums: CupedMeanSums): Paired {
  const { n } = sums;
  if (sums.kind === 'proportion') {
    const post = proportionMoments({ n, successes: sums.postSuccesses });
    const pre = proportionMoments({ n, successes: sums.preSuccesses });
    const both = proportionMoments({ n, successes: sums.bothSuccesses });
    return paired(post, pre, both.mean - post.mean * pre.mean);
  }
  requireUnits(n, 2);
  const post = { n, mean: sums.post.sum / n, variance: centredSquares('post', n, sums.post) / (n - 1) };
  const pre = { n, mean: sums.pre.sum / n, variance: centredSquares('pre', n, sums.pre) / (n - 1) };
  return paired(post, pre, sampleCovariance(n, sums.post.sum, sums.pre.sum, sums.sumOfProducts));
}

function paired(post: Moments, pre: Moments, covariance: number): Paired {
  requireCauchySchwarz(covariance, post.variance, pre.variance);
  return { post, pre, covariance };
}

function pairedRatio(sums: CupedRatioSums): Paired {
  const { n, products } = sums;
  requireUnits(n, 2);
  const [m, d] = [sums.postNumerator, sums.postDenominator];
  const [m0, d0] = [sums.preNumerator, sums.preDenominator];
  const ratio = quotient(m.sum, d.sum);
  const ratio0 = quotient(m0.sum, d0.sum);
  const perUnit = d.sum / n;
  const perUnit0 = d0.sum / n;
  const cov = (x: Sums, y: Sums, product: number) => sampleCovariance(n, x.sum, y.sum, product);
  const spread = (name: string, x: Sums) => centredSquares(name, n, x) / (n - 1);
  const postVariance =
    spread('postNumerator', m) -
    2 * ratio * cov(m, d, products.postNumeratorPostDenominator) +
    ratio * ratio * spread('postDenominator', d);
  const preVariance =
    spread('preNumerator', m0) -
    2 * ratio0 * cov(m0, d0, products.preNumeratorPreDenominator) +
    ratio0 * ratio0 * spread('preDenominator', d0);
  const covariance =
    cov(m, m0, products.postNumeratorPreNumerator) -
    ratio0 * cov(m, d0, products.postNumeratorPreDenominator) -
    ratio * cov(d, m0, products.postDenominatorPreNumerator) +
    ratio * ratio0 * cov(d, d0, products.postDenominatorPreDenominator);
  const post = { n, mean: ratio, variance: Math.max(0, postVariance) / (perUnit * perUnit) };
  const pre = { n, mean: ratio0, variance: Math.max(0, preVariance) / (perUnit0 * perUnit0) };
  return paired(post, pre, covariance / (perUnit * perUnit0));
}
