// PostgreSQL and Temporal as the chaos run has them: each behind a wire that can be cut, each killed with SIGKILL and
// started again on the same data and the same port.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { signalDescendants } from '../descendants.ts';
import type { Log } from '../machine.ts';
import { startPostgres } from '../postgres.ts';
import { startTemporal } from '../temporal.ts';
import { findTemporal } from '../temporal-binary.ts';
import { startTemporalCluster } from '../temporal-cluster.ts';
import { layWire, type Wire } from '../wire.ts';

export interface Engine {
  readonly wire: Wire;
  /** Kills the server with SIGKILL; returns how many processes were there to be killed. */
  kill(): Promise<number>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Postgres extends Engine {
  /** Connection string of the application's database, as its login, through the wire. */
  readonly url: string;
  /** The same as its owner, straight to the server. */
  readonly directUrl: string;
}

export interface Temporal extends Engine {
  /** host:port through the wire. */
  readonly address: string;
  readonly directAddress: string;
}

export async function postgresEngine(folder: string, log: Log): Promise<Postgres> {
  const dataDir = path.join(folder, 'postgres');
  let server = await startPostgres({ dataDir, log });
  const { port } = server;
  const directUrl = await server.createDatabase('jalon');
  const wire = await layWire(port);
  const url = new URL(directUrl);
  url.port = String(wire.port);
  url.username = 'jalon_service';
  url.password = randomBytes(24).toString('base64url');
  return {
    wire,
    url: url.href,
    directUrl,
    kill: () =>
      signalDescendants(
        (command) => command.includes('postgres') && command.includes(`-p ${port} `),
        'SIGKILL',
      ),
    async start() {
      await server.stop();
      server = await startPostgres({ dataDir, port, log: () => undefined });
    },
    async stop() {
      await wire.close();
      await server.stop();
    },
  };
}

/** Temporal's server on that PostgreSQL, as in production: whatever kills the one leaves the other without ground. */
export async function temporalClusterEngine(
  folder: string,
  { directUrl }: Postgres,
  log: Log,
): Promise<Temporal> {
  const settings = { postgresUrl: directUrl, dataDir: folder, namespace: 'default', log: () => undefined };
  let server = await startTemporalCluster({ ...settings, log });
  const port = Number(server.address.split(':')[1]);
  const wire = await layWire(port);
  return {
    wire,
    address: `127.0.0.1:${wire.port}`,
    directAddress: server.address,
    async kill() {
      await server.kill();
      return 1;
    },
    async start() {
      server = await startTemporalCluster({ ...settings, port });
    },
    async stop() {
      await wire.close();
      await server.stop();
    },
  };
}

export async function temporalEngine(folder: string, _postgres: Postgres, log: Log): Promise<Temporal> {
  const program = await findTemporal({ log, progress: log });
  const settings = {
    program,
    dbFile: path.join(folder, 'temporal.sqlite'),
    namespace: 'default',
    logFile: path.join(folder, 'temporal.log'),
    log: () => undefined,
  };
  let server = await startTemporal(settings);
  const port = Number(server.address.split(':')[1]);
  const wire = await layWire(port);
  return {
    wire,
    address: `127.0.0.1:${wire.port}`,
    directAddress: server.address,
    kill: () =>
      signalDescendants(
        (command) => command.includes('start-dev') && command.includes(`--port ${port} `),
        'SIGKILL',
      ),
    async start() {
      await server.stop();
      server = await startTemporal({ ...settings, port });
    },
    async stop() {
      await wire.close();
      await server.stop();
    },
  };
}
