// The logins of docker-compose.yml on a PostgreSQL of their own: what the job makes, what migrate makes of it without
// being a superuser, and what each login may then do.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { newSecretKey } from '../../activities/secret-box.ts';
import { runCommand } from '../../local/command.ts';
import { type RunningPostgres, startPostgres } from '../../local/postgres.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PASSWORDS: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'not-asked-for-here',
  JALON_OWNER_PASSWORD: '0123456789abcdef',
  JALON_SERVICE_PASSWORD: '123456789abcdef0',
  TEMPORAL_PASSWORD: '23456789abcdef01',
};

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const { services } = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};

let server: RunningPostgres;

beforeAll(async () => {
  server = await startPostgres({ log: () => undefined });
  // As the image makes it from POSTGRES_DB.
  const superuser = await server.createDatabase('jalon');
  const statements = given(services['postgres-logins']?.command[0] ?? '');
  await ask(superuser, statements);
  await ask(superuser, statements);
});

afterAll(() => server?.stop());

/** What compose makes of a text. */
function given(text: string): string {
  return text
    .replace(/\$\{([A-Z_]+):\?[^}]*\}/g, (_, name: string) => PASSWORDS[name] ?? '')
    .replaceAll('$$', '$');
}

/** A variable of a service, leading to our server. */
function urlOf(service: string, name: string): string {
  const url = new URL(given(services[service]?.environment[name] ?? ''));
  url.hostname = '127.0.0.1';
  url.port = String(server.port);
  return url.href;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function migrate(): Promise<string> {
  const env = {
    DATABASE_URL: urlOf('migrate', 'DATABASE_URL'),
    DATABASE_OWNER_URL: urlOf('migrate', 'DATABASE_OWNER_URL'),
    JALON_SECRET_KEY: newSecretKey(),
  };
  const [program = '', ...args] = services.migrate?.command ?? [];
  expect(program).toBe('node');
  const script = args.map((arg) => (arg.endsWith('.ts') ? path.join(ROOT, arg) : arg));
  return runCommand({ command: process.execPath, args: script, env, timeoutMs: 50_000 });
}

test('migrate makes the login of API and worker, twice as well as once', async () => {
  expect(await migrate()).toMatch(/^Applied: 0001-foundation, .*\n$/);
  expect(await migrate()).toBe('The database is up to date.\n');
});

test.each(['api', 'worker'])('%s adds to the ledger and rewrites nothing', async (service) => {
  const url = urlOf(service, 'DATABASE_URL');
  expect(services[service]?.environment).not.toHaveProperty('DATABASE_OWNER_URL');
  const row = `('${service}', 1, 'StageEntered', now(), 'jalon', null, '{}', '\\x00', '\\x01')`;
  await ask(url, `insert into thesis_event values ${row}`);
  expect(await ask(url, `select 1 as one from thesis_event where thesis_id = '${service}'`)).toEqual([
    { one: 1 },
  ]);
  await expect(ask(url, 'delete from thesis_event')).rejects.toThrow(
    'permission denied for table thesis_event',
  );
  await expect(ask(url, 'drop table thesis_event')).rejects.toThrow('must be owner');
});

test('the owner is no superuser, and the guard of its own history holds for it too', async () => {
  const owner = urlOf('migrate', 'DATABASE_OWNER_URL');
  expect(await ask(owner, 'select rolsuper, rolcreatedb from pg_roles where rolname = current_user')).toEqual(
    [{ rolsuper: false, rolcreatedb: false }],
  );
  await expect(ask(owner, 'delete from thesis_event')).rejects.toThrow('append-only');
});

test("Temporal's user makes databases of its own and does not get into ours", async () => {
  const url = new URL(server.url);
  [url.username, url.password] = ['temporal', PASSWORDS.TEMPORAL_PASSWORD ?? ''];
  await ask(url.href, 'create database temporal');
  url.pathname = '/temporal';
  await ask(url.href, 'create table namespaces ()');
  url.pathname = '/jalon';
  await expect(ask(url.href, 'select 1')).rejects.toThrow('permission denied for database "jalon"');
});
