// From daily totals to what a test of markets or of days compares: the days before the stage, the days with treatment,
// and nothing of the day on which it began. Gathers no data and estimates nothing.

import { DAY, epoch, type Instant } from '../duration.ts';
import { METRICS, type Metric, type MetricForm } from '../metric.ts';
import { type DecimalText, toNumber } from '../money.ts';
import type { ExperimentPlan } from '../playbook.ts';

/** A plan that compares totals of markets or of days, not the sums of arms: it is read once, at its end. */
export type PanelPlan = ExperimentPlan & { readonly kind: 'geo' | 'prepost' };

export function isPanelPlan(plan: ExperimentPlan): plan is PanelPlan {
  return plan.kind === 'geo' || plan.kind === 'prepost';
}

/** Whether totals of markets or of days can be compared by the metric. */
export function isPanelMetric(metric: Metric): boolean {
  const { direction } = METRICS[metric];
  const shape: MetricForm = METRICS[metric].shape;
  return (shape.form === 'count' || shape.form === 'money') && direction !== 'none';
}

/** Days before the stage that the comparison rests on, when the plan does not say: twelve weeks. */
export const DEFAULT_PRE_DAYS = 84;

/** The total of one day: of a market, or (null) of all that was observed. */
export interface PanelTotal {
  readonly market: string | null;
  /** ISO date in UTC. */
  readonly day: string;
  readonly sum: DecimalText;
}

/** When the treatment began at all, and when the present round of it did. */
export interface PanelClock {
  /** Days before this are untouched by any round. */
  readonly untouchedUntil: Instant;
  /** Days from this on are of the present round. */
  readonly treatedSince: Instant;
}

export interface GeoPanel {
  readonly markets: readonly string[];
  readonly treated: readonly string[];
  /** outcome[market][day]: the days before, then the days with treatment; every market on every day. */
  readonly outcome: readonly (readonly number[])[];
  readonly daysBefore: number;
  /** Of each day with treatment, its number from 1 on; a day on which a market is missing is not there. */
  readonly treatedDays: readonly number[];
}

/** A market that lacks more of the days than this share is no control. */
const MOST_MISSING = 0.1;

/** Each control is compared with all others: hundreds would keep a worker busy and add nothing. */
const MOST_CONTROLS = 100;

/**
 * The markets that the plan treats (its treatments) beside the one that it names as control; without observations of
 * a market of that name, beside all others. A day counts when every market of the panel was observed on it.
 */
export function geoPanel(plan: PanelPlan, clock: PanelClock, totals: readonly PanelTotal[]): GeoPanel {
  const byMarket = new Map<string, Map<number, number>>();
  for (const { market, day, sum } of totals) {
    if (market === null) continue;
    const days = byMarket.get(market) ?? new Map<number, number>();
    byMarket.set(market, days.set(Date.parse(day), toNumber(sum)));
  }
  const isObserved = (market: string, day: number) => byMarket.get(market)?.has(day) === true;
  const treated = plan.treatments.filter((market) => byMarket.has(market));
  const all = daysOf(totals, plan, clock);
  const told = [...all.before, ...all.after].filter((day) =>
    plan.treatments.every((market) => isObserved(market, day)),
  );
  const others = byMarket.has(plan.control) ? [plan.control] : [...byMarket.keys()].sort();
  const steady = others.filter((market) => {
    const missing = told.filter((day) => !isObserved(market, day)).length;
    return !plan.treatments.includes(market) && missing <= MOST_MISSING * told.length;
  });
  const controls = largest(steady, (market) =>
    all.before.reduce((sum, day) => sum + (byMarket.get(market)?.get(day) ?? 0), 0),
  );
  const isWhole = (day: number) => told.includes(day) && controls.every((market) => isObserved(market, day));
  const [before, after] = [all.before.filter(isWhole), all.after.filter(isWhole)];
  const markets = [...treated, ...controls];
  return {
    markets,
    treated,
    outcome: markets.map((market) => [...before, ...after].map((day) => byMarket.get(market)?.get(day) ?? 0)),
    daysBefore: before.length,
    treatedDays: numbered(after, clock),
  };
}

/** The controls that were largest before, in the order of their names: what came after must not choose them. */
function largest(markets: readonly string[], sizeBefore: (market: string) => number): readonly string[] {
  if (markets.length <= MOST_CONTROLS) return markets;
  const sized = markets.map((market) => ({ market, size: sizeBefore(market) }));
  const kept = sized.sort((a, b) => b.size - a.size).slice(0, MOST_CONTROLS);
  return kept.map(({ market }) => market).sort();
}

export interface WeeksPanel {
  /** The total of each day of whole weeks, oldest first. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly treatedDays: readonly number[];
}

/** The whole weeks on both sides; a week with a day that was not observed is left out. */
export function weeksPanel(plan: PanelPlan, clock: PanelClock, totals: readonly PanelTotal[]): WeeksPanel {
  const byDay = new Map(totals.map(({ day, sum }) => [Date.parse(day), toNumber(sum)]));
  const { before, after } = daysOf(totals, plan, clock);
  const end = startOfDay(clock.untouchedUntil);
  const start = firstWholeDay(clock.treatedSince);
  const earlier = wholeWeeks(before, (day) => Math.floor((day - end) / WEEK));
  const later = wholeWeeks(after, (day) => Math.floor((day - start) / WEEK));
  const values = (days: readonly number[]) => days.map((day) => byDay.get(day) ?? 0);
  return { before: values(earlier), after: values(later), treatedDays: numbered(later, clock) };
}

const WEEK = 7 * DAY;

function wholeWeeks(days: readonly number[], weekOf: (day: number) => number): number[] {
  const sizes = new Map<number, number>();
  for (const day of days) sizes.set(weekOf(day), (sizes.get(weekOf(day)) ?? 0) + 1);
  return days.filter((day) => sizes.get(weekOf(day)) === 7);
}

/** The days on either side, ascending: whole days only, and before not more than the plan says. */
function daysOf(
  totals: readonly PanelTotal[],
  { preDays = DEFAULT_PRE_DAYS }: PanelPlan,
  { untouchedUntil, treatedSince }: PanelClock,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const days = [...new Set(totals.map(({ day }) => Date.parse(day)))].sort((a, b) => a - b);
  const end = startOfDay(untouchedUntil);
  const start = firstWholeDay(treatedSince);
  return {
    before: days.filter((day) => day < end && day >= end - preDays * DAY),
    after: days.filter((day) => day >= start),
  };
}

function numbered(days: readonly number[], { treatedSince }: PanelClock): number[] {
  const start = firstWholeDay(treatedSince);
  return days.map((day) => Math.round((day - start) / DAY) + 1);
}

function startOfDay(at: Instant): number {
  return Math.floor(epoch(at) / DAY) * DAY;
}

function firstWholeDay(at: Instant): number {
  return Math.ceil(epoch(at) / DAY) * DAY;
}
