// Reads a stage out of what PostgreSQL knows: gathers the sums, lets the domain judge them, keeps the whole read-out
// and hands the workflow its digest.

import { contractVersion } from '../db/contracts.ts';
import { readDailyTotals } from '../db/daily-totals.ts';
import { MixedCurrencies, readEvidence } from '../db/observations.ts';
import { saveReadOut } from '../db/read-outs.ts';
import { between, DAY, type Instant, later } from '../domain/duration.ts';
import { incrementalEconomics } from '../domain/economics/incremental.ts';
import { inputsFrom } from '../domain/economics/observed-inputs.ts';
import { observedEconomics } from '../domain/economics.ts';
import { cell, type EvidenceTable } from '../domain/evidence.ts';
import type { Condition } from '../domain/gate.ts';
import type { IncrementalityReadOut } from '../domain/incrementality.ts';
import { METRICS, type Metric, observedParts } from '../domain/metric.ts';
import { add, compareDecimals, type Money, money, zero } from '../domain/money.ts';
import type { StagePlan } from '../domain/playbook.ts';
import { figureFor } from '../domain/read-out/figure.ts';
import { readCriterion, type StageEvidence } from '../domain/read-out.ts';
import { MOST_SIGNAL_DAYS, readSignals, type Signal } from '../domain/signals.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { ReadOutDigest, SealedContract } from '../domain/thesis.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { NO_EXPERIMENT, readStageExperiment } from './read-experiment.ts';

interface Reading {
  readonly thesisId: string;
  readonly stage: GatedStage;
  readonly round: number;
  readonly at: Instant;
  readonly contractVersion: number;
  readonly stageSince: Instant;
  /** Milliseconds that the stage's clock stood still in this round. */
  readonly pausedFor: number;
  /** What the thesis had spent when this round began. */
  readonly spentBefore: Money;
  /** Read-outs in a row that broke each criterion's rule, before this one. */
  readonly brokenInARow: Readonly<Record<string, number>>;
  readonly conditions: readonly Condition[];
}

type Deps = Pick<ActivityDependencies, 'db' | 'boundaries'>;

export async function readOutStage(deps: Deps, reading: Reading): Promise<ReadOutDigest> {
  const { db } = deps;
  const contract = await contractVersion(db, reading.thesisId, reading.contractVersion);
  const plan = contract.playbook.stages[reading.stage];
  const { incrementality, ...evidence } = await gather(deps, reading, contract, plan);
  const criteria = plan.criteria.map((criterion) =>
    readCriterion(criterion, evidence, reading.brokenInARow[criterion.id] ?? 0),
  );
  const digest: ReadOutDigest = {
    at: reading.at,
    criteria,
    spend: evidence.spend,
    experimentComplete: evidence.experiment?.complete ?? null,
    conditionsMet: reading.conditions.filter((condition) => isMet(condition, evidence)).map(({ id }) => id),
    missingEvidence: plan.requiredEvidence.filter((metric) => !hasArrived(metric, evidence.table)),
  };
  const { table, economics, experiment, error } = evidence;
  const { currency } = contract;
  const incremental =
    plan.experiment === null || experiment === null
      ? null
      : incrementalEconomics(plan.experiment, { experiment, table, currency, at: reading.at });
  const signals = await signalsIn(db, reading, table);
  const body = { digest, table, economics, incremental, experiment, incrementality, signals, error };
  await saveReadOut(db, reading, body);
  return digest;
}

async function gather(
  deps: Deps,
  { thesisId, stage, at, stageSince, pausedFor, spentBefore }: Reading,
  contract: SealedContract,
  plan: StagePlan,
): Promise<StageEvidence & { readonly incrementality: IncrementalityReadOut | null }> {
  const { currency, channels } = contract;
  let table: EvidenceTable = { cells: [] };
  let error: string | null = null;
  try {
    table = await readEvidence(deps.db, { thesisId, stage, asOf: at, since: stageSince });
  } catch (problem) {
    // Two currencies in one thesis are the customer's to mend: the criteria say `error`, the thesis goes on waiting.
    if (!(problem instanceof MixedCurrencies)) throw problem;
    error = problem.message;
  }
  const spent = cell(table, 'spend');
  const spend = spent?.currency === currency ? money(spent.sum, currency) : zero(currency);
  const asked = { thesisId, stage, at, stageSince, channels, currency, table };
  return {
    table,
    error,
    economics: observedEconomics(inputsFrom(table, currency), contract.economics, currency),
    ...(error === null ? await readStageExperiment(deps, plan, asked) : NO_EXPERIMENT),
    elapsed: Math.max(0, between(stageSince, at) - pausedFor),
    spend,
    thesisSpend: add(spentBefore, spend),
  };
}

/** Of the counts that the stage observes, over all days known of the thesis: what is ordinary began before the stage. */
async function signalsIn(
  db: Deps['db'],
  { thesisId, at }: Reading,
  { cells }: EvidenceTable,
): Promise<Signal[]> {
  const observed = new Set(cells.map(({ metric }) => metric));
  const metrics = [...observed].filter((metric) => METRICS[metric].shape.form === 'count');
  const since = later(at, -(MOST_SIGNAL_DAYS + 1) * DAY);
  return readSignals(await readDailyTotals(db, { thesisId, metrics, asOf: at, since }));
}

function hasArrived(metric: Metric, table: EvidenceTable): boolean {
  return observedParts(metric).every((part) => cell(table, part) !== null);
}

function isMet({ metric: wanted }: Condition, evidence: StageEvidence): boolean {
  if (wanted === null) return false;
  const figure = figureFor(wanted.metric, evidence);
  if (typeof figure === 'string') return false;
  const side = compareDecimals(figure.value, wanted.bound);
  return wanted.comparison === 'at_least' ? side >= 0 : side <= 0;
}
