// What an experiment added in conversions and money, and at what cost: the figures that stand beside the observed ones
// where arms were randomised. The lift is the one shrunken against the winner's curse; the raw one is shown too.

import type { Instant } from '../duration.ts';
import { cell, type EvidenceCell, type EvidenceGrade, type EvidenceTable } from '../evidence.ts';
import type { ArmReading, ExperimentReadOut } from '../experiment.ts';
import type { Metric } from '../metric.ts';
import { type Currency, type DecimalText, fromNumber, type Money, money, toNumber } from '../money.ts';
import type { ExperimentPlan } from '../playbook.ts';
import type { DefinitionId, NotComputable } from './figure.ts';

export type IncrementalValue = Money | { readonly ratio: DecimalText } | { readonly count: DecimalText };

/** A figure with its interval; an end is null where it has no limit or none is known. */
export interface Bounded {
  readonly value: IncrementalValue;
  readonly lower: IncrementalValue | null;
  readonly upper: IncrementalValue | null;
}

export type IncrementalFigure = { readonly definition: DefinitionId } & (
  | {
      /** From the shrunken lift: what money is decided on. */
      readonly shrunken: Bounded;
      /** From the lift as measured, with the interval that its verdict rests on (Fieller's); null without one. */
      readonly raw: Bounded | null;
    }
  | { readonly notComputable: NotComputable }
);

export interface ArmIncrement {
  readonly arm: string;
  readonly conversions: IncrementalFigure;
  readonly costPerAcquisition: IncrementalFigure;
  readonly revenue: IncrementalFigure;
  readonly roas: IncrementalFigure;
}

export interface IncrementalEconomics {
  readonly kind: 'ab' | 'holdout';
  /** The read-out that it is of. */
  readonly at: Instant;
  readonly grade: EvidenceGrade;
  readonly arms: readonly ArmIncrement[];
}

/** What was read out, and the sums that it is turned into money with. */
export interface IncrementalSources {
  readonly experiment: ExperimentReadOut;
  readonly table: EvidenceTable;
  readonly currency: Currency;
  readonly at: Instant;
}

/** The figures of each treatment arm; null for a comparison of markets or of days, which has an increment of its own. */
export function incrementalEconomics(
  plan: ExperimentPlan,
  sources: IncrementalSources,
): IncrementalEconomics | null {
  const { kind, treatments } = plan;
  if (kind !== 'ab' && kind !== 'holdout') return null;
  const { grade } = sources.experiment;
  return { kind, at: sources.at, grade, arms: treatments.map((arm) => armIncrement(plan, arm, sources)) };
}

/** Money spent on the arm that control did not have; of a holdout, all that was spent on it. */
export function spendOnArm(
  plan: ExperimentPlan,
  arm: string,
  table: EvidenceTable,
  currency: Currency,
): number | NotComputable {
  const spent = (name?: string) => known(cell(table, 'spend', name));
  const lone = plan.kind === 'holdout' && plan.treatments.length === 1;
  const own = spent(arm) ?? (lone ? spent() : null);
  const control = plan.kind === 'holdout' ? null : spent(plan.control);
  if (own === null || (plan.kind !== 'holdout' && control === null)) return 'missing_spend';
  if ([own, control].some((found) => found !== null && found.currency !== currency)) return 'other_currency';
  const visitors = (name: string) => toNumber(known(cell(table, 'visitors', name))?.sum ?? '0');
  const share = control === null ? 0 : visitors(arm) / visitors(plan.control);
  const beyond = toNumber(own.sum) - (control === null ? 0 : toNumber(control.sum) * share);
  return Number.isFinite(beyond) && beyond > 0 ? beyond : 'no_spend';
}

function armIncrement(plan: ExperimentPlan, arm: string, sources: IncrementalSources): ArmIncrement {
  const { table, currency } = sources;
  const conversions = liftedOver(plan, arm, 'cvr', sources);
  const revenue = liftedOver(plan, arm, 'revenue_per_visitor', sources);
  const spend = spendOnArm(plan, arm, table, currency);
  const inMoney = (value: number) => money(fromNumber(value), currency);
  return {
    arm,
    conversions: figure('incremental_conversions/1', conversions, (lift) =>
      bounded(lift, (value) => ({ count: fromNumber(value) })),
    ),
    costPerAcquisition: spendFigure('cost_per_incremental_acquisition/1', conversions, spend, (lift, cost) =>
      costOfOne(lift, cost, inMoney),
    ),
    revenue: figure('incremental_revenue/1', revenue, (lift) => bounded(lift, inMoney)),
    roas: spendFigure('incremental_roas/1', revenue, spend, (lift, cost) =>
      bounded(lift, (value) => ({ ratio: fromNumber(value / cost) })),
    ),
  };
}

/** An increment as a number, and its interval. */
interface Lifted {
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

type Increments = { readonly shrunken: Lifted; readonly raw: Lifted } | NotComputable;

/** The lift of `metric` in the arm, times what the arm's visitors would have given at control's value. */
function liftedOver(
  { control }: ExperimentPlan,
  arm: string,
  metric: Extract<Metric, 'cvr' | 'revenue_per_visitor'>,
  { experiment, table, currency }: IncrementalSources,
): Increments {
  if (!experiment.health.healthy) return 'broken_experiment';
  const reading = experiment.readings.find((found) => found.metric === metric && found.arm === arm);
  if (reading === undefined || reading.estimate === null || reading.shrunken === null) return 'no_lift';
  const expected =
    metric === 'cvr'
      ? expectedConversions(table, control, arm)
      : expectedRevenue(table, control, arm, currency);
  if (typeof expected === 'string') return expected;
  return lifted(reading, reading.estimate, reading.shrunken, expected);
}

function lifted(
  { interval }: ArmReading,
  estimate: number,
  { shrunken, lower, upper }: NonNullable<ArmReading['shrunken']>,
  expected: number,
): Increments {
  const end = (lift: number | undefined) => (lift === undefined ? null : lift * expected);
  return {
    shrunken: { value: shrunken * expected, lower: lower * expected, upper: upper * expected },
    raw: { value: estimate * expected, lower: end(interval?.lower), upper: end(interval?.upper) },
  };
}

function expectedConversions(table: EvidenceTable, control: string, arm: string): number | NotComputable {
  const [conversions, visitors, own] = [
    known(cell(table, 'conversions', control)),
    known(cell(table, 'visitors', control)),
    known(cell(table, 'visitors', arm)),
  ];
  if (conversions === null || visitors === null || own === null) return 'no_lift';
  return atRateOf(toNumber(conversions.sum), toNumber(visitors.sum), toNumber(own.sum));
}

function expectedRevenue(
  table: EvidenceTable,
  control: string,
  arm: string,
  currency: Currency,
): number | NotComputable {
  const [theirs, own] = [control, arm].map((name) => known(cell(table, 'revenue_per_visitor', name)));
  if (theirs?.n == null || own?.n == null) return 'missing_revenue';
  if (theirs.currency !== currency || own.currency !== currency) return 'other_currency';
  return atRateOf(toNumber(theirs.sum), toNumber(theirs.n), toNumber(own.n));
}

function atRateOf(sum: number, units: number, own: number): number | NotComputable {
  // A lift is over the size of control's value, also where refunds have made that negative.
  return units > 0 ? Math.abs(sum / units) * own : 'no_lift';
}

/** The cell when something was observed, not only declared missing. */
function known(found: EvidenceCell | null): EvidenceCell | null {
  return found === null || found.observations === 0 ? null : found;
}

function figure(
  definition: DefinitionId,
  increments: Increments,
  shown: (lift: Lifted) => Bounded | null,
): IncrementalFigure {
  if (typeof increments === 'string') return { definition, notComputable: increments };
  const shrunken = shown(increments.shrunken);
  if (shrunken === null) return { definition, notComputable: 'no_increment' };
  return { definition, shrunken, raw: shown(increments.raw) };
}

function spendFigure(
  definition: DefinitionId,
  increments: Increments,
  spend: number | NotComputable,
  shown: (lift: Lifted, spend: number) => Bounded | null,
): IncrementalFigure {
  if (typeof increments === 'string') return { definition, notComputable: increments };
  if (typeof spend === 'string') return { definition, notComputable: spend };
  return figure(definition, increments, (lift) => shown(lift, spend));
}

function bounded({ value, lower, upper }: Lifted, unit: (value: number) => IncrementalValue): Bounded {
  const end = (number: number | null) => (number === null ? null : unit(number));
  return { value: unit(value), lower: end(lower), upper: end(upper) };
}

/** Spend over increment: the more was added, the less one cost; without a limit where nothing may have been added. */
function costOfOne(
  { value, lower, upper }: Lifted,
  spend: number,
  unit: (value: number) => Money,
): Bounded | null {
  if (value <= 0) return null;
  return {
    value: unit(spend / value),
    lower: upper !== null && upper > 0 ? unit(spend / upper) : null,
    upper: lower !== null && lower > 0 ? unit(spend / lower) : null,
  };
}
