// What stands for the images that are not ours: npm's PostgreSQL for `postgres`, our driver for its `psql`, the server built
// from its Go module for `temporalio/server`. Their settings come from docker-compose.yml; one that is not known here is an error.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../machine.ts';
import { MAX_CONNECTIONS, type RunningPostgres, startPostgres } from '../postgres.ts';
import { type RunningTemporalServer, startTemporalServer } from '../temporal-server.ts';
import type { Service } from './compose-file.ts';
import { type Ground, logOf } from './container.ts';

const POSTGRES_COMMAND = `postgres -c max_connections=${MAX_CONNECTIONS}`;

export const isPostgres = ({ image, entrypoint }: Service): boolean =>
  image.startsWith('postgres:') && entrypoint === undefined;

export const isPsql = ({ image, entrypoint = [] }: Service): boolean =>
  image.startsWith('postgres:') && entrypoint[0] === 'psql';

export const isTemporalServer = ({ image }: Service): boolean => image.startsWith('temporalio/server:');

export async function runPostgres(
  { addresses }: Ground,
  name: string,
  { environment, command = [] }: Service,
  dataDir: string,
  log: Log,
): Promise<RunningPostgres> {
  const { POSTGRES_USER: user, POSTGRES_DB: database, POSTGRES_PASSWORD: password, ...others } = environment;
  const isKnown = Object.keys(others).length === 0 && command.join(' ') === POSTGRES_COMMAND;
  if (user !== 'jalon' || database === undefined || password === undefined || !isKnown) throw unknown(name);
  // The cluster takes the password that it finds.
  await writeFile(path.join(dataDir, 'superuser-password'), password, { mode: 0o600 });
  const server = await startPostgres({ dataDir, port: addresses.portOf(name, 5432), log });
  await server.createDatabase(database);
  return server;
}

/** The statements of a `psql --command`, sent as it sends them: in one message, of which all or nothing happens. */
export async function runPsql(ground: Ground, name: string, service: Service): Promise<void> {
  const { entrypoint = [], command = [], environment } = service;
  const options = [...entrypoint.slice(1), ...command];
  const text = options.pop();
  const last = options.pop();
  const { host, username, dbname, set, ...others } = Object.fromEntries(
    options.map((option) => [/^--(\w+)=/.exec(option)?.[1] ?? option, option.replace(/^--\w+=/, '')]),
  );
  const { PGPASSWORD: password, ...variables } = environment;
  const isKnown = last === '--command' && set === 'ON_ERROR_STOP=1' && host !== undefined;
  if (!isKnown || text === undefined || Object.keys({ ...others, ...variables }).length > 0)
    throw unknown(name);
  const client = new pg.Client({
    host: '127.0.0.1',
    port: ground.addresses.portOf(host, 5432),
    user: username,
    database: dbname,
    password,
  });
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}

export async function runTemporalServer(
  ground: Ground,
  name: string,
  service: Service,
  program: string,
): Promise<RunningTemporalServer> {
  const { DB, DB_PORT, POSTGRES_SEEDS, POSTGRES_USER, POSTGRES_PWD, NUM_HISTORY_SHARDS, ...others } =
    ground.addresses.environment(name, service.environment);
  const isKnown = DB === 'postgres12' && Object.keys(others).length === 0 && service.command === undefined;
  if (!isKnown || POSTGRES_SEEDS === undefined || POSTGRES_USER === undefined || POSTGRES_PWD === undefined)
    throw unknown(name);
  return startTemporalServer({
    program,
    postgres: {
      host: POSTGRES_SEEDS,
      port: Number(DB_PORT),
      user: POSTGRES_USER,
      password: POSTGRES_PWD,
    },
    historyShards: Number(NUM_HISTORY_SHARDS),
    port: ground.addresses.portOf(name, 7233),
    folder: path.join(ground.logs, 'temporal'),
    logFile: logOf(ground, name),
  });
}

function unknown(name: string): Error {
  return new Error(
    `docker-compose.yml gives the service ${name} a setting that local/production/foreign-images.ts does not know`,
  );
}
