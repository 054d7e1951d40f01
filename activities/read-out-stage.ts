// Reads a stage out of what PostgreSQL knows: gathers the sums, lets the domain judge them, keeps the whole read-out
// and hands the workflow its digest.

import { contractVersion } from '../db/contracts.ts';
import { MixedCurrencies, readDailySeries, readEvidence } from '../db/observations.ts';
import { saveReadOut } from '../db/read-outs.ts';
import { between, type Instant } from '../domain/duration.ts';
import { observedEconomics } from '../domain/economics.ts';
import { cell, type EvidenceTable } from '../domain/evidence.ts';
import { type ExperimentReadOut, readExperiment } from '../domain/experiment.ts';
import { experimentData } from '../domain/experiment-data.ts';
import type { Condition } from '../domain/gate.ts';
import { type Metric, observedParts } from '../domain/metric.ts';
import { compareDecimals, money, toNumber, zero } from '../domain/money.ts';
import { inputsFrom } from '../domain/observed-inputs.ts';
import type { StagePlan } from '../domain/playbook.ts';
import { figureFor, readCriterion, type StageEvidence } from '../domain/read-out.ts';
import type { GatedStage } from '../domain/stage.ts';
import type { ReadOutDigest, SealedContract } from '../domain/thesis.ts';
import type { ActivityDependencies } from './dependencies.ts';

interface Reading {
  readonly thesisId: string;
  readonly stage: GatedStage;
  readonly round: number;
  readonly at: Instant;
  readonly contractVersion: number;
  readonly stageSince: Instant;
  /** Milliseconds that the stage's clock stood still in this round. */
  readonly pausedFor: number;
  /** Read-outs in a row that broke each criterion's rule, before this one. */
  readonly brokenInARow: Readonly<Record<string, number>>;
  readonly conditions: readonly Condition[];
}

type Deps = Pick<ActivityDependencies, 'db'>;

export async function readOutStage({ db }: Deps, reading: Reading): Promise<ReadOutDigest> {
  const contract = await contractVersion(db, reading.thesisId, reading.contractVersion);
  const plan = contract.playbook.stages[reading.stage];
  const evidence = await gather({ db }, reading, contract, plan);
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
  await saveReadOut(db, reading, { digest, table, economics, experiment, error });
  return digest;
}

async function gather(
  { db }: Deps,
  { thesisId, stage, at, stageSince, pausedFor }: Reading,
  contract: SealedContract,
  plan: StagePlan,
): Promise<StageEvidence> {
  const { currency } = contract;
  let table: EvidenceTable = { cells: [] };
  let error: string | null = null;
  try {
    table = await readEvidence(db, { thesisId, stage, asOf: at, since: stageSince });
  } catch (problem) {
    // Two currencies in one thesis are the customer's to mend: the criteria say `error`, the thesis goes on waiting.
    if (!(problem instanceof MixedCurrencies)) throw problem;
    error = problem.message;
  }
  const spent = cell(table, 'spend');
  return {
    table,
    error,
    economics: observedEconomics(inputsFrom(table, currency), contract.economics, currency),
    experiment: await readArms({ db }, plan, { thesisId, stage, at, stageSince }),
    elapsed: Math.max(0, between(stageSince, at) - pausedFor),
    spend: spent?.currency === currency ? money(spent.sum, currency) : zero(currency),
  };
}

async function readArms(
  { db }: Deps,
  { experiment: plan, criteria }: StagePlan,
  { thesisId, stage, at, stageSince }: Pick<Reading, 'thesisId' | 'stage' | 'at' | 'stageSince'>,
): Promise<ExperimentReadOut | null> {
  if (plan === null) return null;
  const goals = new Set<Metric>([plan.primaryMetric]);
  const guardrails: { metric: Metric; margin: number }[] = [];
  for (const { metric, rule } of criteria) {
    if (rule.kind === 'versus_control') goals.add(metric);
    if (rule.kind === 'non_inferiority') guardrails.push({ metric, margin: toNumber(rule.margin) });
  }
  const metrics = [...new Set([...goals, ...guardrails.map(({ metric }) => metric)])];
  const parts = [...new Set(metrics.flatMap(observedParts))];
  const daily = await readDailySeries(db, { thesisId, stage, metrics: parts, asOf: at, since: stageSince });
  return readExperiment(plan, experimentData(plan, metrics, daily), {
    ageMs: between(stageSince, at),
    guardrails,
    goals: [...goals],
  });
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
