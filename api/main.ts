// The API process: reads the configuration, connects, serves until it is asked to end, and lets requests in flight
// finish. A composition root: the only file of api/ that may reach into activities/ and worker/.

import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { checkCalendar } from '../activities/business-calendar.ts';
import { checkBinding } from '../activities/connectors/binding-check.ts';
import { checkQueries } from '../activities/connectors/query-check.ts';
import { createSecretBox } from '../activities/secret-box.ts';
import { newWebhookSecret } from '../activities/webhooks/signature.ts';
import { resolveBySystem, targetFault } from '../activities/webhooks/target.ts';
import { loadConfig, payloadKeysOf } from '../config.ts';
import { connect, type Db } from '../db/connect.ts';
import { ledgerOf } from '../db/receipts.ts';
import { isBearer } from '../worker/health.ts';
import { warnOfLedgerOwner } from '../worker/ledger-owner.ts';
import { openLog } from '../worker/log.ts';
import { dataConverterOf } from '../worker/payload-codec.ts';
import { temporalConnection } from '../worker/temporal-connection.ts';
import { openTracing } from '../worker/tracing.ts';
import { TASK_QUEUE } from '../workflows/contract.ts';
import { createApp } from './app.ts';
import type { Readiness } from './deps.ts';
import { createOidcReader } from './oidc.ts';
import { SERVER_LIMITS } from './request-limits.ts';
import { thesesOver } from './theses-client.ts';

const config = loadConfig();
const log = openLog('jalon-api', config.logLevel);
if (config.databaseUrl === null || config.secretKey === null || config.temporalAddress === null) {
  log.fatal(
    'the API needs DATABASE_URL, JALON_SECRET_KEY and TEMPORAL_ADDRESS; `npm start` gives it all three',
  );
  process.exit(1);
}

const tracing = config.otlpEndpoint === null ? null : openTracing('jalon-api', config.otlpEndpoint);
// Lazy: an engine that is down at the start is an outage like any other, answered with 503 until it is over.
const connection = Connection.lazy(temporalConnection(config));
const dataConverter = dataConverterOf(payloadKeysOf(config.payloadKey, config.secretKey));
const client = new Client({
  connection,
  namespace: config.temporalNamespace,
  dataConverter,
  plugins: tracing === null ? [] : [tracing.plugin],
});
const db = connect(config.databaseUrl, {
  poolSize: config.poolSize,
  name: 'jalon-api',
  ...(tracing === null ? {} : { onQuery: tracing.onQuery }),
});
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const ending = new AbortController();
void warnOfLedgerOwner(db, log, ending.signal);
const app = createApp({
  db,
  theses: thesesOver({ client, taskQueue: TASK_QUEUE, ledger: ledgerOf(db) }),
  clockRate: config.clockRate,
  secretBox: createSecretBox(config.secretKey),
  access: {
    oidc: config.oidc === null ? null : createOidcReader(config.oidc),
    trustedProxies: config.trustedProxies,
    requestsPerMinute: config.requestsPerMinute,
    failedAttempts: config.failedAttempts,
  },
  log,
  now: () => new Date(),
  checkCalendar,
  checkQueries,
  checkBinding,
  webhooks: {
    targetFault: (url) =>
      targetFault(url, { privateTargets: config.webhookPrivateTargets, resolve: resolveBySystem }),
    newSecret: newWebhookSecret,
  },
  readiness: () => readinessOf(db, connection),
  events: {
    perProcess: config.eventStreams,
    perCredential: config.eventStreamsPerCredential,
    ending: ending.signal,
  },
  operation: {
    registry,
    isMetricsReader: (authorization) => isBearer(authorization, config.metricsToken),
    payloadCodec: dataConverter.payloadCodecs?.[0] ?? null,
    temporalUiOrigin: config.temporalUiOrigin,
  },
});

/** Requests that are being worked on, whether or not whoever sent them still listens. */
const inHand = new Set<Promise<unknown>>();

const server = serve(
  { fetch: attended, hostname: config.host, port: config.port, serverOptions: SERVER_LIMITS },
  ({ port }) => {
    log.info({ host: config.host, port }, 'serving');
  },
);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'draining');
    // Streams of events end at once; those who follow them come back to another process.
    ending.abort();
    // Requests in flight get this long: a thesis's own answer has a deadline of ten seconds.
    const patience = setTimeout(
      () => 'closeAllConnections' in server && server.closeAllConnections(),
      15_000,
    );
    server.close(async () => {
      clearTimeout(patience);
      // A caller that hung up has left its request behind: what it uses is closed after it.
      await Promise.allSettled(inHand);
      await Promise.all([db.destroy(), connection.close(), tracing?.close()]);
      log.info('ended');
    });
  });
}

async function attended(...asked: Parameters<typeof app.fetch>): Promise<Response> {
  const answer = Promise.resolve(app.fetch(...asked));
  inHand.add(answer);
  try {
    return await answer;
  } finally {
    inHand.delete(answer);
  }
}

async function readinessOf(database: Db, engine: Connection): Promise<Readiness> {
  const [postgres, temporal] = await Promise.all([
    answers(() => sql`select 1`.execute(database)),
    answers(() => engine.withDeadline(Date.now() + 3_000, () => engine.workflowService.getSystemInfo({}))),
  ]);
  return {
    ready: postgres && temporal && !ending.signal.aborted,
    checks: {
      postgresql: word(postgres),
      temporal: word(temporal),
      process: ending.signal.aborted ? 'is ending' : 'ok',
    },
  };
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
