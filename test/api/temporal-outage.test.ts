// A Temporal that hangs, and one that is killed and comes back on its data: commands are answered 503 with Retry-After,
// reads go on, and the same request under the same Idempotency-Key has exactly one effect.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { connect, type Db } from '../../db/connect.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { readJournal } from '../../db/timeline.ts';
import { LOSER } from '../../local/demo/loser.ts';
import { freePort } from '../../local/machine.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type OwnTemporal, startOwnTemporal } from '../support/own-temporal.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';

const PATIENCE = { timeout: 60_000, interval: 250 };

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let temporal: OwnTemporal;
let database: TestDatabase;
let db: Db;
let admin: string;
let url: string;
let processes: RunningProcess[] = [];
let thesisId: string;

beforeAll(async () => {
  temporal = await startOwnTemporal();
  database = await createTestDatabase();
  db = connect(database.url);
  await prepareDatabase(db);
  admin = (await createFirstAdmin(db)) ?? '';
  const port = await freePort('The API');
  url = `http://127.0.0.1:${port}`;
  const env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    JALON_SECRET_KEY: newSecretKey(),
    JALON_PORT: String(port),
  };
  processes = [startProcess('worker', env), startProcess('api', env)];
  await vi.waitUntil(async () => (await get('/readyz').catch(() => null))?.status === 200, PATIENCE);
  const launched = await vi.waitFor(() => answered(post('/v1/theses', LOSER.launch, 'launch')), PATIENCE);
  ({ thesisId } = launched);
});

afterAll(async () => {
  await Promise.all(processes.map((one) => one.close()));
  await db?.destroy();
  await database?.drop();
  await temporal?.close();
});

const headers = () => ({ authorization: `Bearer ${admin}`, 'content-type': 'application/json' });

const get = (path: string): Promise<Response> => fetch(`${url}${path}`, { headers: headers() });

const post = (path: string, body: object, key: string): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...headers(), 'idempotency-key': key },
    body: JSON.stringify(body),
  });

const hold = (key: string): Promise<Response> =>
  post(`/v1/theses/${thesisId}/hold`, { reason: key, until: '2099-01-01T00:00:00.000Z' }, key);

const resume = (key: string): Promise<Response> =>
  post(`/v1/theses/${thesisId}/resume`, { reason: key }, key);

async function answered(sent: Promise<Response>): Promise<{ thesisId: string; sequence: number }> {
  const answer = await sent;
  const body = await answer.text();
  expect(answer.ok, body).toBe(true);
  return JSON.parse(body);
}

async function expectOutage(sent: Promise<Response>): Promise<void> {
  const answer = await sent;
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({
    code: 'unavailable',
    detail: expect.not.stringMatching(/127\.0/),
  });
}

/** The reasons of the holds that the ledger has. */
async function holds(): Promise<string[]> {
  const journal = await readJournal(db, thesisId);
  return journal.flatMap(({ event }) => (event.type === 'ThesisHeld' ? [event.reason] : []));
}

async function expectReadsAndNoCommands(key: string): Promise<void> {
  const [command] = await Promise.all([
    expectOutage(hold(key)),
    (async () => {
      expect((await get(`/v1/theses/${thesisId}`)).status).toBe(200);
      expect((await get(`/v1/theses/${thesisId}/timeline`)).status).toBe(200);
      // What is of PostgreSQL alone is written as well.
      const row = { metric: 'demand_mentions', from: '2026-11-01', to: '2026-11-02', sum: '3', rowKey: key };
      const pushed = await post(`/v1/observations?thesis=${thesisId}`, [row], key);
      expect(await pushed.json()).toMatchObject({ accepted: 1 });
      expect((await get('/healthz')).status).toBe(200);
      expect(await (await get('/readyz')).json()).toMatchObject({
        ready: false,
        checks: { temporal: 'does not answer', postgresql: 'ok' },
      });
    })(),
  ]);
  expect(command).toBeUndefined();
}

test('a Temporal that hangs: nobody waits for ever, and the request that got no answer has its effect once', async () => {
  await temporal.signal('SIGSTOP');
  try {
    await expectReadsAndNoCommands('hung');
  } finally {
    await temporal.signal('SIGCONT');
  }
  // It may have been taken while nobody answered, or not at all: asking again is right in either case.
  const receipt = await vi.waitFor(() => answered(hold('hung')), PATIENCE);
  expect(await answered(hold('hung'))).toEqual(receipt);
  expect(await holds()).toEqual(['hung']);
  await answered(resume('hung-over'));
});

test('a Temporal that is killed and comes back: a launch and a command sent meanwhile have their effect once', async () => {
  await temporal.kill();
  await expectReadsAndNoCommands('killed');
  await expectOutage(post('/v1/theses', LOSER.launch, 'second'));
  expect(await holds()).toEqual(['hung']);
  await sleep(500);
  await temporal.start();

  const receipt = await vi.waitFor(() => answered(hold('killed')), PATIENCE);
  expect(await answered(hold('killed'))).toEqual(receipt);
  expect(await holds()).toEqual(['hung', 'killed']);
  const second = await vi.waitFor(() => answered(post('/v1/theses', LOSER.launch, 'second')), PATIENCE);
  expect(await answered(post('/v1/theses', LOSER.launch, 'second'))).toEqual(second);
  const listed = (await (await get('/v1/theses')).json()) as { items: object[] };
  expect(listed.items).toHaveLength(2);
  await vi.waitUntil(async () => (await get('/readyz')).status === 200, PATIENCE);
  expect(await verifyLedger(db)).toMatchObject({ theses: 2, broken: null });
});
