// The smaller resources: API keys, committees, connections, catalogues and health.
import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCalendar } from '../../activities/business-calendar.ts';
import { checkQueries } from '../../activities/connectors/query-check.ts';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { METRIC_NAMES } from '../../domain/metric.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let ready = true;
const secretBox = createSecretBox(newSecretKey());

beforeAll(async () => {
  const readiness = async () => ({ ready, checks: { postgres: ready ? 'ok' : 'does not answer' } });
  api = await createTestApi({ checkCalendar, checkQueries, secretBox, readiness });
});
afterAll(() => api.close());

describe('API keys', () => {
  const create = (as: 'admin' | 'finance', body: object, key?: string) =>
    api.send(as, 'POST', '/v1/api-keys', body, key === undefined ? {} : { 'idempotency-key': key });

  test('a key is shown once, works, and is revoked for good', async () => {
    const made = await create('finance', { name: 'laptop', expiresAt: null }, 'laptop-key');
    expect(made.status).toBe(201);
    const { token, keyId } = made.body as { token: string; keyId: string };
    expect(await create('finance', { name: 'laptop', expiresAt: null }, 'laptop-key')).toMatchObject({
      status: 201,
      body: { keyId, token: null },
    });
    const me = () => api.app.request('/v1/members/me', { headers: { authorization: `Bearer ${token}` } });
    expect(await (await me()).json()).toMatchObject({ memberId: 'finance' });
    const kept = JSON.stringify(await api.db.selectFrom('idempotency').selectAll().execute());
    expect(kept).toContain(keyId);
    expect(kept).not.toContain(token);
    const revoked = await api.send('finance', 'DELETE', `/v1/api-keys/${keyId}`);
    expect(revoked).toMatchObject({ status: 200, body: { keyId, revokedAt: expect.any(String) } });
    expect((await me()).status).toBe(401);
  });

  test('only an administrator makes, sees and revokes the keys of others', async () => {
    const forAdmin = { name: 'x', expiresAt: null, memberId: 'admin' };
    expect(await create('finance', forAdmin)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await api.send('finance', 'GET', '/v1/api-keys?member=admin')).toMatchObject({ status: 403 });
    const { body } = await create('admin', { name: 'theirs', expiresAt: null, memberId: 'auditor' });
    const { keyId } = body as { keyId: string };
    expect(await api.send('finance', 'DELETE', `/v1/api-keys/${keyId}`)).toMatchObject({ status: 404 });
    const own = await api.send('finance', 'GET', '/v1/api-keys');
    const members = (own.body as { items: { memberId: string }[] }).items.map((key) => key.memberId);
    expect(new Set(members)).toEqual(new Set(['finance']));
    expect((await api.send('admin', 'DELETE', `/v1/api-keys/${keyId}`)).status).toBe(200);
    const all = await api.send('admin', 'GET', '/v1/api-keys?limit=200');
    const everybody = (all.body as { items: { memberId: string }[] }).items.map((key) => key.memberId);
    expect(new Set(everybody).size).toBeGreaterThan(4);
  });

  test('a key that is over already, or for nobody, is refused by field', async () => {
    const past = await create('admin', { name: 'x', expiresAt: '2020-01-01T00:00:00+01:00' });
    expect(past).toMatchObject({ status: 422, body: { errors: [{ path: 'expiresAt' }] } });
    const nobody = await create('admin', { name: 'x', expiresAt: null, memberId: 'nobody' });
    expect(nobody).toMatchObject({ status: 422, body: { errors: [{ path: 'memberId' }] } });
  });
});

describe('committees', () => {
  const calendar = {
    timeZone: 'Europe/Paris',
    workingDays: [1, 2, 3, 4, 5],
    holidaysOf: 'FR',
    daysOff: ['2026-12-24'],
  };
  const put = (body: object) => api.send('admin', 'PUT', '/v1/committees/growth-committee', body);

  test('a committee is created, replaced whole, and read back', async () => {
    const holders = [
      { seat: 'growth', member: 'committee-member' },
      { seat: 'finance', member: 'finance' },
    ];
    const created = await put({ holders, calendar });
    expect(created).toMatchObject({ status: 200, body: { name: 'growth-committee', holders, calendar } });
    const fewer = [{ seat: 'finance', member: 'finance' }];
    await put({ holders: fewer, calendar });
    const read = await api.send('auditor', 'GET', '/v1/committees/growth-committee');
    expect(read.body).toMatchObject({ holders: fewer, updatedBy: 'admin' });
    const list = await api.send('auditor', 'GET', '/v1/committees');
    expect(list.body).toMatchObject({ items: [{ name: 'growth-committee' }], next: null });
  });

  test('holders who cannot vote and a calendar that cannot be are named by path', async () => {
    const sent = await put({
      holders: [
        { seat: 'growth', member: 'finance' },
        { seat: 'legal', member: 'finance' },
        { seat: 'legal', member: 'nobody' },
      ],
      calendar: { ...calendar, timeZone: 'Mars/Olympus' },
    });
    expect(sent.status).toBe(422);
    const { errors } = sent.body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual([
      'holders[1].member',
      'holders[2].member',
      'calendar.timeZone',
    ]);
  });

  test('one that does not exist answers 404', async () => {
    expect(await api.send('finance', 'GET', '/v1/committees/none')).toMatchObject({
      status: 404,
      body: { code: 'committee_unknown' },
    });
  });
});

describe('connections', () => {
  const sql = 'select day, sum(n) as sum from clicks where day >= :from and day < :to group by day';
  const body = {
    kind: 'warehouse',
    settings: { host: 'warehouse.example.com', database: 'marts', user: 'jalon' },
    queries: [{ metric: 'clicks', sql }],
  };
  const put = (sent: object, name = 'marts') => api.send('admin', 'PUT', `/v1/connections/${name}`, sent);
  const stored = async () => {
    const row = await api.db.selectFrom('connection').select('secret').executeTakeFirstOrThrow();
    return secretBox.open(row.secret);
  };

  test('the secret goes in sealed, stays when it is left out, and never comes back', async () => {
    const created = await put({ ...body, secret: 'open sesame' });
    expect(created).toMatchObject({
      status: 200,
      body: { name: 'marts', settings: { port: 5432, tls: 'verified', rowCap: 100_000 } },
    });
    expect(await stored()).toBe('open sesame');
    expect((await put({ ...body, settings: { ...body.settings, rowCap: 500 } })).status).toBe(200);
    expect(await stored()).toBe('open sesame');
    const read = await api.send('growth_lead', 'GET', '/v1/connections/marts');
    expect(read.body).toMatchObject({ settings: { rowCap: 500 }, queries: body.queries });
    const list = await api.send('auditor', 'GET', '/v1/connections');
    const everything = JSON.stringify([created.body, read.body, list.body, api.logged]);
    expect(everything).not.toContain('sesame');
    const rows = await api.db.selectFrom('connection').selectAll().execute();
    const kept = await api.db.selectFrom('idempotency').selectAll().execute();
    expect(JSON.stringify([kept, rows])).not.toContain('sesame');
    expect(Buffer.concat(rows.map(({ secret }) => secret)).toString('latin1')).not.toContain('sesame');
  });

  test('a new connection needs its secret, and a query must be a harmless reading', async () => {
    const without = await put(body, 'other');
    expect(without).toMatchObject({ status: 422, body: { errors: [{ path: 'secret' }] } });
    const elsewhere = await put({ ...body, settings: { ...body.settings, host: 'elsewhere.example.com' } });
    expect(elsewhere).toMatchObject({ status: 422, body: { errors: [{ path: 'secret' }] } });
    const harmful = { ...body, secret: 'x', queries: [{ metric: 'clicks', sql: 'delete from clicks' }] };
    const sent = await put(harmful, 'other');
    expect(sent.status).toBe(422);
    const { errors } = sent.body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toContain('queries[0].sql');
    const slow = { ...body, settings: { ...body.settings, statementTimeout: 'P1D' } };
    expect(await put(slow)).toMatchObject({ body: { errors: [{ path: 'settings.statementTimeout' }] } });
    expect((await api.send('admin', 'GET', '/v1/connections/other')).status).toBe(404);
  });
});

test('the catalogues show every metric and every ritual', async () => {
  const { items } = (await api.send('finance', 'GET', '/v1/metrics-catalogue')).body as {
    items: { metric: string; numerator: string | null }[];
  };
  expect(items.map(({ metric }) => metric)).toEqual(METRIC_NAMES);
  expect(items.find(({ metric }) => metric === 'ctr')).toMatchObject({
    form: 'ratio',
    numerator: 'clicks',
    denominator: 'impressions',
  });
  const stages = await api.send('finance', 'GET', '/v1/stages');
  expect(stages.body).toMatchObject({
    items: ['Veille', 'Prototype', 'Mesure', 'Scale', 'Retex'].map((french) => ({ french })),
  });
  const systems = await api.send('finance', 'GET', '/v1/systems');
  expect(systems.body).toMatchObject({
    items: [
      'Salesforce',
      'HubSpot',
      'Google Marketing Platform',
      'Adobe Experience Cloud',
      'Meta',
      'LinkedIn',
      'Hootsuite',
      'Sprinklr',
      'Slack',
      'Mailchimp',
    ].map((name) => ({ name })),
  });
  const rituals = await api.send('finance', 'GET', '/v1/rituals');
  expect(rituals.body).toMatchObject({
    items: [
      { rhythm: 'daily', tool: 'Slack' },
      { rhythm: 'weekly', tool: 'Salesforce' },
      { rhythm: 'monthly', tool: 'Google Marketing Platform' },
      { rhythm: 'quarterly', tool: 'Adobe Experience Cloud' },
    ],
  });
});

test('health tells life from readiness', async () => {
  expect(await api.send(null, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } });
  expect(await api.send(null, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  ready = false;
  expect(await api.send(null, 'GET', '/readyz')).toMatchObject({
    status: 503,
    body: { ready: false, checks: { postgres: 'does not answer' } },
  });
  ready = true;
});
