// The gamma-gamma model of spend per purchase: orders vary around a customer's mean, means vary between
// customers, and neither depends on how often people buy (Fader and Hardie, note of 2013).
// It must not be fed customers without an order value, nor refunds: spend is above zero.

import { ImpossibleInput } from '../impossible.ts';
import { requireNonNegative, requirePositive } from '../numerics/range.ts';
import { logGamma } from '../numerics/special.ts';
import { maximiseLikelihood } from './maximum-likelihood.ts';

export interface GammaGammaParameters {
  readonly p: number;
  readonly q: number;
  /** In units of money. */
  readonly v: number;
}

/** The mean value of a customer's orders, over so many of them. */
export interface SpendHistory {
  readonly orders: number;
  readonly meanValue: number;
}

/** A row of an aggregated table: `customers` people with the same number of orders and mean value. */
export interface SpendCell extends SpendHistory {
  readonly customers: number;
}

export interface GammaGammaFit extends GammaGammaParameters {
  readonly logLikelihood: number;
  readonly customers: number;
  readonly atBoundary: boolean;
}

/** Log-likelihood of one customer's mean order value (equation 1a). */
export function gammaGammaLogLikelihood(parameters: GammaGammaParameters, history: SpendHistory): number {
  checkParameters(parameters);
  checkSpend(history);
  return cellLogLikelihood(parameters, history);
}

/** Mean order value over all customers, p v / (q - 1). Throws `out_of_range` when q <= 1 makes it infinite. */
export function gammaGammaPopulationMean({ p, q, v }: GammaGammaParameters): number {
  checkParameters({ p, q, v });
  if (q <= 1)
    throw new ImpossibleInput('out_of_range', `q is ${q}: the mean order value is infinite at q <= 1`);
  return (p * v) / (q - 1);
}

/**
 * Expected order value of one customer: their own mean drawn towards that of all, the more so the fewer their
 * orders (equation 5). Defined for q <= 1 as well once there are enough orders.
 */
export function gammaGammaConditionalMean(parameters: GammaGammaParameters, history: SpendHistory): number {
  const { p, q, v } = parameters;
  checkParameters(parameters);
  checkSpend(history);
  const { orders, meanValue } = history;
  const weight = p * orders + q - 1;
  if (weight <= 0)
    throw new ImpossibleInput('out_of_range', `p ${p} and q ${q} give an infinite order value`);
  return (p * (v + orders * meanValue)) / weight;
}

/** Maximum-likelihood parameters. Throws `no_data` without customers, `zero_variance` when all spend the same. */
export function fitGammaGamma(cells: readonly SpendCell[]): GammaGammaFit {
  let [customers, total] = [0, 0];
  for (const cell of cells) {
    checkSpend(cell);
    requireNonNegative('customers', cell.customers);
    customers += cell.customers;
    total += cell.customers * cell.meanValue;
  }
  if (customers === 0) throw new ImpossibleInput('no_data', 'the table holds no customer');
  const typical = total / customers;
  if (cells.every(({ customers: people, meanValue }) => people === 0 || meanValue === cells[0]?.meanValue)) {
    throw new ImpossibleInput('zero_variance', 'all customers have the same mean order value');
  }
  const fit = maximiseLikelihood(
    ([p = 1, q = 1, v = 1]) => {
      let sum = 0;
      for (const cell of cells) sum += cell.customers * cellLogLikelihood({ p, q, v }, cell);
      return sum;
    },
    [
      [2, 3, typical],
      [8, 3, typical / 4],
    ],
  );
  const [p = 1, q = 1, v = 1] = fit.parameters;
  return { p, q, v, customers, logLikelihood: fit.logLikelihood, atBoundary: fit.atBoundary };
}

function cellLogLikelihood({ p, q, v }: GammaGammaParameters, { orders, meanValue }: SpendHistory): number {
  const shape = p * orders;
  return (
    logGamma(shape + q) -
    logGamma(shape) -
    logGamma(q) +
    q * Math.log(v) +
    (shape - 1) * Math.log(meanValue) +
    shape * Math.log(orders) -
    (shape + q) * Math.log(v + orders * meanValue)
  );
}

function checkParameters({ p, q, v }: GammaGammaParameters): void {
  requirePositive('p', p);
  requirePositive('q', q);
  requirePositive('v', v);
}

function checkSpend({ orders, meanValue }: SpendHistory): void {
  requirePositive('orders', orders);
  requirePositive('meanValue', meanValue);
}
