// A Temporal server on PostgreSQL, ready to be used: databases, schemas, server, namespace. What docker-compose.yml does
// in jobs, for whoever measures or tests on that engine.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import protocol from '@temporalio/proto';
import { runCommand } from './command.ts';
import { type Log, reasonOf } from './machine.ts';
import { startTemporalServer } from './temporal-server.ts';
import { findTemporalServer } from './temporal-server-binary.ts';

const SCHEMA_WITHIN_MS = 60_000;
const NAMESPACE_WITHIN_MS = 60_000;

const RETENTION_SECONDS = 30 * 86_400;

/** gRPC's number for what is there already. */
const ALREADY_EXISTS = 6;

/** Database, and the schema of Temporal's that belongs in it. */
const SCHEMAS = [
  ['temporal', 'postgresql/v12/temporal'],
  ['temporal_visibility', 'postgresql/v12/visibility'],
] as const;

export interface TemporalClusterOptions {
  /** A PostgreSQL server, with a user who may make databases; the path of the URL does not matter. */
  readonly postgresUrl: string;
  /** For the configuration and the log; what must last is in PostgreSQL. */
  readonly dataDir: string;
  readonly namespace?: string;
  /** Fixed for the life of the cluster: as in docker-compose.yml when absent. */
  readonly historyShards?: number;
  /** Port of the front end; 0 or absent takes a free one. */
  readonly port?: number;
  readonly log: Log;
}

export interface TemporalCluster {
  /** host:port of the gRPC service. */
  readonly address: string;
  readonly namespace: string;
  readonly logFile: string;
  /** Resolves with the exit code when the server ends, whoever ended it. */
  readonly exited: Promise<number>;
  /** Ends it without warning. Starting again on the same PostgreSQL goes on where it was. */
  kill(): Promise<void>;
  /** Stops the server; PostgreSQL is the caller's. */
  stop(): Promise<void>;
}

/** Starts it and resolves once its namespace can be used. */
export async function startTemporalCluster(options: TemporalClusterOptions): Promise<TemporalCluster> {
  const { dataDir, namespace = 'jalon', historyShards = 512, port = 0, log } = options;
  const programs = await findTemporalServer({ log });
  const { hostname, port: postgresPort, username, password } = new URL(options.postgresUrl);
  const postgres = {
    host: hostname,
    port: Number(postgresPort || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  await prepareSchemas(programs.sqlTool, postgres);
  await mkdir(dataDir, { recursive: true });
  const logFile = path.join(dataDir, 'temporal-server.log');
  const folder = path.join(dataDir, 'temporal-server');
  const server = await startTemporalServer({
    program: programs.server,
    postgres,
    historyShards,
    port,
    folder,
    logFile,
  });
  try {
    await ensureNamespace(server.address, namespace);
  } catch (error) {
    await server.stop();
    throw error;
  }
  log(`Temporal on PostgreSQL answers on ${server.address}, namespace ${namespace}`);
  return { ...server, namespace, logFile };
}

type Postgres = Parameters<typeof startTemporalServer>[0]['postgres'];

/** Each step does nothing when it was done before. */
async function prepareSchemas(sqlTool: string, { host, port, user, password }: Postgres): Promise<void> {
  const env = {
    SQL_PLUGIN: 'postgres12',
    SQL_HOST: host,
    SQL_PORT: String(port),
    SQL_USER: user,
    SQL_PASSWORD: password,
  };
  for (const [database, schema] of SCHEMAS) {
    const steps = [
      ['create'],
      ['setup-schema', '--version', '0.0'],
      ['update-schema', '--schema-name', schema],
    ];
    for (const step of steps) {
      const args = ['--db', database, ...step];
      await runCommand({ command: sqlTool, args, env, timeoutMs: SCHEMA_WITHIN_MS });
    }
  }
}

/** A server that has just started refuses at times: its services are still finding each other. */
async function ensureNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const deadline = Date.now() + NAMESPACE_WITHIN_MS;
  const request = protocol.temporal.api.workflowservice.v1.RegisterNamespaceRequest.fromObject({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS },
  });
  try {
    for (;;) {
      try {
        await connection.workflowService.registerNamespace(request);
        return;
      } catch (error) {
        if (isCode(error, ALREADY_EXISTS)) return;
        if (Date.now() > deadline) throw new Error(`no namespace ${namespace}: ${reasonOf(error)}`);
      }
      await sleep(200);
    }
  } finally {
    await connection.close();
  }
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
