// The BG/NBD model of repeat purchases without a contract: while alive a customer buys at a steady rate, and
// may leave for good after any purchase (Fader, Hardie and Lee, Marketing Science 24(2), 2005).
// It predicts numbers of purchases and must not speak of money: gamma-gamma.ts does.
import { requireNonNegative, requirePositive, requireWhole } from '../numerics/range.ts';
import { betaCdf, logBeta, logGamma } from '../numerics/special.ts';
import { maximiseLikelihood } from './maximum-likelihood.ts';
import {
  checkPurchaseCells,
  checkPurchaseHistory,
  type PurchaseCell,
  type PurchaseHistory,
} from './purchase-history.ts';
import { expectedPurchasesIfAlive } from './purchase-horizon.ts';

/** Purchase rates are gamma(r, rate alpha); the chance to leave after a purchase is beta(a, b). */
export interface BgNbdParameters {
  readonly r: number;
  /** In units of time: r / alpha is the mean purchase rate of a customer who is alive. */
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

export interface BgNbdFit extends BgNbdParameters {
  readonly logLikelihood: number;
  readonly customers: number;
  /** True when a parameter ran to its limit: predictions stand, that parameter does not. */
  readonly atBoundary: boolean;
}

/** Log-likelihood of one customer's history (equation 6). */
export function bgNbdLogLikelihood(parameters: BgNbdParameters, history: PurchaseHistory): number {
  checkParameters(parameters);
  checkPurchaseHistory(history);
  return cellLogLikelihood(parameters, history);
}

/** Probability that the customer is still a customer; 1 for one who never came back, by the model's nature. */
export function bgNbdProbabilityAlive(parameters: BgNbdParameters, history: PurchaseHistory): number {
  checkParameters(parameters);
  checkPurchaseHistory(history);
  return 1 / (1 + leftOverAlive(parameters, history));
}

/** Expected repeat purchases of a new customer by time `horizon` (equation 9). */
export function bgNbdExpectedPurchases({ r, alpha, a, b }: BgNbdParameters, horizon: number): number {
  checkParameters({ r, alpha, a, b });
  requireNonNegative('horizon', horizon);
  return expectedPurchasesIfAlive({ shape: r, rate: alpha, a, b }, horizon);
}

/** Expected purchases of a customer with this history in the next `horizon` (equation 10). */
export function bgNbdConditionalPurchases(
  parameters: BgNbdParameters,
  history: PurchaseHistory,
  horizon: number,
): number {
  const alive = bgNbdProbabilityAlive(parameters, history);
  requireNonNegative('horizon', horizon);
  const { r, alpha, a, b } = parameters;
  const { repeats, age } = history;
  return (
    alive * expectedPurchasesIfAlive({ shape: r + repeats, rate: alpha + age, a, b: b + repeats }, horizon)
  );
}

/** Probability that a new customer makes exactly `purchases` repeat purchases by time `horizon` (equation 8). */
export function bgNbdPurchaseProbability(
  parameters: BgNbdParameters,
  purchases: number,
  horizon: number,
): number {
  checkParameters(parameters);
  requireNonNegative('horizon', horizon);
  requireWhole('purchases', purchases);
  const { r, alpha, a, b } = parameters;
  const logStay = -r * Math.log1p(horizon / alpha);
  if (purchases === 0) return Math.exp(logStay);
  if (horizon === 0) return 0;
  const share = horizon / (alpha + horizon);
  const logCount =
    logGamma(r + purchases) - logGamma(r) - logGamma(purchases + 1) + purchases * Math.log(share);
  const still = Math.exp(logBeta(a, b + purchases) - logBeta(a, b) + logStay + logCount);
  // Reaching `purchases` or more is the upper tail of a negative binomial, taken as such: no 1 - sum.
  const left = Math.exp(logBeta(a + 1, b + purchases - 1) - logBeta(a, b)) * betaCdf(share, purchases, r);
  return still + left;
}

/**
 * Maximum-likelihood parameters from an aggregated table. Throws `no_data` for an empty table, `zero_variance`
 * when nobody came back, `contradictory_sums` for a row that cannot exist.
 */
export function fitBgNbd(cells: readonly PurchaseCell[]): BgNbdFit {
  const customers = checkPurchaseCells(cells);
  let purchases = 0;
  let time = 0;
  for (const cell of cells) {
    purchases += cell.customers * cell.repeats;
    time += cell.customers * cell.age;
  }
  const period = time / purchases;
  const fit = maximiseLikelihood(
    ([r = 1, alpha = 1, a = 1, b = 1]) => tableLogLikelihood({ r, alpha, a, b }, cells),
    [
      [0.5, 0.5 * period, 1, 2],
      [2, period, 0.5, 4],
    ],
  );
  const [r = 1, alpha = 1, a = 1, b = 1] = fit.parameters;
  return { r, alpha, a, b, customers, logLikelihood: fit.logLikelihood, atBoundary: fit.atBoundary };
}

/** Log-likelihood of a whole table, each row weighted by its customers. */
function tableLogLikelihood(parameters: BgNbdParameters, cells: readonly PurchaseCell[]): number {
  let total = 0;
  for (const cell of cells) total += cell.customers * cellLogLikelihood(parameters, cell);
  return total;
}

/** Without checks: this is the inner loop of the fit. */
function cellLogLikelihood({ r, alpha, a, b }: BgNbdParameters, history: PurchaseHistory): number {
  const { repeats, age } = history;
  if (repeats === 0) return -r * Math.log1p(age / alpha);
  return (
    logGamma(r + repeats) -
    logGamma(r) +
    r * Math.log(alpha) +
    logBeta(a, b + repeats) -
    logBeta(a, b) -
    (r + repeats) * Math.log(alpha + age) +
    Math.log1p(leftOverAlive({ r, alpha, a, b }, history))
  );
}

/** The odds of having left after the last purchase, against being alive. */
function leftOverAlive(
  { r, alpha, a, b }: BgNbdParameters,
  { repeats, recency, age }: PurchaseHistory,
): number {
  if (repeats === 0) return 0;
  return (a / (b + repeats - 1)) * Math.exp((r + repeats) * Math.log1p((age - recency) / (alpha + recency)));
}

function checkParameters({ r, alpha, a, b }: BgNbdParameters): void {
  requirePositive('r', r);
  requirePositive('alpha', alpha);
  requirePositive('a', a);
  requirePositive('b', b);
}
