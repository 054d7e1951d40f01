// What a unit-economics figure is: a value with its definition, or a reason why there is none, and in both cases
// what it rests on. Names every figure and every reason; economics.ts computes them.

import type { Instant } from '../duration.ts';
import type { EvidenceGrade } from '../evidence.ts';
import type { Metric } from '../metric.ts';
import { type DecimalText, type Money, roundedDecimal, sum } from '../money.ts';

interface FigureEntry {
  readonly label: string;
  readonly unit: 'money' | 'ratio' | 'months';
}

/** The figures in the order in which people read them. */
export const FIGURES = {
  cac: { label: 'Customer acquisition cost (CAC)', unit: 'money' },
  roas: { label: 'Return on ad spend (ROAS)', unit: 'ratio' },
  cm1: { label: 'Contribution margin 1', unit: 'money' },
  cm2: { label: 'Contribution margin 2', unit: 'money' },
  cm3: { label: 'Contribution margin 3', unit: 'money' },
  cm1Rate: { label: 'CM1 over revenue (gross margin)', unit: 'ratio' },
  cm2Rate: { label: 'CM2 over revenue', unit: 'ratio' },
  cm3Rate: { label: 'CM3 over revenue', unit: 'ratio' },
  ltv: { label: 'Lifetime value (LTV)', unit: 'money' },
  ltvToCac: { label: 'LTV to CAC', unit: 'ratio' },
  payback: { label: 'CAC payback', unit: 'months' },
} as const satisfies Record<string, FigureEntry>;

export type FigureName = keyof typeof FIGURES;

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/**
 * Every formula by name and version. A formula never changes under its version: these names hide different sums
 * elsewhere (some put spend into CM2), so each figure says which one it is.
 */
export const DEFINITIONS = {
  'cac/1': 'spend / new_customers',
  'roas/1': 'revenue / spend',
  'cm1/1': 'revenue - product_cost',
  'cm2/1': 'cm1/1 - fulfilment_cost - payment_fees - service_cost',
  'cm3/1': 'cm2/1 - spend',
  'cm1_rate/1': 'cm1/1 / revenue',
  'cm2_rate/1': 'cm2/1 / revenue',
  'cm3_rate/1': 'cm3/1 / revenue',
  'ltv_undeclared/1': 'none: the theses read together declare different methods, or none',
  'ltv_margin_over_churn/1':
    'declared monthly revenue per customer * declared margin rate / declared monthly churn (naive: one constant churn, no discounting, no horizon)',
  'ltv_orders_over_horizon/1':
    'cm2/1 / orders * declared orders per customer over the declared horizon (naive: every customer alike, no discounting)',
  'ltv_shifted_beta_geometric/1':
    'discounted margin of a new subscriber over the horizon, renewals by the shifted-beta-geometric model fitted to the declared cohort',
  'ltv_bg_nbd_gamma_gamma/1':
    'discounted margin of a new customer over the horizon, first order included, purchases by BG/NBD and order values by gamma-gamma fitted to the declared tables',
  'ltv_to_cac/1': 'ltv / cac/1, with ltv as declared',
  'payback/1': 'cac/1 / margin per customer and month, before spend and by the method declared for ltv',
  'incremental_conversions/1':
    "lift of cvr * cvr of control * visitors of the arm, the lift being shrunken against the winner's curse; the raw lift beside it",
  'cost_per_incremental_acquisition/1':
    'spend on the arm beyond what control had per visitor / incremental_conversions/1; a holdout has none',
  'incremental_revenue/1':
    'lift of revenue_per_visitor * revenue per visitor of control * visitors of the arm, the lift being shrunken; the raw lift beside it',
  'incremental_roas/1':
    'incremental_revenue/1 / spend on the arm beyond what control had per visitor; a holdout has none',
  'difference/1': 'observed - forecast',
  'money_not_spent/1':
    'planned spend of the stages not entered: forecast spend, at most the envelope; the envelope where there is no forecast',
} as const;

export type DefinitionId = keyof typeof DEFINITIONS;

export const DEFINITION_IDS = Object.keys(DEFINITIONS) as DefinitionId[];

interface NotComputableEntry {
  readonly sentence: string;
  /**
   * `unknown`: an input is missing, more data may give the figure. `undefined`: the inputs are known and the figure
   * has no meaning yet. `never`: the inputs are known and no finite figure would be bad enough, so that a bound
   * on it is broken, not unread.
   */
  readonly nature: 'unknown' | 'undefined' | 'never';
}

/** Every reason for which a figure has no value. */
export const NOT_COMPUTABLE = {
  missing_spend: { sentence: 'The spend is not known.', nature: 'unknown' },
  missing_new_customers: { sentence: 'The number of new customers is not known.', nature: 'unknown' },
  missing_orders: { sentence: 'The number of orders is not known.', nature: 'unknown' },
  missing_revenue: { sentence: 'The revenue is not known.', nature: 'unknown' },
  missing_product_cost: { sentence: 'The cost of products sold is not known.', nature: 'unknown' },
  missing_fulfilment_cost: { sentence: 'The fulfilment cost is not known.', nature: 'unknown' },
  missing_payment_fees: { sentence: 'The payment fees are not known.', nature: 'unknown' },
  missing_service_cost: { sentence: 'The customer service cost is not known.', nature: 'unknown' },
  other_currency: {
    sentence: 'An amount it needs is in another currency, and two currencies are never added.',
    nature: 'unknown',
  },
  incomplete_group: {
    sentence:
      'A thesis or stage read together with others lacks an amount it needs, so that a sum would mislead.',
    nature: 'unknown',
  },
  methods_differ: {
    sentence: 'The theses read together declare different lifetime-value methods.',
    nature: 'undefined',
  },
  no_forecast: { sentence: 'The business case has no forecast for this stage.', nature: 'unknown' },
  no_spend: { sentence: 'Nothing was spent, net of credits.', nature: 'undefined' },
  no_new_customers: { sentence: 'There is no new customer.', nature: 'undefined' },
  no_orders: { sentence: 'There is no order.', nature: 'undefined' },
  no_revenue: { sentence: 'There is no revenue, net of refunds.', nature: 'undefined' },
  churn_zero: { sentence: 'The declared churn is zero, so that a lifetime has no end.', nature: 'undefined' },
  method_out_of_range: {
    sentence: 'A parameter of the declared lifetime-value method lies outside of its range.',
    nature: 'undefined',
  },
  no_lift: { sentence: 'The experiment has no estimate of this lift yet.', nature: 'unknown' },
  broken_experiment: {
    sentence: 'The experiment is broken, so that no lift may be taken from it.',
    nature: 'unknown',
  },
  no_increment: {
    sentence: 'Nothing was added, so that there is no cost of one more.',
    nature: 'undefined',
  },
  margin_not_positive: {
    sentence: 'A customer brings no margin, so that the acquisition cost is never paid back.',
    nature: 'never',
  },
} as const satisfies Record<string, NotComputableEntry>;

export type NotComputable = keyof typeof NOT_COMPUTABLE;

export const NOT_COMPUTABLE_REASONS = Object.keys(NOT_COMPUTABLE) as NotComputable[];

/** How much of what a figure needs was there. */
export interface Coverage {
  /** Observations with a value, and all observations, those that a source declared missing included. */
  readonly present: number;
  readonly expected: number;
  /** `present / expected`, from 0 to 1; null when no observation was expected. */
  readonly share: DecimalText | null;
  /** Needed metrics that no observation speaks of. */
  readonly absent: readonly Metric[];
  /** The period that the observations are about, from (included) to (excluded); null without any. */
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** What a figure rests on, computable or not. */
export interface FigureBasis {
  readonly definition: DefinitionId;
  /** The observed metrics behind it. */
  readonly inputs: readonly Metric[];
  /** The weakest grade among what it rests on, declared parameters included; null when nothing is known. */
  readonly grade: EvidenceGrade | null;
  /** Null for a forecast, which rests on no observation. */
  readonly coverage: Coverage | null;
}

export type FigureValue = Money | { readonly ratio: DecimalText } | { readonly months: DecimalText };

interface ComputedFigure extends FigureBasis {
  /** To 10 decimals, half-even; rounded further only where it is shown to people. */
  readonly value: FigureValue;
}

interface UncomputedFigure extends FigureBasis {
  readonly notComputable: NotComputable;
}

export type Figure = ComputedFigure | UncomputedFigure;

/** The number of a figure in its unit (an amount, a ratio or months); null when there is none. */
export function decimalOf(figure: Figure): DecimalText | null {
  return 'value' in figure ? decimalIn(figure.value) : null;
}

/** The number in a value, or the number itself. */
export function decimalIn(value: FigureValue | DecimalText): DecimalText {
  if (typeof value === 'string') return value;
  if ('amount' in value) return value.amount;
  return 'ratio' in value ? value.ratio : value.months;
}

/** To the 10 decimals that figures are given to, half-even. */
export function tenDecimals(value: DecimalText): DecimalText {
  return sum([roundedDecimal(value, 10)]);
}
