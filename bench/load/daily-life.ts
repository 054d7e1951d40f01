// Theses that are pulled daily from a customer's warehouse, on a Temporal server that skips time: real workflow, real
// activities, real PostgreSQL, and ninety days in seconds.

import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { sealed } from '../../api/seal.ts';
import { thesesOver } from '../../api/theses-client.ts';
import { EngineUnavailable } from '../../api/theses-port.ts';
import { connect, type Db } from '../../db/connect.ts';
import { saveConnection } from '../../db/connections.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { ledgerOf } from '../../db/receipts.ts';
import { findThesis } from '../../db/theses.ts';
import { instant } from '../../domain/duration.ts';
import { createBoundaryBook } from '../../domain/experiment.ts';
import type { Metric } from '../../domain/metric.ts';
import { isRefusal, type Refusal } from '../../domain/refusal.ts';
import type { PersonCommand, Receipt } from '../../domain/thesis/command.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { Contract } from '../../domain/thesis.ts';
import { CODE_VERSION } from '../../domain/version.ts';
import { freePort, reasonOf } from '../../local/machine.ts';
import { findTimeSkippingServer } from '../../local/time-skipping.ts';
import { dataConverterOf } from '../../worker/payload-codec.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import { createWorker } from '../../worker/worker.ts';
import type { Engine } from './engine.ts';
import { COMMITTEE } from './quiet-playbook.ts';

export const OWNER = 'owner';
const VOTERS = ['voter-0', 'voter-1', 'voter-2'] as const;
const WAREHOUSE = 'customer_warehouse';
const TASK_QUEUE = 'daily-life';
const ATTEMPTS = 6;

/** Amounts, and then counts, of which a customer has one figure a day. */
const AMOUNTS = [
  'spend',
  'revenue',
  'product_cost',
  'fulfilment_cost',
  'payment_fees',
  'service_cost',
] as const;
export const PULLED: readonly Metric[] = [
  ...AMOUNTS,
  ...(['impressions', 'clicks', 'visitors', 'conversions', 'new_customers', 'orders'] as const),
];

export interface DailyLife {
  readonly client: Client;
  propose(thesisId: string, contract: Contract): Promise<void>;
  view(thesisId: string): Promise<ThesisView>;
  /** Everybody votes the ballot at the gate that is open. */
  vote(thesisId: string, ballot: 'advance' | 'kill'): Promise<void>;
  send(thesisId: string, command: PersonCommand, by: string): Promise<void>;
  day(): Promise<void>;
  /** Requests of the worker to Temporal so far, by operation. */
  requests(operation: string): Promise<number>;
  close(): Promise<void>;
}

export async function startDailyLife(engine: Engine): Promise<DailyLife> {
  const metricsPort = await freePort("The SDK's metrics");
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    telemetryOptions: {
      // The time-skipping server warns of features that it lacks.
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
    },
  });
  const environment = await skippingTime();
  await registerSearchAttributes(environment.nativeConnection, 'default');
  const secretBox = createSecretBox(newSecretKey());
  const db = connect(await engine.createDatabase('daily_life'), { name: 'daily-life' });
  await prepareDatabase(db);
  await seat(db);
  await openWarehouse(engine, db, (text) => secretBox.seal(text));
  const dataConverter = dataConverterOf(newSecretKey());
  const worker = await createWorker({
    connection: environment.nativeConnection,
    namespace: 'default',
    taskQueue: TASK_QUEUE,
    dataConverter,
    dependencies: { db, secretBox, boundaries: createBoundaryBook(), codeVersion: CODE_VERSION },
  });
  const running = worker.run();
  const client = new Client({ connection: environment.connection, dataConverter });
  const theses = thesesOver({ client, taskQueue: TASK_QUEUE, ledger: ledgerOf(db) });
  let sent = 0;
  const sentBy = (by: string) => ({ by, admin: false, commandId: `command-${++sent}`, repeated: false });
  const view = async (thesisId: string): Promise<ThesisView> => {
    const thesis = await findThesis(db, thesisId);
    if (thesis === null) throw new Error(`no thesis ${thesisId}`);
    return thesis.view;
  };
  const answered = async (what: string, ask: () => Promise<Receipt | Refusal>): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await ask();
        if (isRefusal(answer)) throw new Error(`${what} was refused: ${answer.detail}`);
        return;
      } catch (error) {
        // Nothing is lost, and the same command again has no second effect.
        if (!(error instanceof EngineUnavailable) || attempt === ATTEMPTS) throw error;
      }
    }
  };
  const send: DailyLife['send'] = async (thesisId, command, by) => {
    const sender = sentBy(by);
    await answered(command.type, () => theses.send(thesisId, command, sender));
  };
  return {
    client,
    view,
    send,
    async propose(thesisId, contract) {
      const clock = { origin: instant(await environment.currentTimeMs()), rate: 1 };
      const sender = sentBy(OWNER);
      await answered('Propose', () => theses.propose(thesisId, sealed(contract), clock, sender));
    },
    async vote(thesisId, ballot) {
      const { gate } = await view(thesisId);
      if (gate === null) throw new Error(`no gate is open on ${thesisId}`);
      const { id: gateId, evidenceHash } = gate;
      const open = { conditions: [], holdUntil: null, probability: 0.5, expectedMargin: null };
      const said = { gateId, evidenceHash, ballot, reason: 'The days are over.', ...open };
      for (const member of VOTERS) {
        await send(thesisId, { type: 'DecideGate', vote: { member, ...said } }, member);
      }
    },
    day: () => environment.sleep('1 day'),
    async requests(operation) {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const lines = text
        .split('\n')
        .filter((line) => line.startsWith('temporal_request{') && line.includes(`"${operation}"`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    async close() {
      worker.shutdown();
      await running;
      await db.destroy();
      await environment.teardown();
    },
  };
}

/** The SDK gives the server five seconds to start, which a busy machine does not always keep. */
async function skippingTime(): Promise<TestWorkflowEnvironment> {
  const path = await findTimeSkippingServer({ log: () => undefined });
  const executable = { type: 'existing-path', path } as const;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    } catch (error) {
      if (attempt === ATTEMPTS || !/did not start within/.test(reasonOf(error))) throw error;
    }
  }
}

async function seat(db: Db): Promise<void> {
  const holders = VOTERS.map((member) => ({ seat: 'growth', member }));
  const calendar = { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: null, daysOff: [] };
  const row = { name: COMMITTEE, holders: JSON.stringify(holders), calendar: JSON.stringify(calendar) };
  await db
    .insertInto('committee')
    .values({ ...row, updated_by: 'bench' })
    .execute();
}

/** The customer's database: a figure a metric and day, for all the days that anybody will live, and a role that reads. */
async function openWarehouse(engine: Engine, db: Db, seal: (text: string) => Buffer): Promise<void> {
  const url = new URL(await engine.createDatabase(WAREHOUSE));
  const password = randomBytes(18).toString('base64url');
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  await pool.query(
    `create table figures as
      select metric, day, 40 + random()::numeric(4, 2) as value
      from unnest($1::text[]) as metric,
        generate_series(date_trunc('day', now()) - interval '1 day', now() + interval '200 days', '1 day') as day`,
    [PULLED],
  );
  await pool.query(`create role figures_reader login password '${password}'`);
  await pool.query('grant select on figures to figures_reader');
  await pool.end();
  const queries = PULLED.map((metric) => ({
    metric,
    sql: `select day as period_from, day + interval '1 day' as period_to, ${isAmount(metric) ? `value as sum, 'EUR' as currency` : 'round(value) as sum'}
      from figures where metric = '${metric}' and day >= :from and day < :to`,
  }));
  const settings = {
    host: url.hostname,
    port: Number(url.port),
    database: WAREHOUSE,
    user: 'figures_reader',
    tls: 'off',
    statementTimeout: 'PT30S',
    rowCap: 1_000,
  } as const;
  await saveConnection(
    db,
    { name: 'warehouse', kind: 'warehouse', settings, queries },
    seal(password),
    'bench',
  );
}

function isAmount(metric: Metric): boolean {
  return AMOUNTS.some((amount) => amount === metric);
}
