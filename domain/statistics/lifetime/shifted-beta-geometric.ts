// The shifted-beta-geometric model of contractual churn: each customer has a constant chance of leaving at a
// renewal, and those chances follow a beta distribution, so that the retention of a cohort rises with its age.
// It must not be used without contracts, where nobody tells when a customer has left (see bg-nbd.ts).

import { ImpossibleInput, requireFinite } from '../impossible.ts';
import { unitHypergeometric } from '../numerics/hypergeometric.ts';
import { requireNonNegative, requirePositive, requireWhole } from '../numerics/range.ts';
import { maximiseLikelihood } from './maximum-likelihood.ts';

export interface SbgParameters {
  readonly alpha: number;
  readonly beta: number;
}

export interface SbgFit extends SbgParameters {
  readonly logLikelihood: number;
  /** True when the cohort shows no difference between customers: one churn rate fits as well. */
  readonly atBoundary: boolean;
}

export interface Cohort {
  /** Customers who started together. */
  readonly initial: number;
  /** Of whom still alive after 1, 2, 3, ... renewals. */
  readonly alive: readonly number[];
}

/** Share of the first customers lost at each of renewals 1..periods (Fader and Hardie 2007, equation 7). */
export function sbgChurnProbabilities(parameters: SbgParameters, periods: number): number[] {
  requireWhole('periods', periods);
  const { alpha, beta } = checkedParameters(parameters);
  const shares: number[] = [];
  let share = alpha / (alpha + beta);
  for (let period = 1; period <= periods; period += 1) {
    if (period > 1) share *= (beta + period - 2) / (alpha + beta + period - 1);
    shares.push(share);
  }
  return shares;
}

/** Retention at each of renewals 1..periods: of those who could renew, the share who do (equation 8). */
export function sbgRetention(parameters: SbgParameters, periods: number): number[] {
  requireWhole('periods', periods);
  const { alpha, beta } = checkedParameters(parameters);
  return Array.from({ length: periods }, (_, index) => (beta + index) / (alpha + beta + index));
}

/** Share of the first customers still alive after each of 1..periods renewals. */
export function sbgSurvival(parameters: SbgParameters, periods: number): number[] {
  let alive = 1;
  return sbgRetention(parameters, periods).map((retention) => {
    alive *= retention;
    return alive;
  });
}

/**
 * Expected discounted number of paid periods of a new customer, the one paid at once included (Fader and Hardie
 * 2010, "DEL"). `discount` is the rate of one period, above 0, or 0 when alpha > 1 makes the sum finite.
 */
export function sbgExpectedLifetime(parameters: SbgParameters, discount: number): number {
  const { alpha, beta } = checkedParameters(parameters);
  return discountedSum(beta, alpha + beta, checkedDiscount(alpha, discount));
}

/**
 * Expected discounted number of further paid periods of a customer who has already paid `paidPeriods` of them
 * and is about to decide on the next renewal (Fader and Hardie 2010, "DERL").
 */
export function sbgResidualLifetime(
  parameters: SbgParameters,
  paidPeriods: number,
  discount: number,
): number {
  const { alpha, beta } = checkedParameters(parameters);
  requireWhole('paidPeriods', paidPeriods, 1);
  const retained = beta + paidPeriods - 1;
  const sum = discountedSum(beta + paidPeriods, alpha + beta + paidPeriods, checkedDiscount(alpha, discount));
  return (retained / (alpha + retained)) * sum;
}

/** Log-likelihood of a cohort: sum of lost_t ln P(t), plus those still alive times ln S (equation 11). */
export function sbgLogLikelihood({ alpha, beta }: SbgParameters, { initial, alive }: Cohort): number {
  let logSurvival = 0;
  let total = 0;
  let before = initial;
  for (const [index, after] of alive.entries()) {
    const choices = alpha + beta + index;
    // A term with nobody in it is 0, also where its logarithm is not finite.
    if (before > after) total += (before - after) * (logSurvival + Math.log(alpha / choices));
    logSurvival += Math.log((beta + index) / choices);
    before = after;
  }
  return before > 0 ? total + before * logSurvival : total;
}

/**
 * Maximum-likelihood parameters of one cohort observed for at least two renewals. Throws `no_data` without
 * customers, `too_few` below two renewals, `contradictory_sums` when customers come back to life, and
 * `zero_variance` when nobody or everybody leaves at the first renewal.
 */
export function fitSbg(cohort: Cohort): SbgFit {
  checkCohort(cohort);
  const { parameters, logLikelihood, atBoundary } = maximiseLikelihood(
    ([alpha = 1, beta = 1]) => sbgLogLikelihood({ alpha, beta }, cohort),
    [
      [1, 1],
      [0.5, 4],
      [5, 40],
    ],
  );
  const [alpha = 1, beta = 1] = parameters;
  return { alpha, beta, logLikelihood, atBoundary };
}

function checkedParameters(parameters: SbgParameters): SbgParameters {
  requirePositive('alpha', parameters.alpha);
  requirePositive('beta', parameters.beta);
  return parameters;
}

function checkedDiscount(alpha: number, discount: number): number {
  requireNonNegative('discount', discount);
  if (discount === 0 && alpha <= 1) {
    throw new ImpossibleInput(
      'out_of_range',
      'without discount the expected lifetime is infinite at alpha <= 1',
    );
  }
  return discount;
}

/** 2F1(1, b; c; 1 / (1 + d)): the survival of each period, discounted and summed. */
function discountedSum(b: number, c: number, discount: number): number {
  return discount === 0 ? (c - 1) / (c - b - 1) : unitHypergeometric(b, c, 1 / (1 + discount));
}

function checkCohort({ initial, alive }: Cohort): void {
  requireFinite('initial', initial);
  if (initial <= 0) throw new ImpossibleInput('no_data', `initial is ${initial}, expected above 0`);
  if (alive.length < 2) throw new ImpossibleInput('too_few', `${alive.length} renewals, expected at least 2`);
  let before = initial;
  for (const after of alive) {
    requireNonNegative('alive', after);
    if (after > before) {
      throw new ImpossibleInput('contradictory_sums', `${after} customers alive after ${before}`);
    }
    before = after;
  }
  const last = alive.at(-1);
  if (last === initial || alive[0] === 0) {
    throw new ImpossibleInput('zero_variance', 'nobody, or everybody at once, has left');
  }
}
