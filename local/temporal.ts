// Runs Temporal's development server on this machine: start, readiness, stop. It registers search attributes
// but decides none; their names belong to workflows/contract.ts.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type GuardedProcess, lastLines, startGuardedProcess } from './guarded-process.ts';
import { freePort, type Log, reasonOf } from './machine.ts';

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 15_000;

export type SearchAttributeType = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface TemporalOptions {
  /** The `temporal` program, from findTemporal. */
  program: string;
  /** SQLite file that keeps the histories between runs. Absent: they live in memory only. */
  dbFile?: string;
  /** 0 or absent takes a free port. */
  port?: number;
  /** Port of Temporal's own web interface; 0 takes a free one, absent means no interface. */
  uiPort?: number;
  /** Created at the start when it does not exist. */
  namespace: string;
  /** Name to type, registered in the namespace. */
  searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  /** Settings of the server's dynamic configuration, for example { 'limit.maxIDLength': 255 }. */
  dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
  /** Receives what the server prints. */
  logFile: string;
  log: Log;
}

export interface RunningTemporal {
  /** host:port of the gRPC service. */
  address: string;
  uiUrl?: string;
  /** Resolves with the exit code when the server ends, whoever ended it. */
  exited: Promise<number>;
  /** Asks the server to stop, kills it when it does not. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the development server on the loopback interface and resolves once its namespace answers.
 * @throws an error that says what to do when a port is taken or the server fails.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const port = await freePort('Temporal', options.port);
  const uiPort = options.uiPort === undefined ? undefined : await freePort("Temporal's UI", options.uiPort);
  await mkdir(path.dirname(path.resolve(options.logFile)), { recursive: true });
  if (options.dbFile !== undefined)
    await mkdir(path.dirname(path.resolve(options.dbFile)), { recursive: true });
  const server = startGuardedProcess({
    command: options.program,
    args: serverArguments(options, port, uiPort),
    logFile: options.logFile,
    stopSignal: 'TERM',
    graceMs: STOPS_WITHIN_MS,
  });
  const address = `127.0.0.1:${port}`;
  const failure = await waitUntilReady(server, address, options.namespace);
  if (failure !== undefined) {
    await server.stop();
    const tail = await lastLines(options.logFile);
    throw new Error(`Temporal did not start: ${failure}. The end of ${options.logFile}:\n${tail}`);
  }
  options.log(`Temporal answers on ${address}, namespace ${options.namespace}`);
  return {
    address,
    ...(uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` }),
    exited: server.exited,
    stop: server.stop,
  };
}

function serverArguments(options: TemporalOptions, port: number, uiPort: number | undefined): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)];
  args.push('--namespace', options.namespace, '--log-level', 'warn', '--log-format', 'json');
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]));
  // The guard starts its child in the root folder, so a relative path has to be resolved here.
  if (options.dbFile !== undefined) args.push('--db-filename', path.resolve(options.dbFile));
  for (const [name, type] of Object.entries(options.searchAttributes ?? {})) {
    args.push('--search-attribute', `${name}=${type}`);
  }
  for (const [key, value] of Object.entries(options.dynamicConfig ?? {})) {
    args.push('--dynamic-config-value', `${key}=${JSON.stringify(value)}`);
  }
  return args;
}

/** Undefined once the namespace was described; otherwise why it never will be. */
async function waitUntilReady(
  server: GuardedProcess,
  address: string,
  namespace: string,
): Promise<string | undefined> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'it gave no answer';
  while (Date.now() < deadline) {
    if (!server.isRunning()) return `it ended at once with code ${await server.exited}`;
    try {
      await describeNamespace(address, namespace);
      return undefined;
    } catch (error) {
      last = reasonOf(error);
    }
    await sleep(50);
  }
  return `no answer within ${READY_WITHIN_MS / 1000} s (${last})`;
}

async function describeNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '300ms' });
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
