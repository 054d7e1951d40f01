// Unit economics: every figure of a stage, a thesis or a group, from sums and never from averages. A figure without
// a value carries the reason; nothing here knows where sums come from, and no two currencies meet.

import type {
  Coverage,
  DefinitionId,
  Figure,
  FigureBasis,
  FigureName,
  FigureValue,
  NotComputable,
} from './economics/figure.ts';
import { decimalIn, FIGURES, tenDecimals } from './economics/figure.ts';
import { customerValue, shownMethod } from './economics/lifetime-value.ts';
import type { EconomicsMethod, ShownMethod } from './economics/method.ts';
import type { InputName, ObservedInputs } from './economics/observed-inputs.ts';
import { coverageOf, gradeOf, INPUT_METRICS, inputTerm, missingReason } from './economics/observed-inputs.ts';
import { divided, less, observed, positive, type Term } from './economics/term.ts';
import type { EvidenceGrade } from './evidence.ts';
import type { METRICS, Metric } from './metric.ts';
import { type Currency, type DecimalText, difference, type Money, money } from './money.ts';

/** The sums that every figure is made of; a sum that is not known is null, never zero. */
export interface BusinessInputs {
  readonly spend: DecimalText | null;
  readonly newCustomers: DecimalText | null;
  readonly orders: DecimalText | null;
  readonly revenue: DecimalText | null;
  readonly productCost: DecimalText | null;
  readonly fulfilmentCost: DecimalText | null;
  readonly paymentFees: DecimalText | null;
  readonly serviceCost: DecimalText | null;
}

/** A line of the cost stack, or a count, as it enters the figures. */
export type StackLine = { readonly metric: Metric } & (
  | { readonly value: DecimalText }
  | { readonly notComputable: NotComputable }
);

export interface UnitEconomics {
  readonly basis: 'forecast' | 'observed';
  readonly currency: Currency;
  /** The lifetime-value method declared; null when theses read together declare different ones. */
  readonly method: ShownMethod | null;
  readonly stack: Readonly<Record<InputName, StackLine>>;
  readonly figures: Readonly<Record<FigureName, Figure>>;
  /** Over the whole stack: the weakest grade, and how much was there (null for a forecast). */
  readonly grade: EvidenceGrade | null;
  readonly coverage: Coverage | null;
}

/** The figures of finance's business case for a stage. */
export function forecastEconomics(
  inputs: BusinessInputs,
  method: EconomicsMethod,
  currency: Currency,
): UnitEconomics {
  const term = (name: InputName) => observed(INPUT_METRICS[name], inputs[name], missingReason(name));
  const rests = () => ({ grade: 'declared', coverage: null }) as const;
  return {
    basis: 'forecast',
    currency,
    method: shownMethod(method),
    ...computed(term, method, currency, rests),
    ...rests(),
  };
}

/** The figures of what was observed. `method` is null when theses read together declare different ones. */
export function observedEconomics(
  lines: ObservedInputs,
  method: EconomicsMethod | null,
  currency: Currency,
): UnitEconomics {
  const term = (name: InputName) => inputTerm(name, lines);
  const rests = (metrics: readonly Metric[], declared: boolean) => {
    const grade = gradeOf(lines, metrics);
    return { grade: declared ? ('declared' as const) : grade, coverage: coverageOf(lines, metrics) };
  };
  const all = Object.values(INPUT_METRICS);
  return {
    basis: 'observed',
    currency,
    method: method === null ? null : shownMethod(method),
    ...computed(term, method, currency, rests),
    ...rests(all, false),
  };
}

/** The catalogue's metrics that are figures. */
export type FigureMetric = {
  [M in Metric]: (typeof METRICS)[M]['shape'] extends { readonly form: 'figure' } ? M : never;
}[Metric];

/** The figure behind each of them. */
export const METRIC_FIGURES = {
  cac: 'cac',
  ltv: 'ltv',
  ltv_to_cac: 'ltvToCac',
  roas: 'roas',
  gross_margin: 'cm1Rate',
  contribution_margin: 'cm3',
  contribution_margin_rate: 'cm3Rate',
  payback: 'payback',
} as const satisfies Record<FigureMetric, FigureName>;

/** The figure that a criterion on `metric` is evaluated on. */
export function figureOf(metric: FigureMetric, economics: UnitEconomics): Figure {
  return economics.figures[METRIC_FIGURES[metric]];
}

export function isFigureMetric(metric: Metric): metric is FigureMetric {
  return Object.hasOwn(METRIC_FIGURES, metric);
}

/** Observed less forecast, in money. */
export type Difference = { readonly definition: DefinitionId } & (
  | { readonly value: Money }
  | { readonly notComputable: NotComputable }
);

/** How far spend, CAC and CM3 are from the business case: more than 0 means more than forecast. */
export function differences(
  actual: UnitEconomics,
  forecast: UnitEconomics | null,
): Readonly<Record<'spend' | 'cac' | 'cm3', Difference>> {
  const of = (line: (economics: UnitEconomics) => StackLine | Figure) =>
    between(
      line(actual),
      forecast === null ? { notComputable: 'no_forecast' } : line(forecast),
      actual.currency,
    );
  return {
    spend: of(({ stack }) => stack.spend),
    cac: of(({ figures }) => figures.cac),
    cm3: of(({ figures }) => figures.cm3),
  };
}

type Known = { readonly value: DecimalText | FigureValue } | { readonly notComputable: NotComputable };

function between(actual: Known, forecast: Known, currency: Currency): Difference {
  const definition = 'difference/1';
  if ('notComputable' in actual) return { definition, notComputable: actual.notComputable };
  if ('notComputable' in forecast) return { definition, notComputable: forecast.notComputable };
  return {
    definition,
    value: money(difference(decimalIn(actual.value), decimalIn(forecast.value)), currency),
  };
}

/** What a set of inputs rests on, with or without declared parameters. */
type Rests = (metrics: readonly Metric[], declared: boolean) => Pick<FigureBasis, 'grade' | 'coverage'>;

function computed(
  term: (name: InputName) => Term,
  method: EconomicsMethod | null,
  currency: Currency,
  rests: Rests,
): Pick<UnitEconomics, 'stack' | 'figures'> {
  const figure = (name: FigureName, definition: DefinitionId, result: Term): Figure => {
    const basis = { definition, inputs: result.inputs, ...rests(result.inputs, result.declared) };
    if ('notComputable' in result) return { notComputable: result.notComputable, ...basis };
    return { value: inUnit(name, tenDecimals(result.value), currency), ...basis };
  };
  return { stack: stackOf(term), figures: figuresOf(term, method, figure) };
}

/** The formulas of the catalogue in figure.ts, each under its definition. */
function figuresOf(
  term: (name: InputName) => Term,
  method: EconomicsMethod | null,
  figure: (name: FigureName, definition: DefinitionId, result: Term) => Figure,
): UnitEconomics['figures'] {
  const spend = term('spend');
  const revenue = term('revenue');
  const cac = divided(positive(spend, 'no_spend'), term('newCustomers'), 'no_new_customers');
  const cm1 = less(revenue, term('productCost'));
  const cm2 = less(cm1, term('fulfilmentCost'), term('paymentFees'), term('serviceCost'));
  const cm3 = less(cm2, spend);
  const value = customerValue(method, cm2, term('orders'));
  const monthlyMargin = positive(value.monthlyMargin, 'margin_not_positive');
  return {
    cac: figure('cac', 'cac/1', cac),
    roas: figure('roas', 'roas/1', divided(revenue, spend, 'no_spend')),
    cm1: figure('cm1', 'cm1/1', cm1),
    cm2: figure('cm2', 'cm2/1', cm2),
    cm3: figure('cm3', 'cm3/1', cm3),
    cm1Rate: figure('cm1Rate', 'cm1_rate/1', divided(cm1, revenue, 'no_revenue')),
    cm2Rate: figure('cm2Rate', 'cm2_rate/1', divided(cm2, revenue, 'no_revenue')),
    cm3Rate: figure('cm3Rate', 'cm3_rate/1', divided(cm3, revenue, 'no_revenue')),
    ltv: figure('ltv', value.definition, value.ltv),
    ltvToCac: figure('ltvToCac', 'ltv_to_cac/1', divided(value.ltv, cac, 'no_spend')),
    payback: figure('payback', 'payback/1', divided(cac, monthlyMargin, 'margin_not_positive')),
  };
}

function stackOf(term: (name: InputName) => Term): UnitEconomics['stack'] {
  const line = (name: InputName): StackLine => {
    const metric = INPUT_METRICS[name];
    const known = term(name);
    if ('notComputable' in known) return { metric, notComputable: known.notComputable };
    return { metric, value: tenDecimals(known.value) };
  };
  return {
    spend: line('spend'),
    newCustomers: line('newCustomers'),
    orders: line('orders'),
    revenue: line('revenue'),
    productCost: line('productCost'),
    fulfilmentCost: line('fulfilmentCost'),
    paymentFees: line('paymentFees'),
    serviceCost: line('serviceCost'),
  };
}

function inUnit(name: FigureName, value: DecimalText, currency: Currency): FigureValue {
  const { unit } = FIGURES[name];
  if (unit === 'money') return money(value, currency);
  return unit === 'ratio' ? { ratio: value } : { months: value };
}
