// Customer lifetime value over a stated number of months at a monthly discount rate: from a purchase model and a
// spend model without contracts, and from a churn model with them. It adds up; the models are in their own files.

import { ImpossibleInput } from '../impossible.ts';
import { requireNonNegative, requirePositive, requireWhole } from '../numerics/range.ts';
import { type BgNbdParameters, bgNbdConditionalPurchases, bgNbdExpectedPurchases } from './bg-nbd.ts';
import {
  type GammaGammaParameters,
  gammaGammaConditionalMean,
  gammaGammaPopulationMean,
  type SpendHistory,
} from './gamma-gamma.ts';
import type { PurchaseHistory } from './purchase-history.ts';
import { type SbgParameters, sbgSurvival } from './shifted-beta-geometric.ts';

/** The horizons that finance asks for, in months. */
const VALUE_HORIZONS = [12, 24, 36] as const;

export interface ValueAtHorizon {
  readonly months: number;
  /** Discounted, in the unit of money of the inputs. */
  readonly value: number;
}

export interface ValueTerms {
  /** Discount rate a month: 0.01 is 1%. See `monthlyDiscount` for a yearly one. */
  readonly monthlyDiscount: number;
  /** Share of the spend that is margin; 1 gives a value in revenue. */
  readonly marginRate: number;
  /** In months, whole numbers from 1. */
  readonly horizons?: readonly number[];
}

export interface PurchaseValueModels {
  readonly purchases: BgNbdParameters;
  readonly spend: GammaGammaParameters;
  /** Units of time of the purchase model in a month: 30 / 7 when it counts weeks. */
  readonly unitsPerMonth: number;
}

/** The monthly rate that compounds to a yearly one. */
export function monthlyDiscount(yearly: number): number {
  requireNonNegative('yearly', yearly);
  return Math.expm1(Math.log1p(yearly) / 12);
}

/**
 * Value of a known customer's future purchases: each month's expected purchases, times the expected order value,
 * discounted at the end of the month. `spend` is undefined for a customer whose orders are not known, who gets
 * the mean order value of all.
 */
export function knownCustomerValue(
  models: PurchaseValueModels,
  history: PurchaseHistory,
  spend: SpendHistory | undefined,
  terms: ValueTerms,
): ValueAtHorizon[] {
  const orderValue =
    spend === undefined
      ? gammaGammaPopulationMean(models.spend)
      : gammaGammaConditionalMean(models.spend, spend);
  return purchaseValue(
    (horizon) => bgNbdConditionalPurchases(models.purchases, history, horizon),
    { orderValue, firstOrder: 0, unitsPerMonth: models.unitsPerMonth },
    terms,
  );
}

/** Value of a customer who has just been won: the first order at full value, then the expected repeats. */
export function newCustomerValue(models: PurchaseValueModels, terms: ValueTerms): ValueAtHorizon[] {
  const orderValue = gammaGammaPopulationMean(models.spend);
  return purchaseValue(
    (horizon) => bgNbdExpectedPurchases(models.purchases, horizon),
    { orderValue, firstOrder: orderValue, unitsPerMonth: models.unitsPerMonth },
    terms,
  );
}

/**
 * Value of a new subscriber who pays `revenue` at the start of every month and renews monthly as the churn model
 * says. The first month is paid in full and not discounted.
 */
export function subscriberValue(
  parameters: SbgParameters,
  revenue: number,
  terms: ValueTerms,
): ValueAtHorizon[] {
  requireNonNegative('revenue', revenue);
  const horizons = checkedHorizons(terms);
  const alive = [1, ...sbgSurvival(parameters, Math.max(...horizons) - 1)];
  const monthly = alive.map((share, month) => (share * revenue) / (1 + terms.monthlyDiscount) ** month);
  return accumulate(monthly, 0, horizons, terms.marginRate);
}

interface OrderTerms {
  readonly orderValue: number;
  readonly firstOrder: number;
  readonly unitsPerMonth: number;
}

function purchaseValue(
  purchasesBy: (horizon: number) => number,
  { orderValue, firstOrder, unitsPerMonth }: OrderTerms,
  terms: ValueTerms,
): ValueAtHorizon[] {
  requirePositive('unitsPerMonth', unitsPerMonth);
  const horizons = checkedHorizons(terms);
  let before = 0;
  const monthly = Array.from({ length: Math.max(...horizons) }, (_, index) => {
    const sofar = purchasesBy((index + 1) * unitsPerMonth);
    const purchases = sofar - before;
    before = sofar;
    return (purchases * orderValue) / (1 + terms.monthlyDiscount) ** (index + 1);
  });
  return accumulate(monthly, firstOrder, horizons, terms.marginRate);
}

function accumulate(
  monthly: readonly number[],
  initial: number,
  horizons: readonly number[],
  marginRate: number,
): ValueAtHorizon[] {
  return horizons.map((months) => {
    const revenue = monthly.slice(0, months).reduce((sum, value) => sum + value, initial);
    return { months, value: revenue * marginRate };
  });
}

function checkedHorizons({ monthlyDiscount: discount, marginRate, horizons = VALUE_HORIZONS }: ValueTerms) {
  requireNonNegative('monthlyDiscount', discount);
  if (!Number.isFinite(marginRate) || marginRate > 1) {
    throw new ImpossibleInput('out_of_range', `marginRate is ${marginRate}, expected a share up to 1`);
  }
  if (horizons.length === 0) throw new ImpossibleInput('no_data', 'no horizon was asked for');
  for (const months of horizons) {
    requireWhole('horizon', months, 1);
  }
  return horizons;
}
