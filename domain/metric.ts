// The metric catalogue: every metric by its standard name, with unit, direction and how it is formed. Enums, labels
// and checks elsewhere are derived from this table. Observed metrics arrive as sums; ratios are formed from two
// observed metrics and never averaged; figures are computed by economics.ts.

/** How a metric comes to be. */
export type MetricForm =
  /** A number of events that may be summed over periods and channels. */
  | { readonly form: 'count' }
  /** An amount of money that may be summed within one currency. */
  | { readonly form: 'money' }
  /** A mean of a quantity measured on units: sent as n, sum and sum of squares. */
  | { readonly form: 'sample' }
  /** A standing figure that must not be summed over time: the newest one counts. */
  | { readonly form: 'level' }
  /** Numerator over denominator, both observed, divided once after summing. */
  | { readonly form: 'ratio'; readonly numerator: string; readonly denominator: string }
  /** A unit-economics figure: see economics.ts. */
  | { readonly form: 'figure' };

export type MetricFamily =
  | 'audience'
  | 'growth'
  | 'cost'
  | 'economics'
  | 'incrementality'
  | 'social'
  | 'experience'
  | 'sustainability'
  | 'declared';

export interface MetricEntry {
  readonly label: string;
  readonly family: MetricFamily;
  readonly unit:
    | 'events'
    | 'people'
    | 'currency'
    | 'fraction'
    | 'score'
    | 'days'
    | 'months'
    | 'seconds'
    | 'grams'
    | 'multiple';
  /** Which way is better; `none` for a quantity that is neither good nor bad by itself. */
  readonly direction: 'higher' | 'lower' | 'none';
  readonly shape: MetricForm;
}

const count = { form: 'count' } as const;
const amount = { form: 'money' } as const;
const sample = { form: 'sample' } as const;
const level = { form: 'level' } as const;
const figure = { form: 'figure' } as const;
const ratio = (numerator: string, denominator: string) =>
  ({ form: 'ratio', numerator, denominator }) as const;

export const METRICS = {
  // Audience and funnel: the counts that ratios are made of.
  impressions: { label: 'Impressions', family: 'audience', unit: 'events', direction: 'none', shape: count },
  reach: { label: 'Reach', family: 'audience', unit: 'people', direction: 'higher', shape: level },
  clicks: { label: 'Clicks', family: 'audience', unit: 'events', direction: 'higher', shape: count },
  visitors: { label: 'Visitors', family: 'audience', unit: 'people', direction: 'higher', shape: count },
  conversions: {
    label: 'Conversions',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  attributed_conversions: {
    label: 'Attributed conversions',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  cart_additions: {
    label: 'Cart additions',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  baskets_abandoned: {
    label: 'Baskets abandoned',
    family: 'audience',
    unit: 'events',
    direction: 'lower',
    shape: count,
  },
  baskets_recovered: {
    label: 'Baskets recovered',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  video_views: {
    label: 'Video views',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  completed_views: {
    label: 'Completed video views',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  leads: { label: 'Leads', family: 'audience', unit: 'people', direction: 'higher', shape: count },
  qualified_leads: {
    label: 'Qualified leads',
    family: 'audience',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  search_queries: {
    label: 'Search queries',
    family: 'audience',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  view_time: { label: 'View time', family: 'audience', unit: 'seconds', direction: 'higher', shape: sample },
  ctr: {
    label: 'Click-through rate (CTR)',
    family: 'audience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('clicks', 'impressions'),
  },
  cvr: {
    label: 'Conversion rate (CVR)',
    family: 'audience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('conversions', 'visitors'),
  },
  add_to_cart_rate: {
    label: 'Add-to-cart rate',
    family: 'audience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('cart_additions', 'visitors'),
  },
  view_through_rate: {
    label: 'View-through rate (VTR)',
    family: 'audience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('completed_views', 'video_views'),
  },
  recovery_rate: {
    label: 'Recovery rate of abandoned baskets',
    family: 'audience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('baskets_recovered', 'baskets_abandoned'),
  },

  // Growth and revenue.
  orders: { label: 'Orders', family: 'growth', unit: 'events', direction: 'higher', shape: count },
  customers: {
    label: 'Active customers',
    family: 'growth',
    unit: 'people',
    direction: 'higher',
    shape: level,
  },
  new_customers: {
    label: 'New customers',
    family: 'growth',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  repeat_customers: {
    label: 'Customers who bought again',
    family: 'growth',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  buyers: {
    label: 'Customers who bought',
    family: 'growth',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  revenue: { label: 'Revenue', family: 'growth', unit: 'currency', direction: 'higher', shape: amount },
  arr: {
    label: 'Annual recurring revenue (ARR)',
    family: 'growth',
    unit: 'currency',
    direction: 'higher',
    shape: level,
  },
  pipeline: {
    label: 'Sales pipeline',
    family: 'growth',
    unit: 'currency',
    direction: 'higher',
    shape: level,
  },
  market_sales: {
    label: 'Sales of the whole market',
    family: 'growth',
    unit: 'currency',
    direction: 'none',
    shape: amount,
  },
  sales_cycle_length: {
    label: 'Sales-cycle length',
    family: 'growth',
    unit: 'days',
    direction: 'lower',
    shape: sample,
  },
  average_basket: {
    label: 'Average basket',
    family: 'growth',
    unit: 'currency',
    direction: 'higher',
    shape: sample,
  },
  revenue_per_visitor: {
    label: 'Revenue per visitor',
    family: 'growth',
    unit: 'currency',
    direction: 'higher',
    shape: sample,
  },
  purchase_frequency: {
    label: 'Purchase frequency',
    family: 'growth',
    unit: 'multiple',
    direction: 'higher',
    shape: ratio('orders', 'buyers'),
  },
  repeat_purchase_rate: {
    label: 'Repeat purchase rate',
    family: 'growth',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('repeat_customers', 'buyers'),
  },
  conquest_rate: {
    label: 'Conquest (share of new customers)',
    family: 'growth',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('new_customers', 'buyers'),
  },
  market_share: {
    label: 'Market share',
    family: 'growth',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('revenue', 'market_sales'),
  },

  // The cost stack, one line each, so that every margin shows what it carries.
  spend: {
    label: 'Media and acquisition spend',
    family: 'cost',
    unit: 'currency',
    direction: 'none',
    shape: amount,
  },
  product_cost: {
    label: 'Cost of products sold',
    family: 'cost',
    unit: 'currency',
    direction: 'lower',
    shape: amount,
  },
  fulfilment_cost: {
    label: 'Fulfilment cost',
    family: 'cost',
    unit: 'currency',
    direction: 'lower',
    shape: amount,
  },
  payment_fees: {
    label: 'Payment fees',
    family: 'cost',
    unit: 'currency',
    direction: 'lower',
    shape: amount,
  },
  service_cost: {
    label: 'Customer service cost',
    family: 'cost',
    unit: 'currency',
    direction: 'lower',
    shape: amount,
  },

  // Figures of economics.ts.
  cac: {
    label: 'Customer acquisition cost (CAC)',
    family: 'economics',
    unit: 'currency',
    direction: 'lower',
    shape: figure,
  },
  ltv: {
    label: 'Lifetime value (LTV, CLV)',
    family: 'economics',
    unit: 'currency',
    direction: 'higher',
    shape: figure,
  },
  ltv_to_cac: {
    label: 'LTV to CAC',
    family: 'economics',
    unit: 'multiple',
    direction: 'higher',
    shape: figure,
  },
  roas: {
    label: 'Return on ad spend (ROAS)',
    family: 'economics',
    unit: 'multiple',
    direction: 'higher',
    shape: figure,
  },
  gross_margin: {
    label: 'Gross margin (CM1 rate)',
    family: 'economics',
    unit: 'fraction',
    direction: 'higher',
    shape: figure,
  },
  contribution_margin: {
    label: 'Contribution margin (CM3)',
    family: 'economics',
    unit: 'currency',
    direction: 'higher',
    shape: figure,
  },
  contribution_margin_rate: {
    label: 'Contribution margin rate (CM3 over revenue)',
    family: 'economics',
    unit: 'fraction',
    direction: 'higher',
    shape: figure,
  },
  payback: { label: 'CAC payback', family: 'economics', unit: 'months', direction: 'lower', shape: figure },

  // Incrementality: results of designed measurements.
  incremental_conversions: {
    label: 'Incremental conversions',
    family: 'incrementality',
    unit: 'events',
    direction: 'higher',
    shape: level,
  },
  incremental_revenue: {
    label: 'Incremental revenue',
    family: 'incrementality',
    unit: 'currency',
    direction: 'higher',
    shape: level,
  },
  incremental_roas: {
    label: 'Incremental ROAS (iROAS)',
    family: 'incrementality',
    unit: 'multiple',
    direction: 'higher',
    shape: ratio('incremental_revenue', 'spend'),
  },
  lift: { label: 'Lift', family: 'incrementality', unit: 'fraction', direction: 'higher', shape: level },
  brand_lift: {
    label: 'Brand lift',
    family: 'incrementality',
    unit: 'fraction',
    direction: 'higher',
    shape: level,
  },
  attribution_share: {
    label: 'Attributed share of conversions',
    family: 'incrementality',
    unit: 'fraction',
    direction: 'none',
    shape: ratio('attributed_conversions', 'conversions'),
  },

  // Social.
  brand_mentions: {
    label: 'Brand mentions',
    family: 'social',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  category_mentions: {
    label: 'Mentions of the category',
    family: 'social',
    unit: 'events',
    direction: 'none',
    shape: count,
  },
  demand_mentions: {
    label: 'Mentions that voice the need',
    family: 'social',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  shares: { label: 'Shares', family: 'social', unit: 'events', direction: 'higher', shape: count },
  qualified_interactions: {
    label: 'Qualified interactions',
    family: 'social',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  qualified_engagement: {
    label: 'Qualified engagement',
    family: 'social',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('qualified_interactions', 'impressions'),
  },
  share_of_voice: {
    label: 'Share of voice (SOV)',
    family: 'social',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('brand_mentions', 'category_mentions'),
  },
  sentiment: {
    label: 'Sentiment (-1 to 1)',
    family: 'social',
    unit: 'score',
    direction: 'higher',
    shape: sample,
  },

  // Experience.
  nps: {
    label: 'Net promoter score (NPS, as a mean of -1, 0, 1)',
    family: 'experience',
    unit: 'score',
    direction: 'higher',
    shape: sample,
  },
  ces: {
    label: 'Customer effort score (CES)',
    family: 'experience',
    unit: 'score',
    direction: 'lower',
    shape: sample,
  },
  willingness_to_pay: {
    label: 'Willingness to pay',
    family: 'experience',
    unit: 'currency',
    direction: 'higher',
    shape: sample,
  },
  brand_preference: {
    label: 'Brand preference',
    family: 'experience',
    unit: 'fraction',
    direction: 'higher',
    shape: sample,
  },
  churned_customers: {
    label: 'Customers lost',
    family: 'experience',
    unit: 'people',
    direction: 'lower',
    shape: count,
  },
  customers_at_start: {
    label: 'Customers at the start of each period',
    family: 'experience',
    unit: 'people',
    direction: 'none',
    shape: count,
  },
  churn: {
    label: 'Churn',
    family: 'experience',
    unit: 'fraction',
    direction: 'lower',
    shape: ratio('churned_customers', 'customers_at_start'),
  },
  cohort_size: {
    label: 'Cohort size',
    family: 'experience',
    unit: 'people',
    direction: 'none',
    shape: count,
  },
  retained_d30: {
    label: 'Still active at day 30',
    family: 'experience',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  retention_d30: {
    label: 'Retention at day 30',
    family: 'experience',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('retained_d30', 'cohort_size'),
  },

  // Sustainability: promise and proof.
  alignment_index: {
    label: 'Alignment index',
    family: 'sustainability',
    unit: 'score',
    direction: 'higher',
    shape: sample,
  },
  trust: { label: 'Trust', family: 'sustainability', unit: 'score', direction: 'higher', shape: sample },
  responsible_orders: {
    label: 'Orders of a responsible choice',
    family: 'sustainability',
    unit: 'events',
    direction: 'higher',
    shape: count,
  },
  responsible_choice_rate: {
    label: 'Rate of responsible choice',
    family: 'sustainability',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('responsible_orders', 'orders'),
  },
  co2_per_order: {
    label: 'CO2 per order',
    family: 'sustainability',
    unit: 'grams',
    direction: 'lower',
    shape: sample,
  },

  // Human evidence, declared with an author and a method.
  interviews: {
    label: 'Interviews held',
    family: 'declared',
    unit: 'people',
    direction: 'none',
    shape: count,
  },
  interviews_with_need: {
    label: 'Interviewees who have the need',
    family: 'declared',
    unit: 'people',
    direction: 'higher',
    shape: count,
  },
  need_rate: {
    label: 'Share of interviewees who have the need',
    family: 'declared',
    unit: 'fraction',
    direction: 'higher',
    shape: ratio('interviews_with_need', 'interviews'),
  },
} as const satisfies Record<string, MetricEntry>;

export type Metric = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as Metric[];

/** The metrics that a source can send: everything that is not computed from others. */
export const OBSERVED_METRICS = METRIC_NAMES.filter((name) => isObserved(name));

export function isMetric(name: string): name is Metric {
  return Object.hasOwn(METRICS, name);
}

export function isObserved(name: Metric): boolean {
  const { form } = METRICS[name].shape;
  return form !== 'ratio' && form !== 'figure';
}

/** Whether its sum is an amount of money, so that a currency is mandatory. */
export function isMonetary(name: Metric): boolean {
  return METRICS[name].unit === 'currency';
}

/** The observed metrics a metric is read from: itself, or its numerator and denominator. */
export function observedParts(name: Metric): Metric[] {
  const shape: MetricForm = METRICS[name].shape;
  if (shape.form === 'ratio') return [shape.numerator, shape.denominator].filter(isMetric);
  return shape.form === 'figure' ? [] : [name];
}
