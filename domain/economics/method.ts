// The ways in which the lifetime value of a thesis's customers may be computed: what is declared at launch, and what
// was fitted to it. Types only; lifetime-fit.ts fits, lifetime-value.ts gives the figure.

import type { DecimalText } from '../money.ts';

/** A method as a launch declares it, nothing fitted yet. */
export type EconomicsTerms = NaiveMethod | SubscriptionTerms | PurchaseTerms;

/** How lifetime value is computed for a thesis: declared at launch, shown beside every figure. */
export type EconomicsMethod = NaiveMethod | FittedMethod;

export type NaiveMethod =
  /** Margin per customer and month over monthly churn: the naive formula, named as such. */
  | {
      readonly ltv: 'margin_over_churn';
      readonly monthlyRevenuePerCustomer: DecimalText;
      readonly marginRate: DecimalText;
      readonly monthlyChurn: DecimalText;
    }
  /** Observed contribution (CM2) per order times the orders expected of a new customer over the horizon. */
  | {
      readonly ltv: 'orders_over_horizon';
      readonly ordersPerCustomer: DecimalText;
      readonly months: number;
    };

/** A model of customers fitted by maximum likelihood to tables that the thesis declared. */
export type FittedMethod = SubscriptionMethod | PurchaseMethod;

/** The horizons that finance asks for, in months. */
export type ValueMonths = 12 | 24 | 36;

interface FittedTerms {
  readonly marginRate: DecimalText;
  /** A year: 0.1 is ten percent. */
  readonly yearlyDiscount: DecimalText;
  readonly months: ValueMonths;
}

/** Contracts that renew: of a cohort that began together, how many were left after each renewal. */
export interface SubscriptionTerms extends FittedTerms {
  readonly ltv: 'shifted_beta_geometric';
  readonly cohort: { readonly initial: number; readonly alive: readonly number[] };
  /** Months between two renewals. */
  readonly periodMonths: 1 | 3 | 6 | 12;
  /** What a customer pays at the start of each period. */
  readonly revenuePerPeriod: DecimalText;
}

/** Purchases without a contract: how often and when customers came back, and what their orders were worth. */
export interface PurchaseTerms extends FittedTerms {
  readonly ltv: 'bg_nbd_gamma_gamma';
  /** Times in `unit`, from the first purchase on, which is not counted among the repeats. */
  readonly purchases: readonly {
    readonly repeats: number;
    readonly recency: number;
    readonly age: number;
    readonly customers: number;
  }[];
  readonly unit: 'day' | 'week' | 'month';
  readonly spend: readonly {
    readonly orders: number;
    readonly meanValue: DecimalText;
    readonly customers: number;
  }[];
}

/** What the fit gave, kept with the contract: nothing is fitted again to read a figure. */
export interface LifetimeFit {
  /** CLV of a new customer at the horizon, discounted, in margin. */
  readonly value: DecimalText;
  readonly parameters: Readonly<Record<string, DecimalText>>;
  /** A parameter ran to its limit: the value stands, that parameter says only that customers hardly differ. */
  readonly atBoundary: boolean;
}

export type SubscriptionMethod = SubscriptionTerms & { readonly fit: LifetimeFit };

export type PurchaseMethod = PurchaseTerms & { readonly fit: LifetimeFit };

/** A method as it is shown beside figures: without the tables, which the contract holds. */
export type ShownMethod =
  | NaiveMethod
  | Omit<SubscriptionMethod, 'cohort'>
  | Omit<PurchaseMethod, 'purchases' | 'spend'>;
