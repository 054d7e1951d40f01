// The Bayesian reading of an effect: a Gaussian posterior, the chance to win and the expected losses.
// Descriptive only: stopping as soon as the chance to win passes a level is peeking, so no rule may use it.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { erfcx, normalCdf, normalPdf, normalQuantile } from '../numerics/special.ts';
import { type Effect, relativeScale } from './effect.ts';

/** What was believed of the effect before the data. `unit` says on which scale; flat means nothing at all. */
export type Prior =
  | { readonly kind: 'flat' }
  | {
      readonly kind: 'normal';
      readonly unit: 'absolute' | 'relative';
      readonly mean: number;
      readonly variance: number;
    };

export interface PosteriorOptions {
  /** The credible interval holds 1 - alpha. */
  readonly alpha: number;
  readonly prior: Prior;
  /** Whether a higher or a lower metric is the better one. */
  readonly better: 'higher' | 'lower';
}

export interface Posterior {
  readonly mean: number;
  readonly standardDeviation: number;
  readonly interval: readonly [number, number];
  /** Probability that the treatment is better than the control. */
  readonly chanceToWin: number;
  /** What is given up on average, in the effect's unit, by each choice when it is the wrong one. */
  readonly expectedLoss: { readonly keepControl: number; readonly shipTreatment: number };
}

/** Conjugate normal posterior of an effect whose standard error is taken as known. */
export function posteriorOf(effect: Effect, options: PosteriorOptions): Posterior {
  const { alpha, prior, better } = options;
  requireBetween('alpha', alpha, 0, 1);
  let mean = effect.estimate;
  let sd = effect.standardError;
  if (prior.kind === 'normal') {
    const scale = unitChange(prior.unit, effect);
    const dataPrecision = 1 / (sd * sd);
    const priorPrecision = 1 / (positiveVariance(prior.variance) * scale * scale);
    requireFinite('prior mean', prior.mean);
    const precision = dataPrecision + priorPrecision;
    mean = (mean * dataPrecision + prior.mean * scale * priorPrecision) / precision;
    sd = 1 / Math.sqrt(precision);
  }
  const z = mean / sd;
  const width = -normalQuantile(alpha / 2) * sd;
  const gainIfHigher = sd * expectedExcess(z);
  const gainIfLower = sd * expectedExcess(-z);
  const higher = better === 'higher';
  return {
    mean,
    standardDeviation: sd,
    interval: [mean - width, mean + width],
    chanceToWin: normalCdf(higher ? z : -z),
    expectedLoss: {
      keepControl: higher ? gainIfHigher : gainIfLower,
      shipTreatment: higher ? gainIfLower : gainIfHigher,
    },
  };
}

/** What one unit of the prior's scale is in the effect's. */
function unitChange(unit: 'absolute' | 'relative', effect: Effect): number {
  if (unit === effect.difference) return 1;
  const scale = relativeScale(effect.baseline);
  return unit === 'relative' ? scale : 1 / scale;
}

/**
 * E max(X, 0) for X ~ N(z, 1): phi(z) + z Phi(z). For a negative z the two terms cancel, so there it is
 * phi(z) (1 - |z| m(|z|)) with Mills' ratio m from erfcx, which keeps its digits down to 1e-300.
 */
function expectedExcess(z: number): number {
  if (z >= 0) return normalPdf(z) + z * normalCdf(z);
  return normalPdf(z) * Math.max(0, 1 + z * Math.sqrt(Math.PI / 2) * erfcx(-z * Math.SQRT1_2));
}

function positiveVariance(variance: number): number {
  requireFinite('prior variance', variance);
  if (variance <= 0) throw new ImpossibleInput('out_of_range', `prior variance is ${variance}`);
  return variance;
}
