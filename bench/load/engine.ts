// Temporal and PostgreSQL as the benchmarks have them: on loopback, under one folder, writing to disk as an installation
// does. One engine a run, and both sides of a comparison on the same one.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Log } from '../../local/machine.ts';
import { startPostgres } from '../../local/postgres.ts';
import { startTemporal } from '../../local/temporal.ts';
import { findTemporal } from '../../local/temporal-binary.ts';
import { startTemporalCluster } from '../../local/temporal-cluster.ts';

export const ENGINES = ['dev', 'postgres'] as const;

export type EngineName = (typeof ENGINES)[number];

export interface Engine {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Makes another database on the same server. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startEngine(name: EngineName, log: Log): Promise<Engine> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jalon-load-'));
  // PostgreSQL may run as another user, who has to pass through.
  await chmod(folder, 0o711);
  // A folder that is kept is flushed to disk at every commit; a temporary one would not be.
  const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log });
  const temporal = await startTemporalOf(name, folder, postgres.url, log);
  return {
    folder,
    databaseUrl: await postgres.createDatabase('jalon'),
    temporalAddress: temporal.address,
    createDatabase: postgres.createDatabase,
    async stop() {
      await temporal.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startTemporalOf(name: EngineName, folder: string, postgresUrl: string, log: Log) {
  if (name === 'postgres') {
    return await startTemporalCluster({ postgresUrl, dataDir: folder, namespace: 'default', log });
  }
  const program = await findTemporal({ log, progress: log });
  return await startTemporal({
    program,
    dbFile: path.join(folder, 'temporal.sqlite'),
    namespace: 'default',
    logFile: path.join(folder, 'temporal.log'),
    log,
  });
}
