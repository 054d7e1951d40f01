// The Pareto/NBD model of repeat purchases without a contract: as BG/NBD, but a customer may leave at any moment
// and not only after a purchase (Schmittlein, Morrison and Colombo 1987; Fader and Hardie's note of 2005).
// It predicts numbers of purchases and must not speak of money: gamma-gamma.ts does.

import { unitHypergeometric } from '../numerics/hypergeometric.ts';
import { requireNonNegative, requirePositive } from '../numerics/range.ts';
import { logGamma } from '../numerics/special.ts';
import { maximiseLikelihood } from './maximum-likelihood.ts';
import {
  checkPurchaseCells,
  checkPurchaseHistory,
  type PurchaseCell,
  type PurchaseHistory,
} from './purchase-history.ts';

/** Purchase rates are gamma(r, rate alpha); the rates at which customers leave are gamma(s, rate beta). */
export interface ParetoNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly s: number;
  readonly beta: number;
}

export interface ParetoNbdFit extends ParetoNbdParameters {
  readonly logLikelihood: number;
  readonly customers: number;
  /** True when a parameter ran to its limit: predictions stand, that parameter does not. */
  readonly atBoundary: boolean;
}

/** Log-likelihood of one customer's history (Fader and Hardie 2005, equation 18). */
export function paretoNbdLogLikelihood(parameters: ParetoNbdParameters, history: PurchaseHistory): number {
  checkParameters(parameters);
  checkPurchaseHistory(history);
  return cellLogLikelihood(parameters, history);
}

/** Probability that the customer is still a customer. */
export function paretoNbdProbabilityAlive(parameters: ParetoNbdParameters, history: PurchaseHistory): number {
  checkParameters(parameters);
  checkPurchaseHistory(history);
  return Math.exp(-Math.log1p(leftOverAlive(parameters, history)));
}

/** Expected repeat purchases of a new customer by time `horizon`. */
export function paretoNbdExpectedPurchases(parameters: ParetoNbdParameters, horizon: number): number {
  checkParameters(parameters);
  requireNonNegative('horizon', horizon);
  return expectedIfAlive(parameters, horizon);
}

/** Expected purchases of a customer with this history in the next `horizon`. */
export function paretoNbdConditionalPurchases(
  parameters: ParetoNbdParameters,
  history: PurchaseHistory,
  horizon: number,
): number {
  const alive = paretoNbdProbabilityAlive(parameters, history);
  requireNonNegative('horizon', horizon);
  const { r, alpha, s, beta } = parameters;
  const { repeats, age } = history;
  return alive * expectedIfAlive({ r: r + repeats, alpha: alpha + age, s, beta: beta + age }, horizon);
}

/** Maximum-likelihood parameters from an aggregated table; refuses what `fitBgNbd` refuses. */
export function fitParetoNbd(cells: readonly PurchaseCell[]): ParetoNbdFit {
  const customers = checkPurchaseCells(cells);
  let purchases = 0;
  let time = 0;
  for (const cell of cells) {
    purchases += cell.customers * cell.repeats;
    time += cell.customers * cell.age;
  }
  const [period, age] = [time / purchases, time / customers];
  const fit = maximiseLikelihood(
    ([r = 1, alpha = 1, s = 1, beta = 1]) => tableLogLikelihood({ r, alpha, s, beta }, cells),
    [
      [0.5, 0.5 * period, 0.5, 0.5 * age],
      [2, period, 3, 5 * age],
    ],
  );
  const [r = 1, alpha = 1, s = 1, beta = 1] = fit.parameters;
  return { r, alpha, s, beta, customers, logLikelihood: fit.logLikelihood, atBoundary: fit.atBoundary };
}

function tableLogLikelihood(parameters: ParetoNbdParameters, cells: readonly PurchaseCell[]): number {
  let total = 0;
  for (const cell of cells) total += cell.customers * cellLogLikelihood(parameters, cell);
  return total;
}

function cellLogLikelihood(parameters: ParetoNbdParameters, history: PurchaseHistory): number {
  const { r, alpha, s, beta } = parameters;
  const { repeats, age } = history;
  const logAlive = -(r + repeats) * Math.log(alpha + age) - s * Math.log1p(age / beta);
  const logRate = repeats === 0 ? 0 : logGamma(r + repeats) - logGamma(r);
  return logRate + r * Math.log(alpha) + logAlive + Math.log1p(leftOverAlive(parameters, history));
}

/**
 * The odds of having left at some time since the last purchase, against being alive: s/(r+s+x) A0 over the
 * likelihood of being alive. Euler's transformation turns the 2F1 of the paper into one with a parameter of 1,
 * which keeps powers like (1-z)^-120 out of the sum.
 */
function leftOverAlive(parameters: ParetoNbdParameters, { repeats, recency, age }: PurchaseHistory): number {
  if (recency === age) return 0;
  const { r, alpha, s, beta } = parameters;
  const shape = r + repeats;
  const total = shape + s;
  const slowPurchases = alpha >= beta;
  const larger = slowPurchases ? alpha : beta;
  const free = slowPurchases ? shape : s + 1;
  const gap = Math.abs(alpha - beta);
  const atAge = unitHypergeometric(free, total + 1, gap / (larger + age));
  const atRecency = unitHypergeometric(free, total + 1, gap / (larger + recency));
  const [purchaseRatio, lossRatio] = [alpha + age, beta + age].map((now) => now / (now - (age - recency)));
  const logPurchase = (slowPurchases ? shape : shape - 1) * Math.log(purchaseRatio ?? 1);
  const logLoss = (slowPurchases ? s : s + 1) * Math.log(lossRatio ?? 1);
  const scale = slowPurchases ? 1 : (alpha + age) / (beta + age);
  return Math.max(0, (s / total) * scale * (Math.exp(logPurchase + logLoss) * atRecency - atAge));
}

/** r (beta) / (alpha (s - 1)) [1 - (beta/(beta+t))^(s-1)], continuous at s = 1. */
function expectedIfAlive({ r, alpha, s, beta }: ParetoNbdParameters, horizon: number): number {
  const logGrowth = Math.log1p(horizon / beta);
  const time = s === 1 ? logGrowth : -Math.expm1(-(s - 1) * logGrowth) / (s - 1);
  return ((r * beta) / alpha) * time;
}

function checkParameters({ r, alpha, s, beta }: ParetoNbdParameters): void {
  requirePositive('r', r);
  requirePositive('alpha', alpha);
  requirePositive('s', s);
  requirePositive('beta', beta);
}
