// The metric catalogue: a line a metric, by its standard name, with unit, direction and how it is formed. Enums, labels
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

export interface MetricEntry<Shape extends MetricForm = MetricForm> {
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
  readonly shape: Shape;
}

const count = { form: 'count' } as const;
const amount = { form: 'money' } as const;
const sample = { form: 'sample' } as const;
const level = { form: 'level' } as const;
const figure = { form: 'figure' } as const;
const ratio = (numerator: string, denominator: string) =>
  ({ form: 'ratio', numerator, denominator }) as const;

/** A line of the catalogue, by its family. */
const row =
  (family: MetricFamily) =>
  <const Shape extends MetricForm>(
    label: string,
    unit: MetricEntry['unit'],
    direction: MetricEntry['direction'],
    shape: Shape,
  ): MetricEntry<Shape> => ({ label, family, unit, direction, shape });

const audience = row('audience');
const growth = row('growth');
const cost = row('cost');
const economics = row('economics');
const incrementality = row('incrementality');
const social = row('social');
const experience = row('experience');
const sustainability = row('sustainability');
const declared = row('declared');

export const METRICS = {
  // Audience and funnel: the counts that ratios are made of.
  impressions: audience('Impressions', 'events', 'none', count),
  reach: audience('Reach', 'people', 'higher', level),
  clicks: audience('Clicks', 'events', 'higher', count),
  visitors: audience('Visitors', 'people', 'higher', count),
  conversions: audience('Conversions', 'events', 'higher', count),
  attributed_conversions: audience('Attributed conversions', 'events', 'higher', count),
  cart_additions: audience('Cart additions', 'events', 'higher', count),
  baskets_abandoned: audience('Baskets abandoned', 'events', 'lower', count),
  baskets_recovered: audience('Baskets recovered', 'events', 'higher', count),
  video_views: audience('Video views', 'events', 'higher', count),
  completed_views: audience('Completed video views', 'events', 'higher', count),
  leads: audience('Leads', 'people', 'higher', count),
  qualified_leads: audience('Qualified leads', 'people', 'higher', count),
  search_queries: audience('Search queries', 'events', 'higher', count),
  view_time: audience('View time', 'seconds', 'higher', sample),
  ctr: audience('Click-through rate (CTR)', 'fraction', 'higher', ratio('clicks', 'impressions')),
  cvr: audience('Conversion rate (CVR)', 'fraction', 'higher', ratio('conversions', 'visitors')),
  add_to_cart_rate: audience('Add-to-cart rate', 'fraction', 'higher', ratio('cart_additions', 'visitors')),
  view_through_rate: audience(
    'View-through rate (VTR)',
    'fraction',
    'higher',
    ratio('completed_views', 'video_views'),
  ),
  recovery_rate: audience(
    'Recovery rate of abandoned baskets',
    'fraction',
    'higher',
    ratio('baskets_recovered', 'baskets_abandoned'),
  ),

  // Growth and revenue.
  orders: growth('Orders', 'events', 'higher', count),
  customers: growth('Active customers', 'people', 'higher', level),
  new_customers: growth('New customers', 'people', 'higher', count),
  repeat_customers: growth('Customers who bought again', 'people', 'higher', count),
  buyers: growth('Customers who bought', 'people', 'higher', count),
  revenue: growth('Revenue', 'currency', 'higher', amount),
  arr: growth('Annual recurring revenue (ARR)', 'currency', 'higher', level),
  pipeline: growth('Sales pipeline', 'currency', 'higher', level),
  market_sales: growth('Sales of the whole market', 'currency', 'none', amount),
  sales_cycle_length: growth('Sales-cycle length', 'days', 'lower', sample),
  average_basket: growth('Average basket', 'currency', 'higher', sample),
  revenue_per_visitor: growth('Revenue per visitor', 'currency', 'higher', sample),
  purchase_frequency: growth('Purchase frequency', 'multiple', 'higher', ratio('orders', 'buyers')),
  repeat_purchase_rate: growth(
    'Repeat purchase rate',
    'fraction',
    'higher',
    ratio('repeat_customers', 'buyers'),
  ),
  conquest_rate: growth(
    'Conquest (share of new customers)',
    'fraction',
    'higher',
    ratio('new_customers', 'buyers'),
  ),
  market_share: growth('Market share', 'fraction', 'higher', ratio('revenue', 'market_sales')),

  // The cost stack, one line each, so that every margin shows what it carries.
  spend: cost('Media and acquisition spend', 'currency', 'none', amount),
  product_cost: cost('Cost of products sold', 'currency', 'lower', amount),
  fulfilment_cost: cost('Fulfilment cost', 'currency', 'lower', amount),
  payment_fees: cost('Payment fees', 'currency', 'lower', amount),
  service_cost: cost('Customer service cost', 'currency', 'lower', amount),

  // Figures of economics.ts.
  cac: economics('Customer acquisition cost (CAC)', 'currency', 'lower', figure),
  ltv: economics('Lifetime value (LTV, CLV)', 'currency', 'higher', figure),
  ltv_to_cac: economics('LTV to CAC', 'multiple', 'higher', figure),
  roas: economics('Return on ad spend (ROAS)', 'multiple', 'higher', figure),
  gross_margin: economics('Gross margin (CM1 rate)', 'fraction', 'higher', figure),
  contribution_margin: economics('Contribution margin (CM3)', 'currency', 'higher', figure),
  contribution_margin_rate: economics(
    'Contribution margin rate (CM3 over revenue)',
    'fraction',
    'higher',
    figure,
  ),
  payback: economics('CAC payback', 'months', 'lower', figure),

  // Incrementality: results of designed measurements.
  incremental_conversions: incrementality('Incremental conversions', 'events', 'higher', level),
  incremental_revenue: incrementality('Incremental revenue', 'currency', 'higher', level),
  incremental_roas: incrementality(
    'Incremental ROAS (iROAS)',
    'multiple',
    'higher',
    ratio('incremental_revenue', 'spend'),
  ),
  lift: incrementality('Lift', 'fraction', 'higher', level),
  brand_lift: incrementality('Brand lift', 'fraction', 'higher', level),
  attribution_share: incrementality(
    'Attributed share of conversions',
    'fraction',
    'none',
    ratio('attributed_conversions', 'conversions'),
  ),

  // Social.
  brand_mentions: social('Brand mentions', 'events', 'higher', count),
  category_mentions: social('Mentions of the category', 'events', 'none', count),
  demand_mentions: social('Mentions that voice the need', 'events', 'higher', count),
  shares: social('Shares', 'events', 'higher', count),
  qualified_interactions: social('Qualified interactions', 'events', 'higher', count),
  qualified_engagement: social(
    'Qualified engagement',
    'fraction',
    'higher',
    ratio('qualified_interactions', 'impressions'),
  ),
  share_of_voice: social(
    'Share of voice (SOV)',
    'fraction',
    'higher',
    ratio('brand_mentions', 'category_mentions'),
  ),
  sentiment: social('Sentiment (-1 to 1)', 'score', 'higher', sample),

  // Experience.
  nps: experience('Net promoter score (NPS, as a mean of -1, 0, 1)', 'score', 'higher', sample),
  ces: experience('Customer effort score (CES)', 'score', 'lower', sample),
  willingness_to_pay: experience('Willingness to pay', 'currency', 'higher', sample),
  brand_preference: experience('Brand preference', 'fraction', 'higher', sample),
  churned_customers: experience('Customers lost', 'people', 'lower', count),
  customers_at_start: experience('Customers at the start of each period', 'people', 'none', count),
  churn: experience('Churn', 'fraction', 'lower', ratio('churned_customers', 'customers_at_start')),
  cohort_size: experience('Cohort size', 'people', 'none', count),
  retained_d30: experience('Still active at day 30', 'people', 'higher', count),
  retention_d30: experience(
    'Retention at day 30',
    'fraction',
    'higher',
    ratio('retained_d30', 'cohort_size'),
  ),

  // Sustainability: promise and proof.
  alignment_index: sustainability('Alignment index', 'score', 'higher', sample),
  trust: sustainability('Trust', 'score', 'higher', sample),
  responsible_orders: sustainability('Orders of a responsible choice', 'events', 'higher', count),
  responsible_choice_rate: sustainability(
    'Rate of responsible choice',
    'fraction',
    'higher',
    ratio('responsible_orders', 'orders'),
  ),
  co2_per_order: sustainability('CO2 per order', 'grams', 'lower', sample),

  // Human evidence, declared with an author and a method.
  interviews: declared('Interviews held', 'people', 'none', count),
  interviews_with_need: declared('Interviewees who have the need', 'people', 'higher', count),
  need_rate: declared(
    'Share of interviewees who have the need',
    'fraction',
    'higher',
    ratio('interviews_with_need', 'interviews'),
  ),
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
