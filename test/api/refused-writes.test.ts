// A PostgreSQL that refuses writes: a caller gets 503 with Retry-After, nothing is half-written, reads go on, and the same
// request later has its effect once.
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { treatmentOf } from '../../db/failure.ts';
import { type Answer, createTestApi, type TestApi } from '../support/api.ts';
import { refuseWrites } from '../support/refusing.ts';
import { day, storeThesis } from '../support/stored-thesis.ts';

/** What PostgreSQL says when it cannot write now, or not here. */
const CODES = {
  '53100': 'disk full',
  '53200': 'out of memory',
  '53300': 'too many connections',
  '57P01': 'ended by an administrator',
  '57P02': 'ended by a crash',
  '57P03': 'starting, or recovering',
  '57014': 'canceled',
  '58030': 'a disk that fails',
  '25006': 'a replica, which only reads',
  '40001': 'another transaction in the way',
  '40P01': 'a deadlock',
  '55P03': 'a lock that was not to be had',
  '08006': 'a connection that failed',
} as const;

let api: TestApi;
let mend: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(day('11-24')) });
  await storeThesis(api.db, { thesisId: 'evidenced', windows: [['detect', '09-01', null]] });
  await api.db.updateTable('thesis').set({ owner: 'growth-lead' }).execute();
});
afterEach(async () => {
  await mend();
  mend = async () => undefined;
});
afterAll(() => api.close());

function expectOutage({ status, headers, body }: Answer): void {
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  // What went wrong is in the log, for whom it concerns.
  expect(JSON.stringify(body)).not.toMatch(/space left|extend file/);
}

async function count(table: 'member' | 'idempotency', where: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table)} where ${sql.raw(where)}`.execute(api.db);
  return rows[0]?.count ?? 0;
}

test.each(Object.entries(CODES))(
  '%s, %s: nothing is half-written, and the same request later has its effect',
  async (code) => {
    const memberId = `ms-${code.toLowerCase()}`;
    const send = () =>
      api.send(
        'admin',
        'POST',
        '/v1/members',
        { memberId, name: 'Someone', roles: ['finance'] },
        { 'idempotency-key': memberId },
      );
    // The first table that the request writes takes it, the second does not.
    mend = await refuseWrites(api.db, { code, tables: ['member'] });
    expectOutage(await send());
    expect(await count('member', `member_id = '${memberId}'`)).toBe(0);
    expect(await count('idempotency', `idempotency_key = '${memberId}'`)).toBe(0);
    await mend();
    mend = async () => undefined;
    expect(await send()).toMatchObject({ status: 201 });
    const again = await send();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await count('member', `member_id = '${memberId}'`)).toBe(1);
  },
);

test('a disk that is full before anything is written, or when the answer is to be kept, undoes the whole', async () => {
  const send = (key: string) =>
    api.send('finance', 'POST', '/v1/api-keys', { name: key, expiresAt: null }, { 'idempotency-key': key });
  const names = async (): Promise<string[]> => {
    const rows = await api.db.selectFrom('api_key').select('name').where('name', 'like', 'full-%').execute();
    return rows.map(({ name }) => name);
  };
  for (const [key, after] of [
    ['full-at-once', 0],
    ['full-at-the-answer', 1],
  ] as const) {
    mend = await refuseWrites(api.db, { code: '53100', tables: ['idempotency'], after });
    expectOutage(await send(key));
    expect(await names()).not.toContain(key);
    await mend();
    mend = async () => undefined;
    expect(await send(key)).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^jalon_/) } });
  }
  expect(await names()).toEqual(['full-at-once', 'full-at-the-answer']);
});

test('rows whose disk fills in mid-stream: whole thousands are stored, and sent again each is there once', async () => {
  const rows = Array.from({ length: 2_500 }, (_, index) => ({
    rowKey: `row-${index}`,
    metric: 'clicks',
    from: '2026-10-01',
    to: '2026-10-02',
    sum: String(index),
  }));
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const push = () =>
    api.send('growth_lead', 'POST', '/v1/observations?thesis=evidenced', body, {
      'content-type': 'application/x-ndjson',
    });
  const stored = async () => await api.db.selectFrom('observation').select(['row_key', 'sum']).execute();
  mend = await refuseWrites(api.db, { code: '53100', tables: ['observation'], after: 1 });
  expectOutage(await push());
  expect(await stored()).toHaveLength(1_000);
  expectOutage(await push());
  expect(await stored()).toHaveLength(1_000);
  await mend();
  mend = async () => undefined;
  expect(await push()).toMatchObject({
    status: 200,
    body: { accepted: 1_500, unchanged: 1_000, restated: 0 },
  });
  const all = await stored();
  expect(new Map(all.map(({ row_key, sum }) => [row_key, sum]))).toEqual(
    new Map(rows.map(({ rowKey, sum }) => [rowKey, sum])),
  );
  expect(all).toHaveLength(2_500);
});

test('a server that only reads, as after a failover: reads go on for every caller, writes wait', async () => {
  // So that the use of the key is due to be written.
  await api.db.updateTable('api_key').set({ last_used_at: null }).execute();
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(api.db);
  const name = rows[0]?.name ?? '';
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  const owner = new pg.Client({
    connectionString: url.href,
    options: '-c default_transaction_read_only=off',
  });
  await owner.connect();
  const turn = async (mode: 'on' | 'off'): Promise<void> => {
    await owner.query(`alter database ${name} set default_transaction_read_only = ${mode}`);
    await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
  };
  mend = async () => {
    await turn('off');
    await owner.end();
  };
  const body = { memberId: 'later', name: 'Later', roles: ['finance'] };
  const send = () => api.send('admin', 'POST', '/v1/members', body, { 'idempotency-key': 'later' });
  const read = async () => (await api.send('admin', 'GET', '/v1/theses')).status;

  await turn('on');
  // The sessions that were dropped are noticed one by one.
  await expect.poll(() => Promise.all([1, 2, 3, 4, 5, 6].map(read))).toEqual([200, 200, 200, 200, 200, 200]);
  expectOutage(await send());
  expect(await Promise.all([1, 2, 3, 4, 5, 6].map(read))).toEqual([200, 200, 200, 200, 200, 200]);
  await turn('off');
  await expect.poll(async () => (await send()).status).toBe(201);
  expect(await count('member', "member_id = 'later'")).toBe(1);
});

test('what is no outage is not called one', () => {
  const sqlstate = (code: string) => Object.assign(new pg.DatabaseError('x', 1, 'error'), { code });
  for (const code of ['23505', '42P01', '25P02', '28P01', '0A000', 'XX000', '5310']) {
    expect(treatmentOf(sqlstate(code)), code).toBe('fault');
  }
  expect(treatmentOf(Object.assign(new Error('x'), { code: 'EPERM' }))).toBe('fault');
  expect(treatmentOf(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('passing');
  expect(treatmentOf(new Error('timeout exceeded when trying to connect'))).toBe('passing');
  expect(treatmentOf(sqlstate('22P02'))).toBe('unreadable');
  expect(treatmentOf('53100')).toBe('fault');
});
