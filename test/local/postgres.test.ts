// The embedded PostgreSQL keeps its data through stops and crashes, is closed to strangers, and explains
// itself when it cannot start.
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../local/postgres.ts';
import { assertReachable } from '../../local/postgres-programs.ts';

let dataDir: string;
const running: RunningPostgres[] = [];

async function start(options: { dataDir?: string; port?: number }): Promise<RunningPostgres> {
  const server = await startPostgres({ ...options, log: () => undefined });
  running.push(server);
  return server;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(path.join(dataDir, 'cluster', 'postmaster.pid'), 'utf8'), 10);
}

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'jalon-kept-'));
  await chmod(dataDir, 0o755);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

describe('a temporary server', () => {
  test('makes databases once, in UTC and UTF-8, and leaves nothing behind', async () => {
    const server = await start({});
    const url = await server.createDatabase('growth-bets');
    expect(await server.createDatabase('growth-bets')).toBe(url);
    const [facts] = await query(
      url,
      `select current_database() as name, current_setting('TimeZone') as zone,
              pg_encoding_to_char(encoding) as encoding, current_setting('data_directory') as folder
         from pg_database where datname = current_database()`,
    );
    expect(facts).toMatchObject({ name: 'growth-bets', zone: 'UTC', encoding: 'UTF8' });
    const folder = new Map(Object.entries(facts ?? {})).get('folder');
    await server.stop();
    await expect(stat(String(folder))).rejects.toThrow('ENOENT');
  });

  test('listens on the loopback interface only and asks for the password', async () => {
    const server = await start({});
    const rows = await query(
      server.url,
      `select name, setting from pg_settings
        where name in ('listen_addresses', 'unix_socket_directories', 'password_encryption') order by name`,
    );
    expect(rows).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'password_encryption', setting: 'scram-sha-256' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  });
});

test('a temporary server leaves nothing behind either when it was killed', async () => {
  const server = await start({});
  const [row] = await query(server.url, `select current_setting('data_directory') as folder`);
  const cluster = String(new Map(Object.entries(row ?? {})).get('folder'));
  const lock = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8');
  process.kill(Number.parseInt(lock, 10), 'SIGKILL');
  expect(await server.exited).toBe(137);
  await server.stop();
  await expect(stat(path.dirname(cluster))).rejects.toThrow('ENOENT');
});

describe('a kept data folder', () => {
  test('keeps its data and password from one run to the next', async () => {
    const first = await start({ dataDir });
    await query(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start({ dataDir });
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    const { mode } = await stat(path.join(dataDir, 'superuser-password'));
    expect(mode & 0o777).toBe(0o600);
  });

  test('starts again after the server was killed in the middle of its work', async () => {
    const first = await start({ dataDir });
    await query(first.url, 'create table kept as select 42 as answer');
    process.kill(await postmasterPid(), 'SIGKILL');
    expect(await first.exited).toBe(137);
    const second = await start({ dataDir, port: first.port });
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('is not blocked by a lock file whose process number belongs to another program now', async () => {
    const first = await start({ dataDir });
    await first.stop();
    await writeFile(path.join(dataDir, 'cluster', 'postmaster.pid'), `${process.ppid}\n`);
    const second = await start({ dataDir });
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('of another major version is refused with what to do', async () => {
    const first = await start({ dataDir });
    await first.stop();
    await writeFile(path.join(dataDir, 'cluster', 'PG_VERSION'), '15\n');
    await expect(start({ dataDir })).rejects.toThrow(/made by PostgreSQL 15.*pg_dump/s);
  });
});

test('a taken port is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start({ port })).rejects.toThrow(`PostgreSQL cannot listen on 127.0.0.1:${port}`);
  await new Promise((resolve) => other.close(resolve));
});

test('a folder closed to the user the server runs as is named, with the command that opens it', async () => {
  await chmod(dataDir, 0o700);
  const stranger = { uid: 54_321, gid: 54_321 };
  const target = path.join(dataDir, 'cluster');
  await mkdir(target);
  await expect(assertReachable([target], stranger)).rejects.toThrow(`chmod o+x ${dataDir}`);
  await chmod(dataDir, 0o711);
  await expect(assertReachable([target], stranger)).resolves.toBeUndefined();
});
