// A thesis that lives for a test: real workflow, real activities, real PostgreSQL. The test says what is observed and
// who votes; time is the environment's.

import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import {
  bundleWorkflowCode,
  type NativeConnection,
  type Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { sealed } from '../../api/seal.ts';
import { thesesOver } from '../../api/theses-client.ts';
import type { ThesesPort } from '../../api/theses-port.ts';
import { connect, type Db } from '../../db/connect.ts';
import { appendObservations } from '../../db/observation-append.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { ledgerOf } from '../../db/receipts.ts';
import { findThesis, type StoredThesis } from '../../db/theses.ts';
import { readJournal } from '../../db/timeline.ts';
import { DAY, type Instant, instant, later } from '../../domain/duration.ts';
import type { Observation } from '../../domain/evidence.ts';
import { createBoundaryBook } from '../../domain/experiment.ts';
import type { Metric } from '../../domain/metric.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { PersonCommand, Receipt, VoteProposal } from '../../domain/thesis/command.ts';
import type { Contract, RecordedEvent } from '../../domain/thesis.ts';
import { createWorker, WORKFLOWS_PATH, type WorkerSettings } from '../../worker/worker.ts';
import { ballotOf } from './ballot.ts';
import { createTestDatabase } from './database.ts';

/** What makes a worker one of another release; nothing: the present sources. */
export type Release = Pick<WorkerSettings, 'bundle' | 'deployment'>;

export interface CycleSettings extends Release {
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly cachedWorkflows?: number;
  /** Thesis time per real time; 1 where the environment skips time by itself. */
  readonly rate?: number;
  /** How worker and client write payloads; absent: in the clear. */
  readonly dataConverter?: DataConverter;
  /** Puts something between the worker and its database; absent: nothing. */
  readonly databaseThrough?: (url: string) => Promise<string>;
  /** The environment's own present. */
  readonly now: () => Promise<number>;
}

export interface Cycle {
  readonly db: Db;
  readonly theses: ThesesPort;
  propose(thesisId: string, contract: Contract): Promise<Receipt | Refusal>;
  send(thesisId: string, command: PersonCommand, by: string, commandId?: string): Promise<Receipt | Refusal>;
  /** Everybody named votes the ballot on the gate that is open. */
  vote(
    thesisId: string,
    voters: readonly string[],
    ballot: Partial<VoteProposal> & Pick<VoteProposal, 'ballot'>,
  ): Promise<(Receipt | Refusal)[]>;
  observe(
    thesisId: string,
    rows: readonly Partial<Observation>[],
    knownAt: Instant,
    source?: string,
  ): Promise<void>;
  thesis(thesisId: string): Promise<StoredThesis>;
  journal(thesisId: string): Promise<RecordedEvent[]>;
  /**
   * Ends the worker and starts another, which knows of no thesis but from Temporal's history: of the same release, or of
   * the one given.
   */
  replaceWorker(release?: Release): Promise<void>;
  /** Starts one more worker beside the first, and returns how to end it. */
  addWorker(release: Release): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export const OWNER = 'lea-martin';

export const VOTERS = ['amina-diallo', 'bruno-lefevre', 'claire-moreau'] as const;

const SECRET_BOX = createSecretBox(newSecretKey());

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflow bundle, built once a test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: SILENT });
  return bundle;
}

export const SILENT = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export async function startCycle(settings: CycleSettings): Promise<Cycle> {
  const database = await createTestDatabase();
  const db = connect(database.url, { name: 'cycle-test' });
  await prepareDatabase(db, database.appUrl);
  await seatCommittees(db);
  const { client, taskQueue, rate = 1, databaseThrough } = settings;
  const { appUrl } = database;
  const workerUrl = databaseThrough === undefined ? appUrl : await databaseThrough(appUrl);
  const workerDb = connect(workerUrl, { name: 'cycle-test-worker' });
  let worker = await workerOver(settings, workerDb);
  let running = worker.run();
  const theses = thesesOver({ client, taskQueue, ledger: ledgerOf(db) });
  let sent = 0;
  const commandIdFor = (thesisId: string): string => `${thesisId}-command-${++sent}`;
  const thesis = async (thesisId: string): Promise<StoredThesis> => {
    const found = await findThesis(db, thesisId);
    if (found === null) throw new Error(`no thesis ${thesisId}`);
    return found;
  };
  const send: Cycle['send'] = (thesisId, command, by, commandId = commandIdFor(thesisId)) =>
    theses.send(thesisId, command, { by, admin: false, commandId, repeated: false });
  return {
    db,
    theses,
    send,
    thesis,
    async propose(thesisId, contract) {
      const clock = { origin: instant(await settings.now()), rate };
      const sentBy = { by: OWNER, admin: false, commandId: commandIdFor(thesisId), repeated: false };
      return await theses.propose(thesisId, sealed(contract), clock, sentBy);
    },
    async vote(thesisId, voters, ballot) {
      const { gate } = (await thesis(thesisId)).view;
      if (gate === null) throw new Error(`no gate is open on ${thesisId}`);
      const answers: (Receipt | Refusal)[] = [];
      for (const member of voters) {
        const vote = { ...ballotOf(gate, member), ...ballot };
        answers.push(await send(thesisId, { type: 'DecideGate', vote }, member));
      }
      return answers;
    },
    async observe(thesisId, rows, knownAt, source = 'push') {
      const observations = rows.map((row, index) => observation(row, index, knownAt));
      await appendObservations(db, { thesisId, source, knownAt }, observations);
    },
    journal: (thesisId) => readJournal(db, thesisId),
    async replaceWorker(release = settings) {
      worker.shutdown();
      await running;
      worker = await workerOver(settings, workerDb, release);
      running = worker.run();
    },
    async addWorker(release) {
      const other = await workerOver(settings, workerDb, release);
      const runs = other.run();
      return async () => {
        other.shutdown();
        await runs;
      };
    },
    async close() {
      worker.shutdown();
      await running;
      await workerDb.destroy();
      await db.destroy();
      await database.drop();
    },
  };
}

async function workerOver(settings: CycleSettings, db: Db, release: Release = settings): Promise<Worker> {
  const { connection, namespace, taskQueue, cachedWorkflows, dataConverter } = settings;
  const { deployment } = release;
  // A bundle carries the failure converter it was built with.
  const bundle = release.bundle ?? (dataConverter === undefined ? await workflowBundle() : undefined);
  return await createWorker({
    connection,
    namespace,
    taskQueue,
    dependencies: { db, secretBox: SECRET_BOX, boundaries: createBoundaryBook(), codeVersion: 'test' },
    ...(bundle === undefined ? {} : { bundle }),
    ...(dataConverter === undefined ? {} : { dataConverter }),
    ...(deployment === undefined ? {} : { deployment }),
    ...(cachedWorkflows === undefined ? {} : { cachedWorkflows }),
  });
}

/** The figures of one metric on each of `days` days that end by `until`, the same every day. */
export function daily(
  metric: Metric,
  days: number,
  until: Instant,
  value: Partial<Observation['value']> & { sum: string },
  arm: string | null = null,
): Partial<Observation>[] {
  return Array.from({ length: days }, (_, index) => {
    const to = later(until, -index * DAY);
    return {
      rowKey: `${metric}|${arm}|${to}`,
      metric,
      arm,
      from: later(to, -DAY),
      to,
      value: { n: null, sumSquares: null, currency: null, ...value },
    };
  });
}

function observation(row: Partial<Observation>, index: number, knownAt: Instant): Observation {
  return {
    rowKey: `row-${index}`,
    metric: 'impressions',
    from: later(knownAt, -DAY),
    to: knownAt,
    arm: null,
    channel: null,
    market: null,
    value: { n: null, sum: '0', sumSquares: null, currency: null },
    grade: row.arm == null ? 'attributed' : 'randomised',
    finality: 'final',
    ...row,
  };
}

async function seatCommittees(db: Db): Promise<void> {
  const holders = [
    { seat: 'growth', member: VOTERS[0] },
    { seat: 'growth', member: VOTERS[1] },
    { seat: 'finance', member: VOTERS[2] },
  ];
  const calendar = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: 'FR', daysOff: [] };
  await db
    .insertInto('committee')
    .values(
      ['growth-committee', 'executive-committee'].map((name) => ({
        name,
        holders: JSON.stringify(holders),
        calendar: JSON.stringify(calendar),
        updated_by: 'test',
      })),
    )
    .execute();
}
