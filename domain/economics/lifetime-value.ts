// What a customer is worth and earns per month, by the method that the thesis declared at launch. Methods are never
// mixed, and the naive ones say so in their definitions; a fitted one was fitted when its contract was made.

import { compareDecimals, fromNumber } from '../money.ts';
import type { DefinitionId } from './figure.ts';
import type { EconomicsMethod, FittedMethod, ShownMethod } from './method.ts';
import { declared, divided, impossible, multiplied, type Term } from './term.ts';

interface CustomerValue {
  readonly definition: DefinitionId;
  /** Margin of one customer over their lifetime or the horizon, acquisition spend not deducted. */
  readonly ltv: Term;
  /** Margin of one customer in one month, on the same footing. */
  readonly monthlyMargin: Term;
}

/** The value by `method`; `cm2` and `orders` are of the same period. Null means that no single method was declared. */
export function customerValue(method: EconomicsMethod | null, cm2: Term, orders: Term): CustomerValue {
  if (method === null) {
    const none = impossible('methods_differ');
    return { definition: 'ltv_undeclared/1', ltv: none, monthlyMargin: none };
  }
  switch (method.ltv) {
    case 'margin_over_churn':
      return marginOverChurn(method);
    case 'orders_over_horizon':
      return ordersOverHorizon(method, cm2, orders);
    default:
      return fittedValue(method);
  }
}

/** The method without its tables: what is shown beside every figure. */
export function shownMethod(method: EconomicsMethod): ShownMethod {
  switch (method.ltv) {
    case 'shifted_beta_geometric': {
      const { cohort: _cohort, ...rest } = method;
      return rest;
    }
    case 'bg_nbd_gamma_gamma': {
      const { purchases: _purchases, spend: _spend, ...rest } = method;
      return rest;
    }
    default:
      return method;
  }
}

/** The value that the contract holds, spread evenly over the horizon as a monthly margin. */
function fittedValue({ ltv: model, fit, months }: FittedMethod): CustomerValue {
  const ltv = declared(fit.value);
  const monthlyMargin = divided(ltv, declared(fromNumber(months)), 'method_out_of_range');
  return { definition: `ltv_${model}/1`, ltv, monthlyMargin };
}

type Declared<Name extends EconomicsMethod['ltv']> = Extract<EconomicsMethod, { readonly ltv: Name }>;

/** ARPA x margin / churn, with churn above 0 and up to 1 a month. */
function marginOverChurn(method: Declared<'margin_over_churn'>): CustomerValue {
  const definition = 'ltv_margin_over_churn/1';
  const { monthlyRevenuePerCustomer, marginRate, monthlyChurn } = method;
  const monthlyMargin = multiplied(declared(monthlyRevenuePerCustomer), declared(marginRate));
  const possible = compareDecimals(monthlyChurn, '0') >= 0 && compareDecimals(monthlyChurn, '1') <= 0;
  const churn = possible ? declared(monthlyChurn) : impossible('method_out_of_range');
  return { definition, ltv: divided(monthlyMargin, churn, 'churn_zero'), monthlyMargin };
}

/**
 * Contribution (CM2) per order times the orders of one customer over the horizon. The monthly margin spreads it
 * evenly: a payback longer than the horizon extends that line.
 */
function ordersOverHorizon(method: Declared<'orders_over_horizon'>, cm2: Term, orders: Term): CustomerValue {
  const definition = 'ltv_orders_over_horizon/1';
  const { ordersPerCustomer, months } = method;
  const possible = Number.isFinite(months) && months > 0 && compareDecimals(ordersPerCustomer, '0') >= 0;
  if (!possible) {
    const none = impossible('method_out_of_range');
    return { definition, ltv: none, monthlyMargin: none };
  }
  const ltv = divided(multiplied(cm2, declared(ordersPerCustomer)), orders, 'no_orders');
  return {
    definition,
    ltv,
    monthlyMargin: divided(ltv, declared(fromNumber(months)), 'method_out_of_range'),
  };
}
