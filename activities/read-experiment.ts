// Reads the experiment of a stage out of what PostgreSQL knows: the arms' sums or the markets' days, with what past
// theses of the same channels found. Gathers; the domain judges.

import type { Db } from '../db/connect.ts';
import { readDailyTotals, readMarketTotals, stageFirstEntered } from '../db/daily-totals.ts';
import { readDailySeries } from '../db/observations.ts';
import { readPastEffects } from '../db/past-effects.ts';
import { between, DAY, type Instant, later } from '../domain/duration.ts';
import { spendOnArm } from '../domain/economics/incremental.ts';
import { cell, type EvidenceTable } from '../domain/evidence.ts';
import { experimentData } from '../domain/experiment/data.ts';
import { type EffectPriors, priorsFrom, readWithHistory } from '../domain/experiment/effect-history.ts';
import type { ExperimentReadOut } from '../domain/experiment.ts';
import { holdoutTest } from '../domain/incrementality/holdout.ts';
import { DEFAULT_PRE_DAYS, isPanelPlan, type PanelPlan } from '../domain/incrementality/panel.ts';
import { readPanel } from '../domain/incrementality/panel-reading.ts';
import { type IncrementalityReadOut, readIncrementality } from '../domain/incrementality.ts';
import { type Metric, observedParts } from '../domain/metric.ts';
import { type Currency, toNumber } from '../domain/money.ts';
import type { ExperimentPlan, StagePlan } from '../domain/playbook.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { ActivityDependencies } from './dependencies.ts';

export interface ExperimentReading {
  readonly thesisId: string;
  readonly stage: GatedStage;
  readonly at: Instant;
  readonly stageSince: Instant;
  readonly channels: readonly string[];
  readonly currency: Currency;
  /** The stage's sums by arm. */
  readonly table: EvidenceTable;
}

export interface ExperimentOutcome {
  readonly experiment: ExperimentReadOut | null;
  readonly incrementality: IncrementalityReadOut | null;
}

/** Of a stage without one, or whose sums cannot be read at all. */
export const NO_EXPERIMENT: ExperimentOutcome = { experiment: null, incrementality: null };

export async function readStageExperiment(
  deps: Pick<ActivityDependencies, 'db' | 'boundaries'>,
  { experiment: plan, criteria }: StagePlan,
  reading: ExperimentReading,
): Promise<ExperimentOutcome> {
  if (plan === null) return NO_EXPERIMENT;
  const asked = askedOf(plan, criteria);
  const priors = await historyOf(deps.db, asked.metrics, reading);
  if (isPanelPlan(plan)) return await readDays(deps.db, plan, { reading, asked, priors });
  return await readArms(deps, plan, { reading, asked, priors });
}

interface Asked {
  readonly goals: readonly Metric[];
  readonly guardrails: readonly { readonly metric: Metric; readonly margin: number }[];
  readonly metrics: readonly Metric[];
}

function askedOf({ primaryMetric }: ExperimentPlan, criteria: StagePlan['criteria']): Asked {
  const goals = new Set<Metric>([primaryMetric]);
  const guardrails: { metric: Metric; margin: number }[] = [];
  for (const { metric, rule } of criteria) {
    if (rule.kind === 'versus_control') goals.add(metric);
    if (rule.kind === 'non_inferiority') guardrails.push({ metric, margin: toNumber(rule.margin) });
  }
  const metrics = [...new Set([...goals, ...guardrails.map(({ metric }) => metric)])];
  return { goals: [...goals], guardrails, metrics };
}

async function historyOf(
  db: Db,
  metrics: readonly Metric[],
  { thesisId, stage, channels, at }: ExperimentReading,
): Promise<EffectPriors> {
  return priorsFrom(await readPastEffects(db, { thesisId, stage, channels, metrics, asOf: at }));
}

interface Circumstances {
  readonly reading: ExperimentReading;
  readonly asked: Asked;
  readonly priors: EffectPriors;
}

async function readArms(
  { db, boundaries }: Pick<ActivityDependencies, 'db' | 'boundaries'>,
  plan: ExperimentPlan,
  { reading, asked, priors }: Circumstances,
): Promise<ExperimentOutcome> {
  const { thesisId, stage, at, stageSince, table, currency } = reading;
  const { goals, guardrails, metrics } = asked;
  const parts = [...new Set(metrics.flatMap(observedParts))];
  const daily = await readDailySeries(db, { thesisId, stage, metrics: parts, asOf: at, since: stageSince });
  const data = experimentData(plan, metrics, daily);
  const request = { ageMs: between(stageSince, at), guardrails, goals };
  const experiment = readWithHistory(plan, data, request, { priors, boundaries });
  // The increment has an interval for one look: it is told once the experiment says that it is over.
  const isTold = plan.kind === 'holdout' && experiment.complete && experiment.health.healthy;
  const test = isTold ? holdoutTest(plan, table, spendOf(plan, table, currency)) : null;
  return { experiment, incrementality: test === null ? null : readIncrementality(test) };
}

/** What was spent on all treatment arms; null when it is not known of one. */
function spendOf(plan: ExperimentPlan, table: EvidenceTable, currency: Currency): number | null {
  let total = 0;
  for (const arm of plan.treatments) {
    const spend = spendOnArm(plan, arm, table, currency);
    if (typeof spend === 'string') return null;
    total += spend;
  }
  return total;
}

async function readDays(
  db: Db,
  plan: PanelPlan,
  { reading, asked, priors }: Circumstances,
): Promise<ExperimentOutcome> {
  const { thesisId, stage, at, stageSince, table, currency } = reading;
  const untouchedUntil = (await stageFirstEntered(db, thesisId, stage)) ?? stageSince;
  const { preDays = DEFAULT_PRE_DAYS, primaryMetric, kind } = plan;
  const since = later(untouchedUntil, -(preDays + 2) * DAY);
  const query = { thesisId, metrics: [primaryMetric], asOf: at, since };
  const totals = await (kind === 'geo' ? readMarketTotals : readDailyTotals)(db, query);
  const spent = cell(table, 'spend');
  const prior = priors[primaryMetric];
  return readPanel(plan, totals, {
    clock: { untouchedUntil, treatedSince: stageSince },
    ageMs: between(stageSince, at),
    margin: asked.guardrails.length === 0 ? null : Math.min(...asked.guardrails.map(({ margin }) => margin)),
    spend: spent !== null && spent.currency === currency ? toNumber(spent.sum) : null,
    ...(prior === undefined ? {} : { prior }),
  });
}
