// Least privilege on real PostgreSQL: the owner migrates, the application adds to history and cannot touch what is there,
// finance reads its views and nothing else. Every table is listed, and none grants more than the list.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Db } from '../../db/connect.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { APP_RIGHTS, canRewriteLedger } from '../../db/privileges.ts';
import { APP_ROLE, FINANCE_ROLE } from '../../db/roles.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { storeObservations, storeThesis } from '../support/stored-thesis.ts';

const ID = randomBytes(4).toString('hex');

/** Logins of this test: one of finance, made as docs/operation.md says, and one that was given nothing. */
const FINANCE = `claire_${ID}`;
const STRANGER = `stranger_${ID}`;
const PASSWORD = randomBytes(12).toString('hex');

/** What PostgreSQL knows to grant on a table. */
const RIGHTS = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain'];

let database: TestDatabase;
let owner: Db;
let app: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = connect(database.url);
  expect((await prepareDatabase(owner, database.appUrl)).advice).toEqual([]);
  app = connect(database.appUrl);
  await storeThesis(owner, { thesisId: 'lyon', windows: [['detect', '09-01', null]] });
  await storeObservations(owner, 'lyon', [{ metric: 'spend', on: '09-02', sum: '10' }]);
  await sql`insert into thesis_event values
    ('lyon', 1, 'StageEntered', now(), 'jalon', null, '{}', '\\x00', '\\x01')`.execute(owner);
  for (const statement of [
    `create role ${FINANCE} login password '${PASSWORD}' in role ${FINANCE_ROLE}`,
    `alter role ${FINANCE} set default_transaction_read_only = on`,
    `grant connect on database ${database.name} to ${FINANCE}`,
    `create role ${STRANGER} login password '${PASSWORD}'`,
  ]) {
    await sql.raw(statement).execute(owner);
  }
});

afterAll(async () => {
  await app.destroy();
  for (const login of [FINANCE, STRANGER]) {
    await sql.raw(`drop owned by ${login}`).execute(owner);
    await sql.raw(`drop role ${login}`).execute(owner);
  }
  await owner.destroy();
  await database.drop();
});

function urlOf(user: string): string {
  const url = new URL(database.url);
  [url.username, url.password] = [user, PASSWORD];
  return url.href;
}

/** Runs a statement in a session of its own. */
async function as(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function tablesOf(schema: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = ${schema}`.execute(owner);
  return rows.map(({ name }) => name);
}

/** What a role may do to each table, of all that can be granted, on the whole or on single columns. */
async function rightsOf(role: string, tables: readonly string[]): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ name: string; rights: string[] }>`
    select name, array(
      select word from unnest(${RIGHTS}::text[]) with ordinality as asked (word, place)
      where has_table_privilege(${role}, name, word) or (
        word in ('select', 'insert', 'update', 'references') and has_any_column_privilege(${role}, name, word))
      order by place) as rights
    from unnest(${[...tables]}::text[]) as named (name)`.execute(owner);
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]));
}

describe('the list of rights', () => {
  test('has a line for every table, and the application has exactly what its line says', async () => {
    const tables = await tablesOf('public');
    expect(await rightsOf(APP_ROLE, tables)).toEqual({ ...APP_RIGHTS, kysely_migration_lock: [] });
  });

  test('gives finance its views, everybody nothing, and nobody what stands beside tables', async () => {
    const views = (await tablesOf('finance')).map((name) => `finance.${name}`);
    expect(views).not.toEqual([]);
    const tables = await tablesOf('public');
    const readable = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, ['select']]));
    const none = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, []]));
    expect(await rightsOf(FINANCE_ROLE, views)).toEqual(readable(views));
    expect(await rightsOf(FINANCE_ROLE, tables)).toEqual(none(tables));
    expect(await rightsOf(STRANGER, [...views, ...tables])).toEqual(none([...views, ...tables]));
    expect(await rightsOf(APP_ROLE, views)).toEqual(none(views));
    const { rows } = await sql`
      select rolname from pg_roles
      where rolname = any (${[APP_ROLE, FINANCE_ROLE, STRANGER]}) and (
        has_schema_privilege(oid, 'public', 'create') or has_schema_privilege(oid, 'finance', 'create')
        or has_database_privilege(oid, current_database(), 'create, temporary, connect')
        or exists (select from pg_class
          where case when relkind = 'S' then
            has_sequence_privilege(pg_roles.oid, pg_class.oid, 'usage, select, update') end)
        or exists (select from pg_proc
          where pronamespace in ('public'::regnamespace, 'finance'::regnamespace)
            and has_function_privilege(pg_roles.oid, pg_proc.oid, 'execute')))`.execute(owner);
    expect(rows).toEqual([]);
  });
});

describe('the application', () => {
  test('adds to the ledger and reads it', async () => {
    await app
      .insertInto('thesis_event')
      .values({
        thesis_id: 'lyon',
        sequence: 2,
        type: 'StageEntered',
        at: '2026-09-02T00:00:00.000Z',
        actor: 'jalon',
        command_id: null,
        data: JSON.stringify({ type: 'StageEntered', stage: 'detect' }),
        previous_hash: Buffer.alloc(32),
        hash: Buffer.alloc(32),
      })
      .execute();
    const events = await app.selectFrom('thesis_event').select('sequence').execute();
    expect(events).toHaveLength(2);
    // Its place in the feed is PostgreSQL's to give, and nobody else's.
    const feed = await app.selectFrom('event_feed').select(['position', 'sequence']).execute();
    expect(feed).toEqual([
      { position: '1', sequence: 1 },
      { position: '2', sequence: 2 },
    ]);
    const forged = "insert into event_feed values (9, 'lyon', 1)";
    await expect(as(database.appUrl, forged)).rejects.toThrow('permission denied for table event_feed');
  });

  const history = ['thesis_event', 'event_feed', 'observation', 'contract', 'playbook', 'evidence_pack'];
  test.each(history)('cannot change, empty or unguard %s', async (table) => {
    const column = table === 'playbook' ? 'name' : 'thesis_id';
    const denied = `permission denied for table ${table}`;
    for (const statement of [
      `update ${table} set ${column} = 'x'`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      await expect(as(database.appUrl, statement), statement).rejects.toThrow(denied);
    }
    for (const statement of [
      `alter table ${table} disable trigger all`,
      `drop trigger ${table}_append_only on ${table}`,
      `drop table ${table} cascade`,
    ]) {
      await expect(as(database.appUrl, statement), statement).rejects.toThrow(
        /must be owner|permission denied/,
      );
    }
  });

  test.each([
    ['hide a table behind another', 'create table thesis_event_2 ()', 'permission denied for schema'],
    [
      'hide one in its session',
      'create temporary table thesis_event ()',
      'permission denied to create temporary',
    ],
    ['switch triggers off', 'set session_replication_role = replica', 'permission denied to set parameter'],
    [
      'change what triggers do',
      'create or replace function refuse_rewrite() returns trigger language sql as $$$$',
      'permission denied',
    ],
    ['delete a thesis', 'delete from thesis', 'permission denied for table thesis'],
    ['change migrations', 'delete from kysely_migration', 'permission denied for table kysely_migration'],
    ['become the owner', 'set role jalon', 'permission denied to set role'],
    ['run a program', `copy thesis_event to program 'cat'`, 'permission denied'],
    ['read a file', `select pg_read_file('PG_VERSION')`, 'permission denied for function'],
  ])('cannot %s', async (_, statement, message) => {
    await expect(as(database.appUrl, statement)).rejects.toThrow(message);
  });
});

describe('finance', () => {
  test('reads its views', async () => {
    const [row] = await as(
      urlOf(FINANCE),
      'select thesis_id, stage, spend::text from finance.unit_economics',
    );
    expect(row).toEqual({ thesis_id: 'lyon', stage: 'detect', spend: '10.0000000000' });
    expect(
      await as(urlOf(FINANCE), 'select envelope::text from finance.spend_against_envelope'),
    ).toHaveLength(4);
    expect(await as(urlOf(FINANCE), 'select decision from finance.gate_decisions')).toEqual([]);
    expect(await as(urlOf(FINANCE), 'select day::text, sum::text from finance.daily_sums')).toEqual([
      { day: '2026-09-02', sum: '10.0000000000' },
    ]);
  });

  test('writes nothing by default', async () => {
    const [row] = await as(urlOf(FINANCE), 'show transaction_read_only');
    expect(row).toEqual({ transaction_read_only: 'on' });
  });

  test.each(['thesis_event', 'observation', 'api_key', 'member', 'connection', 'thesis'])(
    'cannot read %s',
    async (table) => {
      await expect(as(urlOf(FINANCE), `select * from public.${table}`)).rejects.toThrow(
        'permission denied for schema',
      );
    },
  );

  test('cannot write, whatever it sets', async () => {
    for (const statement of [
      'delete from finance.daily_sums',
      `update finance.gate_decisions set decision = 'kill'`,
      'create view finance.own as select 1',
      'create temporary table own ()',
      'drop view finance.unit_economics',
    ]) {
      const asked = as(urlOf(FINANCE), `begin read write; ${statement}`);
      await expect(asked, statement).rejects.toThrow(
        /permission denied|must be owner|cannot (delete from|update) view/,
      );
    }
  });

  test('and a login that was given nothing does not get in', async () => {
    await expect(as(urlOf(STRANGER), 'select 1')).rejects.toThrow('permission denied for database');
  });
});

describe('migrating', () => {
  test('at once, again, and in two databases of one server, leaves the same rights', async () => {
    const before = await rightsOf(APP_ROLE, await tablesOf('public'));
    const second = await createTestDatabase();
    const other = connect(second.url);
    try {
      const all = [owner, owner, other, other].map((db) => {
        const { appUrl } = db === owner ? database : second;
        return prepareDatabase(db, appUrl);
      });
      for (const { advice } of await Promise.all(all)) expect(advice).toEqual([]);
      expect(await rightsOf(APP_ROLE, await tablesOf('public'))).toEqual(before);
      expect(await as(second.appUrl, 'select * from thesis_event')).toEqual([]);
    } finally {
      await other.destroy();
      await second.drop();
    }
  });

  test('takes back what was given beside the list', async () => {
    await sql`grant all on thesis_event, api_key to jalon_app, jalon_finance, public`.execute(owner);
    await sql`grant usage on schema public to jalon_finance`.execute(owner);
    await prepareDatabase(owner, database.appUrl);
    await expect(as(database.appUrl, 'delete from thesis_event')).rejects.toThrow(
      'permission denied for table',
    );
    await expect(as(urlOf(FINANCE), 'select * from api_key')).rejects.toThrow('does not exist');
  });

  test('by an owner that may not make roles says what an administrator must run, and works after that', async () => {
    const [poor, service] = [`poor_owner_${ID}`, `service_${ID}`];
    const own = await createTestDatabase();
    await sql.raw(`create role ${poor} login password '${PASSWORD}'`).execute(owner);
    await sql.raw(`alter database ${own.name} owner to ${poor}`).execute(owner);
    const url = new URL(own.url);
    [url.username, url.password] = [poor, PASSWORD];
    const appUrl = new URL(url);
    appUrl.username = service;
    const db = connect(url.href);
    try {
      const { advice } = await prepareDatabase(db, appUrl.href);
      expect(advice).toEqual([
        `create role "${service}" login password '...'`,
        `grant jalon_app to "${service}"`,
        `grant connect on database "${own.name}" to "${service}"`,
      ]);
    } finally {
      await db.destroy();
    }
    await sql.raw(`create role ${service} login password '${PASSWORD}' in role jalon_app`).execute(owner);
    const again = connect(url.href);
    try {
      expect((await prepareDatabase(again, appUrl.href)).advice).toEqual([]);
      expect(await as(appUrl.href, 'select * from thesis_event')).toEqual([]);
      await expect(as(appUrl.href, 'delete from thesis_event')).rejects.toThrow(
        'permission denied for table',
      );
    } finally {
      await again.destroy();
      await own.drop();
      for (const role of [poor, service]) await sql.raw(`drop role ${role}`).execute(owner);
    }
  });

  test('keeps the password of a login that exists, and never writes one in the clear', async () => {
    const { rows } = await sql<{ kept: string }>`
      select rolpassword as kept from pg_authid where rolname = 'jalon_test'`.execute(owner);
    expect(rows[0]?.kept).toMatch(/^SCRAM-SHA-256\$4096:/);
    const other = new URL(database.appUrl);
    other.password = 'another';
    await prepareDatabase(owner, other.href);
    await expect(as(other.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect(await as(database.appUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('who could rewrite the ledger is known: its owner, or whoever was given too much', async () => {
  expect(await canRewriteLedger(owner)).toBe(true);
  expect(await canRewriteLedger(app)).toBe(false);
  await sql`grant update on thesis_event to jalon_app`.execute(owner);
  expect(await canRewriteLedger(app)).toBe(true);
  await prepareDatabase(owner, database.appUrl);
  expect(await canRewriteLedger(app)).toBe(false);
});
