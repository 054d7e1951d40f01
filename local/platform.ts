// The whole platform on this machine: PostgreSQL and Temporal unless others are given, migrations, the API and the
// worker as processes of their own, each started again when it ends. Only local/ starts things.

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type Config, payloadKeysOf } from '../config.ts';
import { connect } from '../db/connect.ts';
import { createFirstAdmin } from '../db/first-admin.ts';
import { prepareDatabase } from '../db/prepare.ts';
import { dataConverterOf } from '../worker/payload-codec.ts';
import { reviveTheses } from '../worker/revival.ts';
import { type GuardedProcess, startGuardedProcess } from './guarded-process.ts';
import { type Environment, freePort, type Log, machineEnvironment } from './machine.ts';
import { startPostgres } from './postgres.ts';
import { supervise } from './supervised-process.ts';
import { startTemporal } from './temporal.ts';
import { findTemporal } from './temporal-binary.ts';

export interface Platform {
  readonly apiUrl: string;
  /** Answers /healthz and /readyz of the worker. */
  readonly workerUrl: string;
  /** Reads and writes what this platform's Temporal keeps. */
  readonly dataConverter: DataConverter;
  /** Temporal's own interface; absent when Temporal is not ours. */
  readonly temporalUiUrl: string | null;
  readonly temporalAddress: string;
  /** As API and worker connect. */
  readonly databaseUrl: string;
  /** As the owner of the tables. */
  readonly databaseOwnerUrl: string;
  /** The first administrator's key, shown once: null when there was one already. */
  readonly firstAdminToken: string | null;
  /** Makes another database on the embedded PostgreSQL; null when PostgreSQL is not ours. */
  readonly createDatabase: ((name: string) => Promise<string>) | null;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 90_000;
const GRACE_MS = 20_000;

/** Starts everything and resolves once the API and the worker can be used. */
export async function startPlatform(config: Config, log: Log): Promise<Platform> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return await assemble(config, log, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  config: Config,
  log: Log,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Platform> {
  const dataDir = path.resolve(config.dataDir);
  await mkdir(dataDir, { recursive: true });
  const [postgres, temporal] = await Promise.all([
    postgresOf(config, dataDir, log, stops),
    temporalOf(config, dataDir, log, stops),
  ]);
  const firstAdminToken = await firstRun(postgres, log);
  const port = await freePort('The API', config.port);
  const workerPort = await freePort('The worker', config.workerPort ?? 0);
  const secretKey = config.secretKey ?? (await keptSecret(path.join(dataDir, 'secret-key'), 'base64'));
  const env = {
    ...environmentFor(config),
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: config.temporalNamespace,
    JALON_SECRET_KEY: secretKey,
    JALON_PORT: String(port),
    JALON_WORKER_PORT: String(workerPort),
    JALON_CLOCK_RATE: String(config.clockRate),
    JALON_REQUESTS_PER_MINUTE: String(config.requestsPerMinute),
    JALON_FAILED_ATTEMPTS: String(config.failedAttempts),
    JALON_WEBHOOK_PRIVATE_TARGETS: config.webhookPrivateTargets,
  };
  for (const name of ['worker', 'api'] as const) {
    const logFile = path.join(dataDir, `${name}.log`);
    const start = () => startNode(scriptOf(name), env, logFile);
    const running = supervise({ name, start, logFile, log });
    stops.push(async () => void (await running.stop()));
  }
  const apiUrl = `http://${config.host}:${port}`;
  const workerUrl = `http://${config.host}:${workerPort}`;
  await Promise.all([
    until('The API', path.join(dataDir, 'api.log'), () => answers(`${apiUrl}/readyz`)),
    until('The worker', path.join(dataDir, 'worker.log'), () => answers(`${workerUrl}/readyz`)),
  ]);
  const dataConverter = dataConverterOf(payloadKeysOf(config.payloadKey, secretKey));
  if (config.temporalAddress === null) await reviveLost(config, { postgres, temporal, dataConverter, log });
  stops.push(
    await announce(dataDir, {
      apiUrl,
      workerUrl,
      databaseUrl: postgres.url,
      databaseOwnerUrl: postgres.ownerUrl,
      temporalAddress: temporal.address,
    }),
  );
  return {
    apiUrl,
    workerUrl,
    dataConverter,
    temporalUiUrl: 'uiUrl' in temporal ? (temporal.uiUrl ?? null) : null,
    temporalAddress: temporal.address,
    databaseUrl: postgres.url,
    databaseOwnerUrl: postgres.ownerUrl,
    firstAdminToken,
    createDatabase: postgres.createDatabase,
    stop,
  };
}

/** Where the application connects to, and where its owner does. */
interface Addresses {
  readonly url: string;
  readonly ownerUrl: string;
}

async function postgresOf(config: Config, dataDir: string, log: Log, stops: (() => Promise<void>)[]) {
  const { databaseUrl, databaseOwnerUrl } = config;
  if (databaseUrl !== null) {
    return { url: databaseUrl, ownerUrl: databaseOwnerUrl ?? databaseUrl, createDatabase: null };
  }
  const folder = path.join(dataDir, 'postgres');
  const server = await startPostgres({ dataDir: folder, log });
  stops.push(server.stop);
  const ownerUrl = await server.createDatabase('jalon');
  const url = new URL(ownerUrl);
  url.username = 'jalon_service';
  url.password = await keptSecret(path.join(folder, 'service-password'), 'base64url');
  return { url: url.href, ownerUrl, createDatabase: server.createDatabase };
}

async function temporalOf(config: Config, dataDir: string, log: Log, stops: (() => Promise<void>)[]) {
  if (config.temporalAddress !== null) return { address: config.temporalAddress };
  const program = await findTemporal({ log, progress: log });
  const server = await startTemporal({
    program,
    dbFile: path.join(dataDir, 'temporal.sqlite'),
    uiPort: 0,
    namespace: config.temporalNamespace,
    logFile: path.join(dataDir, 'temporal.log'),
    log,
  });
  stops.push(server.stop);
  return server;
}

async function firstRun({ url, ownerUrl }: Addresses, log: Log): Promise<string | null> {
  const db = connect(ownerUrl, { poolSize: 2, name: 'jalon-migrate' });
  try {
    const { applied, advice } = await prepareDatabase(db, url === ownerUrl ? null : url);
    if (applied.length > 0) log(`Migrated the database: ${applied.join(', ')}`);
    for (const statement of advice) log(`An administrator of PostgreSQL must run: ${statement};`);
    return await createFirstAdmin(db);
  } finally {
    await db.destroy();
  }
}

/** Theses whose run is gone with Temporal's file, or has failed, go on from their ledger. */
async function reviveLost(
  { temporalNamespace: namespace }: Config,
  parts: {
    readonly postgres: { readonly url: string };
    readonly temporal: { readonly address: string };
    readonly dataConverter: DataConverter;
    readonly log: Log;
  },
): Promise<void> {
  const db = connect(parts.postgres.url, { poolSize: 2, name: 'jalon-revive' });
  const connection = await Connection.connect({ address: parts.temporal.address });
  try {
    const client = new Client({ connection, namespace, dataConverter: parts.dataConverter });
    for await (const { thesisId, was, sequence } of reviveTheses({ db, client })) {
      parts.log(`Thesis ${thesisId}: its run was ${was}; it goes on from event ${sequence} of its ledger.`);
    }
  } finally {
    await connection.close();
    await db.destroy();
  }
}

/** 32 random bytes of this installation: made once, kept beside its data, readable by its user only. */
async function keptSecret(file: string, encoding: 'base64' | 'base64url'): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return kept.trim();
  const key = randomBytes(32).toString(encoding);
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
  return key;
}

/** Tells the other commands of this machine where the platform runs; readable by its user only, gone when it stops. */
async function announce(dataDir: string, running: object): Promise<() => Promise<void>> {
  const file = path.join(dataDir, 'running.json');
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(running), { mode: 0o600 });
  return () => rm(file, { force: true });
}

function startNode(script: string, env: Environment, logFile: string): GuardedProcess {
  // Without source maps: type stripping moves no line, and with them each promise of a workflow would cost more.
  return startGuardedProcess({
    command: process.execPath,
    args: [script],
    env,
    logFile,
    stopSignal: 'TERM',
    graceMs: GRACE_MS,
  });
}

function scriptOf(name: 'worker' | 'api'): string {
  return fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url));
}

async function until(what: string, logFile: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (await isSo()) return;
    await sleep(150);
  }
  throw new Error(`${what} was not ready within ${READY_WITHIN_MS / 1000} s. See ${logFile}.`);
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok === true;
}

/**
 * What the processes inherit. A Temporal of our own is plain: what leads to somebody else's is left out. The owner of the
 * tables is nobody's business but the migration's.
 */
function environmentFor({ temporalAddress, payloadKey, workflowBundle }: Config): Environment {
  const payload = payloadKey === null ? {} : { JALON_PAYLOAD_KEY: payloadKey };
  const bundle = workflowBundle === null ? {} : { JALON_WORKFLOW_BUNDLE: workflowBundle };
  const entries = Object.entries({ ...machineEnvironment(), ...payload, ...bundle });
  const ours = temporalAddress === null;
  return Object.fromEntries(
    entries.filter(([key]) => key !== 'DATABASE_OWNER_URL' && !(ours && key.startsWith('TEMPORAL_'))),
  );
}
