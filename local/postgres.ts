// Runs the embedded PostgreSQL on one data folder: start, readiness, recovery after a crash, stop. It knows
// nothing of the tables inside; migrations belong to db/.
import { chmod, chown, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type GuardedProcess, lastLines, startGuardedProcess } from './guarded-process.ts';
import { freePort, type Log, reasonOf } from './machine.ts';
import { type PostgresCluster, prepareCluster, releaseFolder } from './postgres-cluster.ts';

/** As docker-compose.yml has it. */
export const MAX_CONNECTIONS = 200;

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 20_000;

export interface PostgresOptions {
  /** The folder the data lives in, kept between runs. Absent: a temporary one, removed by `stop`. */
  dataDir?: string;
  /** 0 or absent takes a free port. */
  port?: number;
  /** Further settings of the server, `name=value`. */
  settings?: readonly string[];
  log: Log;
}

export interface RunningPostgres {
  /** Connection string of the maintenance database, with the superuser's password. */
  url: string;
  port: number;
  /** Makes the database when it does not exist yet, and returns its connection string. */
  createDatabase(name: string): Promise<string>;
  /** Resolves with the exit code when the server ends, whoever ended it. */
  exited: Promise<number>;
  /** Ends every session, writes everything to disk and stops. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on the loopback interface and resolves once it answers a query. The data folder may be
 * new, or left by a run that stopped, crashed or was killed.
 * @throws an error that says what to do when the folder is in use, the port taken or the server fails.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const kept = options.dataDir !== undefined;
  // The real path, because a temporary folder may be a link that the server's user sees differently.
  const dataDir = path.resolve(
    options.dataDir ?? (await mkdtemp(path.join(await realpath(tmpdir()), 'jalon-postgres-'))),
  );
  const discard = async () => {
    if (!kept) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    // Ours alone by default; the server may be another user, who has to pass through.
    if (!kept) await chmod(dataDir, 0o711);
    const cluster = await prepareCluster(dataDir);
    // The guard, who runs as the server's user, has to be able to remove it.
    if (!kept && cluster.user !== undefined) await chown(dataDir, cluster.user.uid, cluster.user.gid);
    await releaseFolder(cluster.folder, options.log);
    const port = await freePort('PostgreSQL', options.port);
    const logFile = path.join(dataDir, 'server.log');
    const { settings = [] } = options;
    const server = await launch(cluster, {
      port,
      logFile,
      settings,
      ...(kept ? {} : { temporary: dataDir }),
    });
    const urlOf = (database: string) =>
      `postgres://${cluster.superuser}:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
    options.log(`PostgreSQL answers on 127.0.0.1:${port}, data in ${dataDir}`);
    return {
      url: urlOf('postgres'),
      port,
      async createDatabase(name) {
        await ensureDatabase(urlOf('postgres'), name);
        return urlOf(name);
      },
      exited: server.exited,
      async stop() {
        await server.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

interface LaunchPlan {
  port: number;
  logFile: string;
  settings: readonly string[];
  /** A folder to remove afterwards; what it holds need not survive a crash, so speed comes first. */
  temporary?: string;
}

async function launch(cluster: PostgresCluster, plan: LaunchPlan): Promise<GuardedProcess> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const server = startGuardedProcess({
      command: cluster.program,
      args: ['-D', cluster.folder, '-p', String(plan.port), ...settingsFor(plan)],
      logFile: plan.logFile,
      stopSignal: 'INT',
      graceMs: STOPS_WITHIN_MS,
      ...(plan.temporary === undefined ? {} : { discard: plan.temporary }),
      ...(cluster.user === undefined ? {} : { user: cluster.user }),
    });
    const url = `postgres://${cluster.superuser}:${cluster.password}@127.0.0.1:${plan.port}/postgres`;
    const failure = await waitUntilReady(server, url, deadline);
    if (failure === undefined) return server;
    await server.stop();
    const tail = await lastLines(plan.logFile);
    // The sessions of a server that was killed outlive it by a moment and hold its shared memory.
    if (/pre-existing shared memory block/.test(tail) && Date.now() < deadline) {
      await sleep(200);
      continue;
    }
    throw new Error(`PostgreSQL did not start: ${failure}. The end of ${plan.logFile}:\n${tail}`);
  }
}

function settingsFor(plan: LaunchPlan): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${MAX_CONNECTIONS}`,
  ];
  settings.push('TimeZone=UTC', 'log_timezone=UTC');
  if (plan.temporary !== undefined)
    settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  return [...settings, ...plan.settings].flatMap((setting) => ['-c', setting]);
}

/** Undefined once a query was answered; otherwise why it never will be. */
async function waitUntilReady(
  server: GuardedProcess,
  url: string,
  deadline: number,
): Promise<string | undefined> {
  let last = 'it gave no answer';
  while (Date.now() < deadline) {
    if (!server.isRunning()) return `it ended at once with code ${await server.exited}`;
    try {
      await withClient(url, (client) => client.query('select 1'));
      return undefined;
    } catch (error) {
      last = reasonOf(error);
    }
    await sleep(50);
  }
  return `no answer within ${READY_WITHIN_MS / 1000} s (${last})`;
}

async function ensureDatabase(maintenanceUrl: string, name: string): Promise<void> {
  await withClient(maintenanceUrl, async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks rejects the query in hand; without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}
