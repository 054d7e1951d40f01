// The worker process: reads the configuration, connects, works until it is asked to end, and drains.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { GracefulShutdownPeriodExpiredError, NativeConnection, type Worker } from '@temporalio/worker';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { createSecretBox, type SecretBox } from '../activities/secret-box.ts';
import { createPost } from '../activities/webhooks/post.ts';
import { resolveBySystem } from '../activities/webhooks/target.ts';
import { loadConfig, payloadKeysOf } from '../config.ts';
import { connect } from '../db/connect.ts';
import { createBoundaryBook } from '../domain/experiment.ts';
import { CODE_VERSION } from '../domain/version.ts';
import { type ActivityWatch, watchActivities } from './activity-watch.ts';
import { serveHealth } from './health.ts';
import { warnOfLedgerOwner } from './ledger-owner.ts';
import { openLog } from './log.ts';
import { outlast } from './patience.ts';
import { dataConverterOf } from './payload-codec.ts';
import { readinessOf } from './readiness.ts';
import { installRuntime } from './runtime.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { temporalConnection } from './temporal-connection.ts';
import { openTracing } from './tracing.ts';
import { watch } from './watch.ts';
import { countAttempts, sendWebhooks } from './webhooks.ts';
import { createWorker } from './worker.ts';

const config = loadConfig();
const log = openLog('jalon-worker', config.logLevel);
const { databaseUrl, secretKey, temporalNamespace: namespace } = config;
if (databaseUrl === null || secretKey === null || config.temporalAddress === null) {
  log.fatal(
    'a worker needs DATABASE_URL, JALON_SECRET_KEY and TEMPORAL_ADDRESS; `npm start` gives it all three',
  );
  process.exit(1);
}
const bundle = config.workflowBundle === null ? null : path.resolve(config.workflowBundle);
if (bundle !== null && !existsSync(bundle)) {
  log.fatal({ file: bundle }, 'JALON_WORKFLOW_BUNDLE names no file: make it with `npm run build:workflows`');
  process.exit(1);
}

installRuntime(log, config.sdkMetricsAddress);
const tracing = config.otlpEndpoint === null ? null : openTracing('jalon-worker', config.otlpEndpoint);
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const db = connect(databaseUrl, {
  poolSize: config.poolSize,
  name: 'jalon-worker',
  ...(tracing === null ? {} : { onQuery: tracing.onQuery }),
});

let worker: Worker | null = null;
let connection: NativeConnection | null = null;
const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'draining');
    ending.abort();
    worker?.shutdown();
  });
}
void warnOfLedgerOwner(db, log, ending.signal);
const health =
  config.workerPort === null
    ? null
    : await serveHealth({
        host: config.host,
        port: config.workerPort,
        readiness: () => readinessOf(worker, connection, db),
        registry,
        metricsToken: config.metricsToken,
      });

// Read outside the waiting: variables that contradict each other are no outage.
const reach = temporalConnection(config);
const waiting = { log, signal: ending.signal };
connection = await outlast('Temporal', () => NativeConnection.connect(reach), waiting);
const engine = connection;
if (engine !== null) {
  await outlast('the namespace', () => registerSearchAttributes(engine, namespace, log), waiting);
  if (!ending.signal.aborted) await work(engine, secretKey);
}
await Promise.all([health?.close(), db.destroy(), tracing?.close()]);
await connection?.close();
log.info('ended');

/** Works until the process is asked to end, and resolves when the work in hand is done. */
async function work(through: NativeConnection, key: string): Promise<void> {
  const dataConverter = dataConverterOf(payloadKeysOf(config.payloadKey, key));
  const activities = watchActivities(registry);
  const secretBox = createSecretBox(key);
  const running = await createWorker({
    connection: through,
    namespace,
    dependencies: {
      db,
      secretBox,
      boundaries: createBoundaryBook(),
      codeVersion: CODE_VERSION,
    },
    dataConverter,
    activityInterceptors: [activities.interceptors],
    plugins: tracing === null ? [] : [tracing.plugin],
    ...(bundle === null ? {} : { bundle: { codePath: bundle } }),
    ...(config.deployment === null ? {} : { deployment: config.deployment }),
  });
  worker = running;
  const beside = besideTheWork(
    new Client({ connection: through, namespace, dataConverter }),
    activities,
    secretBox,
  );
  const { taskQueue } = running.options;
  log.info({ taskQueue, port: health?.port ?? null, bundle, deployment: config.deployment }, 'working');
  try {
    const over = running.run();
    // Asked to end while it was being made: a worker lets go of its connection only by ending.
    if (ending.signal.aborted) running.shutdown();
    await over;
  } catch (error) {
    if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
    log.warn('ended with work in hand: another worker does it again');
  }
  await beside;
}

/** What the process does beside its tasks, until it is asked to end. */
async function besideTheWork(client: Client, activities: ActivityWatch, secretBox: SecretBox): Promise<void> {
  const lastLook = new Gauge({
    name: 'jalon_last_look_timestamp_seconds',
    help: 'When this worker last looked at what is stuck, at the ledger and for webhooks to send, as a Unix time.',
    labelNames: ['what'],
    registers: [registry],
  });
  const shared = { db, log, lastLook, now: () => new Date() };
  const codec = client.options.loadedDataConverter.payloadCodecs[0] ?? null;
  const post = createPost({ privateTargets: config.webhookPrivateTargets, resolve: resolveBySystem });
  const attempts = countAttempts(registry);
  await Promise.all([
    watch({ ...shared, client, codec, activities }, ending.signal),
    sendWebhooks({ ...shared, secretBox, post, chance: Math.random, attempts }, ending.signal),
  ]);
}
