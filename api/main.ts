// The API process: reads the configuration, connects, serves until it is asked to end, and lets requests in flight
// finish. A composition root: the only file of api/ that may reach into activities/.

import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { sql } from 'kysely';
import { pino } from 'pino';
import { checkCalendar } from '../activities/business-calendar.ts';
import { checkBinding } from '../activities/connectors/binding-check.ts';
import { checkQueries } from '../activities/connectors/query-check.ts';
import { createSecretBox } from '../activities/secret-box.ts';
import { loadConfig } from '../config.ts';
import { connect, type Db } from '../db/connect.ts';
import { TASK_QUEUE } from '../workflows/contract.ts';
import { createApp } from './app.ts';
import type { Readiness } from './deps.ts';
import { thesesOver } from './theses-client.ts';

const config = loadConfig();
const log = pino({ name: 'jalon-api', level: config.logLevel });
if (config.databaseUrl === null || config.secretKey === null || config.temporalAddress === null) {
  log.fatal(
    'the API needs DATABASE_URL, JALON_SECRET_KEY and TEMPORAL_ADDRESS; `npm start` gives it all three',
  );
  process.exit(1);
}

const { connectionOptions } = loadClientConnectConfig();
const { apiKey, metadata, tls } = connectionOptions;
// Lazy: an engine that is down at the start is an outage like any other, answered with 503 until it is over.
const connection = Connection.lazy({
  address: config.temporalAddress,
  ...(apiKey === undefined ? {} : { apiKey }),
  ...(metadata === undefined ? {} : { metadata }),
  ...(tls === undefined ? {} : { tls }),
});
const client = new Client({ connection, namespace: config.temporalNamespace });
const db = connect(config.databaseUrl, { poolSize: config.poolSize, name: 'jalon-api' });
const app = createApp({
  db,
  theses: thesesOver(client, TASK_QUEUE),
  clockRate: config.clockRate,
  secretBox: createSecretBox(config.secretKey),
  log,
  now: () => new Date(),
  checkCalendar,
  checkQueries,
  checkBinding,
  readiness: () => readinessOf(db, connection),
});

const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, ({ port }) => {
  log.info({ host: config.host, port }, 'serving');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'draining');
    server.close(() => {
      void Promise.all([db.destroy(), connection.close()]).then(() => log.info('ended'));
    });
  });
}

async function readinessOf(database: Db, engine: Connection): Promise<Readiness> {
  const [postgres, temporal] = await Promise.all([
    answers(() => sql`select 1`.execute(database)),
    answers(() => engine.withDeadline(Date.now() + 3_000, () => engine.workflowService.getSystemInfo({}))),
  ]);
  return { ready: postgres && temporal, checks: { postgresql: word(postgres), temporal: word(temporal) } };
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    log.warn({ err: error }, 'a dependency does not answer');
    return false;
  }
}

function word(ok: boolean): string {
  return ok ? 'ok' : 'does not answer';
}
