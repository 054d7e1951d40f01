// The back-of-an-envelope customer values, named as such so that nobody takes them for a forecast. They assume
// one constant churn for everybody, which understates the value of the customers who stay (Fader and Hardie 2010).

import { ImpossibleInput } from '../impossible.ts';
import { requireNonNegative, requirePositive } from '../numerics/range.ts';

export interface NaiveInput {
  /** Average revenue per account and period, in money. */
  readonly averageRevenue: number;
  /** Share of the revenue that is margin, 0 to 1; a loss-making product may be below 0. */
  readonly marginRate: number;
  /** Share of accounts lost per period, above 0 and up to 1. */
  readonly churn: number;
}

/** Expected number of periods of a customer, 1 / churn. */
export function naiveLifetime(churn: number): number {
  checkChurn(churn);
  return 1 / churn;
}

/** ARPA x margin / churn: undiscounted, over an endless horizon. */
export function naiveLifetimeValue(input: NaiveInput): number {
  checkMargin(input);
  return input.averageRevenue * input.marginRate * naiveLifetime(input.churn);
}

/**
 * The same within `periods` and discounted at `discount` a period, each payment at the start of its period:
 * ARPA x margin x (1 - q^periods) / (1 - q), with q = (1 - churn) / (1 + discount).
 */
export function naiveDiscountedValue(input: NaiveInput, discount: number, periods: number): number {
  checkMargin(input);
  checkChurn(input.churn);
  requireNonNegative('discount', discount);
  requireNonNegative('periods', periods);
  const kept = (1 - input.churn) / (1 + discount);
  return (input.averageRevenue * input.marginRate * (1 - kept ** periods)) / (1 - kept);
}

function checkChurn(churn: number): void {
  requirePositive('churn', churn);
  if (churn > 1) throw new ImpossibleInput('out_of_range', `churn is ${churn}, expected a share up to 1`);
}

function checkMargin({ averageRevenue, marginRate }: NaiveInput): void {
  requireNonNegative('averageRevenue', averageRevenue);
  if (!Number.isFinite(marginRate) || marginRate > 1) {
    throw new ImpossibleInput('out_of_range', `marginRate is ${marginRate}, expected a share up to 1`);
  }
}
