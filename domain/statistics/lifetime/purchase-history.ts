// What the purchase models know of a customer: how often they came back, when last, and for how long they
// have been watched. It checks that such a record can exist; the models themselves are in their own files.
import { ImpossibleInput } from '../impossible.ts';
import { requireNonNegative, requireWhole } from '../numerics/range.ts';

/** All times in one unit of the caller's choice (weeks, say), counted from the customer's first purchase. */
export interface PurchaseHistory {
  /** Repeat purchases: the first one is not counted. */
  readonly repeats: number;
  /** Time of the last repeat purchase; 0 when there was none. */
  readonly recency: number;
  /** Time from the first purchase to the end of the observation. */
  readonly age: number;
}

/** A row of an aggregated table: `customers` people who share one history. */
export interface PurchaseCell extends PurchaseHistory {
  readonly customers: number;
}

/** Throws `not_finite`, `out_of_range` or `contradictory_sums` when no customer could have this history. */
export function checkPurchaseHistory({ repeats, recency, age }: PurchaseHistory): void {
  requireWhole('repeats', repeats);
  requireNonNegative('recency', recency);
  requireNonNegative('age', age);
  if (recency > age) {
    throw new ImpossibleInput('contradictory_sums', `recency is ${recency}, expected between 0 and ${age}`);
  }
  if (repeats === 0 && recency > 0) {
    throw new ImpossibleInput('contradictory_sums', `recency is ${recency} without any repeat purchase`);
  }
}

/**
 * Checks every row and returns the number of customers. Throws `no_data` without customers, and `zero_variance`
 * when nobody ever came back: then a purchase rate of zero fits best and no model of repeats can be fitted.
 */
export function checkPurchaseCells(cells: readonly PurchaseCell[]): number {
  let customers = 0;
  let purchases = 0;
  for (const cell of cells) {
    checkPurchaseHistory(cell);
    requireNonNegative('customers', cell.customers);
    customers += cell.customers;
    purchases += cell.customers * cell.repeats;
  }
  if (customers === 0) throw new ImpossibleInput('no_data', 'the table holds no customer');
  if (purchases === 0) throw new ImpossibleInput('zero_variance', 'no customer made a repeat purchase');
  return customers;
}
