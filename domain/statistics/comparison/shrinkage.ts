// Against the winner's curse: an estimate that was chosen because it is large is too large on average.
// It shrinks an estimate towards what comparable theses delivered; it is no test and decides nothing.
import { ImpossibleInput, requireBetween, requireFinite } from '../impossible.ts';
import { normalQuantile } from '../numerics/special.ts';

/** An estimate with its standard error (above 0), in one unit throughout, usually a relative lift. */
export interface Estimate {
  readonly estimate: number;
  readonly standardError: number;
}

/** What is believed of an effect before its data: normal with this mean and standard deviation. */
export interface EffectPrior {
  readonly mean: number;
  readonly sd: number;
  readonly source: 'history' | 'sceptical' | 'given';
  /** Past estimates behind it. */
  readonly studies: number;
}

export interface Shrunken {
  readonly raw: number;
  readonly shrunken: number;
  readonly lower: number;
  readonly upper: number;
  /** Share of the raw estimate in the shrunken one: 1 keeps it, 0 replaces it by the prior mean. */
  readonly weight: number;
  readonly prior: EffectPrior;
}

/** Fewer past estimates than this say too little about how much effects differ. */
export const MINIMUM_HISTORY = 6;

/**
 * The prior when history is short, for RELATIVE effects (0.1 is ten percent): centred on no effect, with one
 * effect in twenty beyond +-20%. It halves an estimate whose standard error is ten points.
 */
export const scepticalPrior: EffectPrior = { mean: 0, sd: 0.1, source: 'sceptical', studies: 0 };

/**
 * Prior from past estimates of comparable effects by DerSimonian and Laird's random-effects model
 * (Controlled Clinical Trials 1986): the spread between effects is what the estimates scatter beyond their
 * standard errors. The uncertainty of the mean is added to it, so that the prior never has no width. Gives
 * `scepticalPrior` below `MINIMUM_HISTORY` estimates.
 */
export function priorFromHistory(past: readonly Estimate[]): EffectPrior {
  for (const study of past) checkEstimate(study);
  if (past.length < MINIMUM_HISTORY) return { ...scepticalPrior, studies: past.length };
  const fixed = weightedMean(past, 0);
  let scatter = 0;
  let squares = 0;
  for (const { estimate, standardError } of past) {
    const weight = 1 / standardError ** 2;
    scatter += weight * (estimate - fixed.mean) ** 2;
    squares += weight * weight;
  }
  const excess = scatter - (past.length - 1);
  const between = Math.max(0, excess / (fixed.weight - squares / fixed.weight));
  const random = weightedMean(past, between);
  return {
    mean: random.mean,
    sd: Math.sqrt(between + 1 / random.weight),
    source: 'history',
    studies: past.length,
  };
}

/**
 * The estimate that a normal prior turns `observed` into, with its interval at level 1 - `alpha`: weight
 * s^2 / (s^2 + se^2) on the data, standard deviation se * sqrt(weight).
 */
export function shrinkEstimate(observed: Estimate, prior: EffectPrior, alpha: number): Shrunken {
  checkEstimate(observed);
  requireBetween('alpha', alpha, 0, 1);
  requireFinite('prior mean', prior.mean);
  requireBetween('prior sd', prior.sd, 0, Number.POSITIVE_INFINITY);
  const variance = prior.sd ** 2;
  const weight = variance / (variance + observed.standardError ** 2);
  const shrunken = prior.mean + weight * (observed.estimate - prior.mean);
  const half = -normalQuantile(alpha / 2) * observed.standardError * Math.sqrt(weight);
  return {
    raw: observed.estimate,
    shrunken,
    lower: shrunken - half,
    upper: shrunken + half,
    weight,
    prior,
  };
}

function weightedMean(past: readonly Estimate[], between: number): { mean: number; weight: number } {
  let sum = 0;
  let weight = 0;
  for (const { estimate, standardError } of past) {
    const share = 1 / (standardError ** 2 + between);
    sum += share * estimate;
    weight += share;
  }
  return { mean: sum / weight, weight };
}

function checkEstimate({ estimate, standardError }: Estimate): void {
  requireFinite('estimate', estimate);
  requireFinite('standardError', standardError);
  if (standardError <= 0) throw new ImpossibleInput('zero_variance', `standard error is ${standardError}`);
}
