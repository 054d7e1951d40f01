// What operators get from the API: metrics for whoever may read them, theses that need attention with what to do, and
// payloads for Temporal's UI, from its origin only.
import { defaultPayloadConverter } from '@temporalio/common';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { noteAttention } from '../../db/attention.ts';
import { noteLedgerCheck } from '../../db/ledger-checks.ts';
import { isBearer } from '../../worker/health.ts';
import { createPayloadCodec } from '../../worker/payload-codec.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { storeThesis } from '../support/stored-thesis.ts';

const TOKEN = 'a-token-for-prometheus';
const UI = 'https://temporal.example.com';
const SINCE = '2026-09-01T00:00:00.000Z';

const codec = createPayloadCodec(newSecretKey());

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({
    operation: {
      registry: new Registry(),
      isMetricsReader: (authorization) => isBearer(authorization, TOKEN),
      payloadCodec: codec,
      temporalUiOrigin: UI,
    },
  });
  await storeThesis(api.db, { thesisId: 'well', windows: [['detect', '09-01', null]] });
  await storeThesis(api.db, { thesisId: 'stuck', windows: [['measure', '09-02', null]] });
  const sources = [{ state: 'stale' }, { state: 'fresh' }];
  await api.db
    .updateTable('thesis')
    .set({ view: JSON.stringify({ sources, clockPaused: null }) })
    .where('thesis_id', '=', 'stuck')
    .execute();
  const found = [
    { kind: 'activity_failing', subject: 'seatCommittee', detail: 'no committee', attempts: 7 },
  ] as const;
  await noteAttention(api.db, { thesisId: 'stuck', found, at: SINCE });
  await noteLedgerCheck(api.db, { theses: 2, events: 41, broken: null }, new Date().toISOString());
});

afterAll(async () => {
  await api?.close();
});

async function metrics(headers: Record<string, string>): Promise<Response> {
  return await api.app.request('/metrics', { headers });
}

test('metrics are read with their token, by an administrator or an auditor, and by nobody else', async () => {
  const answers = new Map<string, number>([
    ['nobody', (await metrics({})).status],
    ['token', (await metrics({ authorization: `Bearer ${TOKEN}` })).status],
    ['another token', (await metrics({ authorization: `Bearer ${TOKEN}x` })).status],
  ]);
  for (const role of ['admin', 'auditor', 'finance', 'growth_lead', 'committee_member'] as const) {
    answers.set(role, (await api.send(role, 'GET', '/metrics')).status);
  }
  expect(Object.fromEntries(answers)).toEqual({
    nobody: 401,
    token: 200,
    'another token': 401,
    admin: 200,
    auditor: 200,
    finance: 403,
    growth_lead: 403,
    committee_member: 403,
  });
});

test('metrics tell the state of the platform', async () => {
  const text = await (await metrics({ authorization: `Bearer ${TOKEN}` })).text();
  for (const line of [
    'jalon_database_up 1',
    'jalon_theses{stage="detect",status="collecting"} 1',
    'jalon_theses{stage="measure",status="collecting"} 1',
    'jalon_gates_overdue 0',
    'jalon_sources{state="stale"} 1',
    'jalon_sources{state="failing"} 0',
    'jalon_theses_needing_attention{kind="activity_failing"} 1',
    'jalon_theses_needing_attention{kind="replay_failing"} 0',
    'jalon_ledger_holds 1',
    'jalon_ledger_events 41',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/^jalon_read_out_oldest_age_seconds \d{5,}/m);
  expect(text).not.toContain('stuck');
});

test('a break of the ledger shows', async () => {
  const broken = { thesisId: 'stuck', sequence: 3, problem: 'it was changed' };
  await noteLedgerCheck(api.db, { theses: 2, events: 41, broken }, new Date().toISOString());
  const text = await (await metrics({ authorization: `Bearer ${TOKEN}` })).text();
  expect(text).toContain('jalon_ledger_holds 0');
});

test('a thesis that is stuck says why, since when and what to do, and the list finds it', async () => {
  const attention = [
    {
      kind: 'activity_failing',
      title: 'A step of this thesis keeps failing',
      subject: 'seatCommittee',
      detail: 'no committee',
      attempts: 7,
      since: SINCE,
      seenAt: SINCE,
      hint: expect.stringContaining('mend'),
    },
  ];
  expect((await api.send('growth_lead', 'GET', '/v1/theses/stuck')).body).toMatchObject({ attention });
  expect((await api.send('growth_lead', 'GET', '/v1/theses?needsAttention=true')).body).toMatchObject({
    items: [{ thesisId: 'stuck', attention }],
  });
  expect((await api.send('growth_lead', 'GET', '/v1/theses?needsAttention=false')).body).toMatchObject({
    items: [{ thesisId: 'well', attention: [] }],
  });
});

function json(payload: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const metadata = Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, base64(value)]);
  return { metadata: Object.fromEntries(metadata), data: base64(payload.data ?? new Uint8Array()) };
}

test("payloads are read for Temporal's UI, and come back as they were when they are written", async () => {
  const plain = defaultPayloadConverter.toPayload({ hypothesis: 'phones' });
  const [stored] = await codec.encode([plain]);
  const sent = { payloads: [json(stored ?? {}), json(plain)] };
  const read = await api.send('auditor', 'POST', '/codec/decode', sent);
  expect(read).toMatchObject({ status: 200, body: { payloads: [json(plain), json(plain)] } });
  const written = await api.send('admin', 'POST', '/codec/encode', read.body);
  expect(JSON.stringify(written.body)).not.toContain(json(plain).data);
  expect(await api.send('admin', 'POST', '/codec/decode', written.body)).toMatchObject({ body: read.body });
  expect((await api.send('growth_lead', 'POST', '/codec/decode', sent)).status).toBe(403);
  expect((await api.send('auditor', 'POST', '/codec/encode', sent)).status).toBe(403);
  expect((await api.send(null, 'POST', '/codec/decode', sent)).status).toBe(401);
});

test('a payload of another key is refused without a word of what it holds', async () => {
  const [foreign] = await createPayloadCodec(newSecretKey()).encode([defaultPayloadConverter.toPayload('x')]);
  const answer = await api.send('admin', 'POST', '/codec/decode', { payloads: [json(foreign ?? {})] });
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect((await api.send('admin', 'POST', '/codec/decode', { payloads: [{ data: '?' }] })).status).toBe(422);
});

test("only the configured UI's pages may ask from a browser, and only for payloads", async () => {
  const preflight = async (origin: string, path: string): Promise<string | null> => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-namespace',
    };
    const answer = await api.app.request(path, { method: 'OPTIONS', headers });
    return answer.headers.get('access-control-allow-origin');
  };
  expect(await preflight(UI, '/codec/decode')).toBe(UI);
  expect(await preflight('https://elsewhere.example.com', '/codec/decode')).toBeNull();
  expect(await preflight(UI, '/v1/theses')).toBeNull();
});
