// The doctor: well when all is well, and for each dependency that is away or wrong a line that says what to do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { type Insertable, sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import type { Finding } from '../../cli/doctor/finding.ts';
import { judgeDatabase } from '../../cli/doctor/postgresql.ts';
import { judgeTemporal } from '../../cli/doctor/temporal.ts';
import { connect } from '../../db/connect.ts';
import { databaseFacts } from '../../db/inspection.ts';
import type { Database } from '../../db/schema.ts';
import { LOSER } from '../../local/demo/loser.ts';
import { freePort } from '../../local/machine.ts';
import { temporalFacts } from '../../worker/inspection.ts';
import { type Environment, jalon } from '../support/command-line.ts';
import { type Company, foundCompany } from '../support/company.ts';
import { createTestDatabase } from '../support/database.ts';

let company: Company;
let folder: string;
let env: Environment;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-doctor-'));
  company = await foundCompany();
  const { JALON_PORT: _port, ...reached } = company.env;
  env = {
    ...reached,
    JALON_API_URL: company.apiUrl,
    JALON_API_KEY: company.keyOf('admin'),
    JALON_DATA_DIR: folder,
  };
  await company.admin.post('/v1/theses', LOSER.launch);
}, 180_000);

afterAll(async () => {
  await company?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Diagnosis {
  readonly code: number | null;
  readonly findings: ReadonlyMap<string, Finding>;
}

async function diagnosis(changes: Record<string, string> = {}): Promise<Diagnosis> {
  const { code, out, err } = await jalon(['doctor', '--json'], { ...env, ...changes });
  expect(err).toBe('');
  const findings: Finding[] = JSON.parse(out);
  return { code, findings: new Map(findings.map((finding) => [finding.check, finding])) };
}

test('all is well, each dependency has its line, and nothing secret is shown', async () => {
  const checks = [
    'Node',
    'Configuration',
    'PostgreSQL',
    'Migrations',
    'Privileges',
    'Clock of PostgreSQL',
    'Theses',
    'Sources',
    'Webhooks',
    'Temporal',
    'Namespace',
    'Search attributes',
    'Workers',
    'Clock of Temporal',
    'Payload key',
    'API',
    'API ready',
    'API key',
    'Worker ready',
  ];
  const { code, findings } = await diagnosis();
  expect([...findings.keys()]).toEqual(checks);
  // The source of the thesis has not delivered yet.
  const unwell = [...findings.values()].filter(({ check, state }) => state !== 'ok' && check !== 'Sources');
  expect({ code, unwell }).toEqual({ code: 0, unwell: [] });
  expect(findings.get('Payload key')?.says).toBe('opens what Temporal keeps');
  expect(findings.get('API key')?.says).toBe('of admin (admin)');

  const { out } = await jalon(['doctor'], env);
  expect(out).toMatch(/^ {2}ok {4}PostgreSQL +answers, version \d+/m);
  expect(out).not.toContain(env.JALON_API_KEY);
  expect(out).not.toContain(env.JALON_SECRET_KEY);
});

test('what is away is named, with what to do; the rest is looked at all the same', async () => {
  const port = await freePort('Nobody');
  const gone = `127.0.0.1:${port}`;
  const { code, findings } = await diagnosis({
    DATABASE_URL: `postgres://jalon:hunter2@${gone}/jalon`,
    TEMPORAL_ADDRESS: gone,
    JALON_WORKER_PORT: String(port),
  });
  expect(code).toBe(1);
  expect(findings.get('PostgreSQL')).toMatchObject({ state: 'fail', says: expect.stringContaining(gone) });
  expect(findings.get('PostgreSQL')?.todo).toBe('Start PostgreSQL, or correct DATABASE_URL.');
  expect(findings.get('Temporal')).toMatchObject({
    state: 'fail',
    todo: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
  expect(findings.get('Worker ready')).toMatchObject({
    state: 'fail',
    todo: expect.stringContaining('JALON_WORKER_PORT'),
  });
  expect(findings.get('API ready')?.state).toBe('ok');
  expect(JSON.stringify([...findings])).not.toContain('hunter2');

  const apiAway = await diagnosis({ JALON_API_URL: `http://${gone}` });
  expect(apiAway.code).toBe(1);
  expect(apiAway.findings.get('API')).toMatchObject({ state: 'fail', todo: expect.stringContaining(gone) });
  expect(apiAway.findings.get('PostgreSQL')?.state).toBe('ok');
});

test('another key than the workers have, an unknown namespace and a bad API key are found', async () => {
  const { code, findings } = await diagnosis({
    JALON_SECRET_KEY: newSecretKey(),
    JALON_API_KEY: 'jalon_wrong',
  });
  expect(code).toBe(1);
  expect(findings.get('Payload key')).toMatchObject({
    state: 'fail',
    says: 'does not open what Temporal keeps',
  });
  expect(findings.get('API key')?.state).toBe('fail');

  const elsewhere = await diagnosis({ TEMPORAL_NAMESPACE: 'nowhere' });
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.findings.get('Namespace')?.todo).toContain('namespace create --namespace nowhere');
});

test('a configuration that cannot be read is told key by key', async () => {
  const { code, findings } = await diagnosis({ JALON_PORT: 'eighty', JALON_CLOCK_RATE: '0' });
  expect(code).toBe(1);
  expect(findings.get('Configuration')?.says).toMatch(/JALON_PORT: .*\nJALON_CLOCK_RATE: /);
});

test('with nothing named and nothing running, it says how to begin', async () => {
  const { code, out } = await jalon(['doctor'], { JALON_DATA_DIR: folder });
  expect(code).toBe(1);
  expect(out).toMatch(
    /fail {2}PostgreSQL +nothing says where it is\n +Set DATABASE_URL, or run `npm start`\./,
  );
  expect(out).toMatch(/fail {2}Temporal +nothing says where it is/);
});

test('an empty database lacks its migrations, and looking does not make them', async () => {
  const empty = await createTestDatabase();
  for (const _again of [1, 2]) {
    const { code, findings } = await diagnosis({ DATABASE_URL: empty.url });
    expect(code).toBe(1);
    expect(findings.get('Migrations')).toMatchObject({ state: 'fail', todo: 'Run `npm run db:migrate`.' });
    expect(findings.get('Migrations')?.says).toContain('0001-foundation');
  }
  await empty.drop();
});

test('a login that owns the tables is told of, with what to set', async () => {
  const { findings } = await diagnosis({ DATABASE_URL: company.database.url });
  expect(findings.get('Privileges')).toMatchObject({
    state: 'warn',
    says: expect.stringContaining('could rewrite the ledger'),
    todo: expect.stringContaining('DATABASE_OWNER_URL'),
  });
});

test('a webhook that was disabled, or has long been failing, is named; one that is new or disabled by hand is not', async () => {
  const admin = connect(company.database.url);
  const at = new Date().toISOString();
  const longAgo = new Date(Date.now() - 7_200_000).toISOString();
  const add = (webhook_id: string, state: Partial<Insertable<Database['webhook']>>) => {
    const named = {
      webhook_id,
      url: 'https://hooks.example.com/t0k3n',
      description: `Team ${webhook_id}`,
      event_types: [],
    };
    const made = {
      created_at: at,
      created_by: 'admin',
      updated_at: at,
      secret: Buffer.alloc(1),
      position: '0',
    };
    return admin
      .insertInto('webhook')
      .values({ ...named, ...made, ...state })
      .execute();
  };
  try {
    await add('w1', {});
    await add('w2', { failing_since: at });
    await add('w3', { disabled_at: at, disabled_reason: 'by_hand', failing_since: longAgo });
    expect((await diagnosis()).findings.get('Webhooks')?.state).toBe('ok');
    await add('w4', { disabled_at: at, disabled_reason: 'gone' });
    await add('w5', { failing_since: longAgo });
    const { code, findings } = await diagnosis();
    expect({ code, ...findings.get('Webhooks') }).toMatchObject({
      code: 0,
      state: 'warn',
      says: `Team w4 (w4) was disabled: gone, Team w5 (w5) fails since ${longAgo}`,
      todo: expect.stringContaining('/deliveries'),
    });
    expect(JSON.stringify([...findings])).not.toContain('t0k3n');
  } finally {
    await admin.deleteFrom('webhook').execute();
    await admin.destroy();
  }
});

test('a role that may read and not write, and clocks that differ, are found', async () => {
  const admin = connect(company.database.url);
  const url = new URL(company.database.url);
  const role = `reader_${company.database.name}`;
  try {
    await sql.raw(`create role ${role} login password 'only-reads'`).execute(admin);
    await sql.raw(`grant connect on database ${company.database.name} to ${role}`).execute(admin);
    await sql.raw(`grant usage on schema public to ${role}`).execute(admin);
    await sql.raw(`grant select on all tables in schema public to ${role}`).execute(admin);
    [url.username, url.password] = [role, 'only-reads'];
    const { code, findings } = await diagnosis({ DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(findings.get('Privileges')).toMatchObject({
      state: 'fail',
      says: expect.stringContaining('insert on thesis_event'),
    });
    await sql.raw(`drop owned by ${role}`).execute(admin);
    await sql.raw(`drop role ${role}`).execute(admin);

    const facts = await databaseFacts(admin);
    const now = Date.parse(facts.clock);
    const clockAt = (at: number) =>
      judgeDatabase(facts, { asked: at, answered: at }).find(({ check }) => check.startsWith('Clock'));
    expect(clockAt(now)?.state).toBe('ok');
    expect(clockAt(now + 5_000)).toMatchObject({ state: 'warn', says: '5.0 s behind this machine' });
    expect(clockAt(now - 300_000)).toMatchObject({ state: 'fail', says: '300.0 s ahead of this machine' });
  } finally {
    await admin.destroy();
  }
});

test('a queue that nobody has asked for work of late has no workers', async () => {
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = env;
  const connection = await Connection.connect({ address });
  try {
    const facts = await vi.waitUntil(async () => {
      const found = await temporalFacts(connection, namespace, null);
      return found.pollers.length > 0 ? found : false;
    });
    const inTwoMinutes = judgeTemporal(facts, namespace, Date.now() + 120_000);
    expect(inTwoMinutes.find(({ check }) => check === 'Workers')).toMatchObject({
      state: 'fail',
      says: '0 for workflows, 0 for activities',
    });
    const early = judgeTemporal(facts, namespace, Date.now() - 600_000);
    expect(early.find(({ check }) => check === 'Clock of Temporal')?.state).toBe('warn');
  } finally {
    await connection.close();
  }
});
