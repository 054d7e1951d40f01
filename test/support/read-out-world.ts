// Stages to be read out, on real PostgreSQL: a test enters one, says what sources sent, and reads it after so many days.

import { readOutStage } from '../../activities/read-out-stage.ts';
import type { Db } from '../../db/connect.ts';
import { appendObservations } from '../../db/observation-append.ts';
import { findReadOut, type ReadOutBody } from '../../db/read-outs.ts';
import type { Criterion, CriterionState } from '../../domain/criterion.ts';
import { DAY, type Instant, later } from '../../domain/duration.ts';
import type { EvidenceGrade, Observation } from '../../domain/evidence.ts';
import { type BoundaryBook, createBoundaryBook } from '../../domain/experiment.ts';
import type { Metric } from '../../domain/metric.ts';
import { checkObservation } from '../../domain/observation/check.ts';
import { checkPlaybook } from '../../domain/playbook/check.ts';
import { CMO_CYCLE } from '../../domain/playbook/cmo-cycle.ts';
import type { Playbook, StagePlan } from '../../domain/playbook.ts';
import type { GatedStage } from '../../domain/stage.ts';
import type { ReadOutDigest } from '../../domain/thesis.ts';
import { createMigratedDatabase } from './database.ts';
import { day, storeThesis } from './stored-thesis.ts';

export interface ReadOutWorld {
  readonly db: Db;
  /** A new thesis, in a stage of the playbook since START. */
  enter(stage: GatedStage, settings?: Settings): Promise<EnteredStage>;
  close(): Promise<void>;
}

interface Settings {
  readonly playbook?: Playbook;
  readonly channels?: readonly string[];
}

export interface EnteredStage {
  readonly thesisId: string;
  /** Keeps each figure as a source would have sent it, a day long. */
  observe(figures: readonly Figure[], grade?: EvidenceGrade): Promise<void>;
  /** The same for rows of any shape, known at an instant. */
  send(rows: readonly object[], knownAt: Instant): Promise<void>;
  /** Reads the stage out after so many days. */
  readAt(days: number): Promise<{ readonly digest: ReadOutDigest; readonly body: ReadOutBody }>;
}

export interface Figure {
  readonly metric: Metric;
  /** Days from the start of the stage; below 0 before it. */
  readonly on: number;
  readonly sum: number;
  readonly n?: number;
  readonly sumSquares?: number;
  readonly covariate?: { readonly sum: number; readonly sumSquares: number; readonly sumOfProducts: number };
  readonly arm?: string;
  readonly market?: string;
}

export const START = day('06-01');

/** A criterion that the experiment decides. */
export const LIFT: Criterion = {
  id: 'added',
  metric: 'conversions',
  role: 'success',
  rule: { kind: 'versus_control' },
  minimumSample: 0,
  minimumAge: 'P7D',
  failures: 1,
  onFail: 'refine',
};

export async function createReadOutWorld(): Promise<ReadOutWorld> {
  const database = await createMigratedDatabase();
  const { db } = database;
  const boundaries = createBoundaryBook();
  let theses = 0;
  return {
    db,
    async enter(stage, { playbook = CMO_CYCLE, channels = ['search'] } = {}) {
      const thesisId = `thesis-${++theses}`;
      await storeThesis(db, {
        thesisId,
        windows: [[stage, '06-01', null]],
        contract: { playbook, channels },
      });
      const send: EnteredStage['send'] = async (rows, knownAt) => {
        await appendObservations(db, { thesisId, source: 'push', knownAt }, rows.map(checked));
      };
      return {
        thesisId,
        observe: (figures, grade = 'attributed') =>
          send(
            figures.map((figure) => rowOf(figure, grade)),
            START,
          ),
        send,
        readAt: (days) => readOut(db, boundaries, { thesisId, stage, at: later(START, days * DAY) }),
      };
    },
    close: () => database.close(),
  };
}

/** The built-in playbook with one stage changed; it must still be a playbook. */
export function playbookWith(stage: GatedStage, changes: Partial<StagePlan>): Playbook {
  const playbook = {
    ...CMO_CYCLE,
    stages: { ...CMO_CYCLE.stages, [stage]: { ...CMO_CYCLE.stages[stage], ...changes } },
  };
  const faults = checkPlaybook(playbook);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return playbook;
}

/** `days` days of an arm: 1,000 visitors, some conversions, revenue of 20 a conversion. */
export function arm(name: string, days: number, conversions: number, spend?: number): Figure[] {
  return Array.from({ length: days }, (_, on) => [
    { metric: 'visitors', on, sum: 1000, arm: name } as const,
    { metric: 'conversions', on, sum: conversions, arm: name } as const,
    {
      ...({ metric: 'revenue_per_visitor', on, arm: name } as const),
      ...{ n: 1000, sum: 20 * conversions, sumSquares: 400 * conversions },
    },
    ...(spend === undefined ? [] : [{ metric: 'spend', on, sum: spend, arm: name } as const]),
  ]).flat();
}

export function stateOf({ criteria }: ReadOutDigest, id: string): CriterionState | undefined {
  return criteria.find((criterion) => criterion.id === id)?.state;
}

async function readOut(
  db: Db,
  boundaries: BoundaryBook,
  where: { readonly thesisId: string; readonly stage: GatedStage; readonly at: Instant },
) {
  const digest = await readOutStage(
    { db, boundaries },
    {
      ...{ ...where, round: 0, contractVersion: 1, stageSince: START },
      ...{ pausedFor: 0, spentBefore: { amount: '0', currency: 'EUR' }, brokenInARow: {}, conditions: [] },
    },
  );
  const body = await findReadOut(db, { ...where, round: 0 });
  if (body === undefined) throw new Error('the read-out was not kept');
  return { digest, body };
}

function rowOf({ metric, on, sum, n, sumSquares, ...where }: Figure, grade: EvidenceGrade): object {
  const from = later(START, on * DAY);
  const money = ['spend', 'revenue', 'revenue_per_visitor'].includes(metric) ? { currency: 'EUR' } : {};
  const sample = n === undefined ? {} : { n: String(n), sumSquares: String(sumSquares ?? 0) };
  return { metric, from, to: later(from, DAY), sum: String(sum), grade, ...where, ...money, ...sample };
}

function checked(row: object): Observation {
  const observation = checkObservation(row, { currency: 'EUR', now: day('12-31'), evidence: 'measured' });
  if (Array.isArray(observation)) throw new Error(JSON.stringify(observation));
  return observation;
}
