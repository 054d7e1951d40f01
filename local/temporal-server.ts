// Runs Temporal's server as companies run it: all four services in one process, histories and visibility in PostgreSQL.
// It expects the schemas to be there, and makes no namespace.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { z } from 'zod';
import { lastLines, startGuardedProcess } from './guarded-process.ts';
import { freeLowPorts, freePort, reasonOf } from './machine.ts';

const READY_WITHIN_MS = 90_000;
const STOPS_WITHIN_MS = 20_000;

/** gRPC's number for what is not there. */
const NOT_FOUND = 5;

/** Four services with two ports each, and one for HTTP. */
const PORTS = 9;

export interface TemporalServerOptions {
  /** The program, from findTemporalServer. */
  readonly program: string;
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
  };
  /** Fixed for the life of the cluster. */
  readonly historyShards: number;
  /** Port of the front end; 0 or absent takes a free one. */
  readonly port?: number;
  /** Gets the server's configuration file, readable by us only. */
  readonly folder: string;
  /** Receives what the server prints. */
  readonly logFile: string;
}

export interface RunningTemporalServer {
  /** host:port of the gRPC service. */
  readonly address: string;
  /** Resolves with the exit code when the server ends, whoever ended it. */
  readonly exited: Promise<number>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Asks the server to stop, kills it when it does not. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the server on the loopback interface and resolves once all its services do.
 * @throws an error that says what to do when a port is taken or the server fails.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningTemporalServer> {
  const folder = path.resolve(options.folder, 'config');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [first, ...others] = await memberPorts(path.join(folder, 'ports.json'));
  const port = await freePort('Temporal', options.port || first);
  // JSON is YAML.
  const text = JSON.stringify(configuration(options, port, others), null, 2);
  await writeFile(path.join(folder, 'jalon.yaml'), text, { mode: 0o600 });
  const server = startGuardedProcess({
    command: options.program,
    args: [
      '--root',
      path.dirname(folder),
      '--config',
      'config',
      '--env',
      'jalon',
      '--allow-no-auth',
      'start',
    ],
    logFile: path.resolve(options.logFile),
    stopSignal: 'TERM',
    graceMs: STOPS_WITHIN_MS,
  });
  const address = `127.0.0.1:${port}`;
  const failure = await waitUntilServing(server.isRunning, address);
  if (failure !== undefined) {
    await server.stop();
    const tail = await lastLines(options.logFile);
    throw new Error(`Temporal did not start: ${failure}. The end of ${options.logFile}:\n${tail}`);
  }
  return { address, exited: server.exited, kill: server.kill, stop: server.stop };
}

/**
 * The ports that services find each other at. A server that was killed is still on its own list of members for a
 * while: it comes back as those, or waits for them in vain.
 */
async function memberPorts(file: string): Promise<number[]> {
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return z.array(z.number()).length(PORTS).parse(JSON.parse(kept));
  const ports = await freeLowPorts('Temporal', PORTS);
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

/** What Temporal's image makes of its environment, with ports of this machine. */
function configuration({ postgres, historyShards }: TemporalServerOptions, port: number, ports: number[]) {
  const next = (): number => ports.pop() ?? 0;
  const service = (grpcPort = next()) => ({
    rpc: { grpcPort, membershipPort: next(), bindOnIP: '127.0.0.1' },
  });
  const frontend = service(port);
  const httpPort = next();
  const store = (databaseName: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${postgres.host}:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.user,
      password: postgres.password,
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  const address = `127.0.0.1:${port}`;
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: historyShards,
      datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' }, pprof: { port: 0 } },
    services: {
      frontend: { rpc: { ...frontend.rpc, httpPort } },
      matching: service(),
      history: service(),
      worker: service(),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: address,
          httpAddress: `127.0.0.1:${httpPort}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: address },
  };
}

/** Undefined once the front end serves and reaches the others; otherwise why it never will. */
async function waitUntilServing(isRunning: () => boolean, address: string): Promise<string | undefined> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'it gave no answer';
  while (Date.now() < deadline) {
    if (!isRunning()) return 'it ended at once';
    try {
      await askServices(address);
      return undefined;
    } catch (error) {
      last = reasonOf(error);
    }
    await sleep(100);
  }
  return `no answer within ${READY_WITHIN_MS / 1000} s (${last})`;
}

/** Resolves when the front end reaches a history shard and a task queue. */
async function askServices(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '300ms' });
  const { workflowService } = connection;
  const namespace = 'temporal-system';
  try {
    await connection.withDeadline(Date.now() + 5_000, async () => {
      await workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'none' } });
      await workflowService
        .describeWorkflowExecution({ namespace, execution: { workflowId: 'none' } })
        .catch((error: unknown) => {
          if (!(error instanceof Error && 'code' in error && error.code === NOT_FOUND)) throw error;
        });
    });
  } finally {
    await connection.close();
  }
}
