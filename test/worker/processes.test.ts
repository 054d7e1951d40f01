// The worker and the API as processes: ready only when they work, metrics only for who may read them, and an end in
// good order that loses nothing while others go on.
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { connect } from '../../db/connect.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { LOSER } from '../../local/demo/loser.ts';
import { freePort } from '../../local/machine.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ownNamespace } from '../support/namespace.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

const TOKEN = 'a-token-for-prometheus';
const PATIENCE = { timeout: 30_000, interval: 100 };

let database: TestDatabase;
let admin: string;
let env: Record<string, string>;
const started: RunningProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const db = connect(database.url);
  await prepareDatabase(db, database.appUrl);
  admin = (await createFirstAdmin(db)) ?? '';
  await db.destroy();
  env = {
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: await ownNamespace(database.name),
    JALON_SECRET_KEY: newSecretKey(),
    JALON_METRICS_TOKEN: TOKEN,
  };
});

afterAll(async () => {
  await Promise.all(started.map((one) => one.close()));
  await database?.drop();
});

async function startWorker(
  more: Record<string, string> = {},
): Promise<{ worker: RunningProcess; url: string }> {
  const port = await freePort('A worker');
  const worker = startProcess('worker', { ...env, JALON_WORKER_PORT: String(port), ...more });
  started.push(worker);
  return { worker, url: `http://127.0.0.1:${port}` };
}

async function startApi(more: Record<string, string> = {}): Promise<{ api: RunningProcess; url: string }> {
  const port = await freePort('The API');
  const api = startProcess('api', { ...env, JALON_PORT: String(port), ...more });
  started.push(api);
  await vi.waitUntil(() => ready(`http://127.0.0.1:${port}`), PATIENCE);
  return { api, url: `http://127.0.0.1:${port}` };
}

async function status(url: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, init).catch(() => null);
  return answer?.status ?? 0;
}

const ready = async (url: string): Promise<boolean> => (await status(`${url}/readyz`)) === 200;

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

async function text(url: string, token: string): Promise<string> {
  const answer = await fetch(url, bearer(token));
  return await answer.text();
}

function launch(url: string, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`${url}/v1/theses`, {
    method: 'POST',
    signal,
    headers: {
      ...bearer(admin).headers,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(LOSER.launch),
  });
}

test('a worker is alive before it is ready, and ready once Temporal sees it poll', async () => {
  const sdkPort = await freePort('The metrics of the SDK');
  const { worker, url } = await startWorker({ JALON_SDK_METRICS_ADDRESS: `127.0.0.1:${sdkPort}` });
  const seen = new Set<string>();
  await vi.waitUntil(async () => {
    const [alive, isReady] = [await status(`${url}/healthz`), await status(`${url}/readyz`)];
    seen.add(`${alive}/${isReady}`);
    return isReady === 200;
  }, PATIENCE);
  expect([...seen].filter((pair) => pair.startsWith('200')).sort()).toEqual(['200/200', '200/503']);

  expect(await status(`${url}/metrics`)).toBe(401);
  expect(await status(`${url}/metrics`, bearer('a-token-for-somebody-x'))).toBe(401);
  const own = await text(`${url}/metrics`, TOKEN);
  expect(own).toMatch(/^jalon_last_look_timestamp_seconds\{what="ledger"\} \d/m);
  expect(own).toContain('nodejs_eventloop_lag_seconds');
  expect(await text(`http://127.0.0.1:${sdkPort}/metrics`, '')).toContain('temporal_num_pollers');
  expect(await status(`${url}/anything`)).toBe(404);

  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['working', 'draining', 'ended']));
  expect(await status(`${url}/healthz`)).toBe(0);
});

test('a worker that is asked to end while it starts ends in good order', async () => {
  const { worker, url } = await startWorker();
  await vi.waitUntil(async () => (await status(`${url}/healthz`)) === 200, PATIENCE);
  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(worker.log.at(-1)).toMatchObject({ msg: 'ended' });
}, 120_000);

test('a worker and an API that are asked to end finish what they have in hand, and nothing is lost', async () => {
  const [leaving, staying] = [await startWorker(), await startWorker()];
  const [{ api, url }, other] = [await startApi(), await startApi()];
  await vi.waitUntil(async () => (await ready(leaving.url)) && (await ready(staying.url)), PATIENCE);

  const launches = Array.from({ length: 6 }, (_, index) => launch(index % 2 === 0 ? url : other.url));
  leaving.worker.signal('SIGTERM');
  await vi.waitUntil(() => api.log.length > 0, PATIENCE);
  // In hand: the request has arrived when the other launches are being answered.
  await Promise.race(launches);
  api.signal('SIGTERM');
  const answers = await Promise.all(launches);
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
  expect(await leaving.worker.exited).toBe(0);
  expect(await api.exited).toBe(0);
  expect(api.log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['draining', 'ended']));
  expect((await launch(other.url)).status).toBe(201);

  const listed = await fetch(`${other.url}/v1/theses`, bearer(admin));
  const { items } = (await listed.json()) as { items: { attention: unknown[] }[] };
  expect(items).toHaveLength(7);
  expect(items.flatMap(({ attention }) => attention)).toEqual([]);

  const metrics = await text(`${other.url}/metrics`, TOKEN);
  expect(metrics).toMatch(/^jalon_theses\{stage="detect",status="collecting"\} 7$/m);
  expect(metrics).toMatch(
    /^jalon_http_request_duration_seconds_count\{method="POST",route="\/v1\/theses",status="201"\} \d$/m,
  );
  expect(metrics).toContain('jalon_database_up 1');
  expect(await text(`${other.url}/metrics`, admin)).toContain('jalon_gates_overdue 0');
  expect(await status(`${other.url}/metrics`)).toBe(401);

  for (const one of started) expect(one.printed()).not.toContain(env.JALON_SECRET_KEY);
  expect(api.printed()).not.toContain(admin.replace(/^jalon_[0-9a-f]{16}_/, ''));
});

test('a thesis whose gate has no committee is noted by the workers themselves, with what to do', async () => {
  // Four weeks in three seconds: the stage ends, and nobody has made the committee.
  const { url } = await startApi({ JALON_CLOCK_RATE: '1000000' });
  const launched = await launch(url);
  const { thesisId } = (await launched.json()) as { thesisId: string };
  const attention = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/v1/theses/${thesisId}`, bearer(admin));
    return ((await answer.json()) as { attention: unknown }).attention;
  };
  await expect.poll(attention, { timeout: 55_000, interval: 500 }).toMatchObject([
    {
      kind: 'activity_failing',
      subject: 'seatCommittee',
      detail: 'the committee growth-committee does not exist',
      hint: expect.stringContaining('a committee'),
    },
  ]);
  expect(await text(`${url}/metrics`, TOKEN)).toContain(
    'jalon_theses_needing_attention{kind="activity_failing"} 1',
  );
  const told = started.flatMap(({ log }) => log).filter((line) => line.thesisId === thesisId);
  expect(told.length).toBeGreaterThan(0);
}, 90_000);

test('a webhook set up through the API is told by the workers of a launch, and leads inside only where that is allowed', async () => {
  // Workers of the tests before know nothing of `allow`.
  await Promise.all(started.map((one) => one.close()));
  const receiver = await startReceiver();
  const hook = (url: string): Promise<Response> =>
    fetch(`${url}/v1/webhooks`, {
      method: 'POST',
      headers: {
        ...bearer(admin).headers,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ url: receiver.url, description: 'A test' }),
    });
  const refusing = await startApi();
  expect((await hook(refusing.url)).status).toBe(422);
  const allow = { JALON_WEBHOOK_PRIVATE_TARGETS: 'allow' };
  const [{ url }, { worker, url: workerUrl }] = [await startApi(allow), await startWorker(allow)];
  const made = await hook(url);
  expect(made.status).toBe(201);
  const { secret } = (await made.json()) as { secret: string };
  await vi.waitUntil(() => ready(workerUrl), { ...PATIENCE, timeout: 60_000 });
  const { thesisId } = (await (await launch(url)).json()) as { thesisId: string };
  const told = () =>
    receiver.received.find(({ body }) => body.includes(thesisId) && body.includes('thesis.proposed'));
  await vi.waitUntil(() => told() !== undefined, PATIENCE);
  const { headers, body } = told() ?? { headers: {}, body: '' };
  expect(new Webhook(secret).verify(body, headers)).toMatchObject({ thesisId, sequence: 1 });
  expect(await text(`${workerUrl}/metrics`, TOKEN)).toMatch(
    /^jalon_webhook_attempts_total\{result="delivered"\} [1-9]/m,
  );
  for (const one of started) expect(one.printed()).not.toContain(secret.slice('whsec_'.length));
  worker.signal('SIGTERM');
  expect(await worker.exited).toBe(0);
  await receiver.close();
}, 150_000);

test('a process whose login could rewrite the ledger says so at its start, and the others do not', async () => {
  const warning = /could rewrite the ledger: give migrate an owner/;
  for (const one of started) expect(one.printed()).not.toMatch(warning);
  const { api } = await startApi({ DATABASE_URL: database.url });
  const { worker } = await startWorker({ DATABASE_URL: database.url });
  for (const one of [api, worker]) await expect.poll(() => one.printed(), PATIENCE).toMatch(warning);
}, 90_000);

test('an API that ends first finishes what callers who hung up have left with it', async () => {
  const { url: workerUrl } = await startWorker();
  const [{ api, url }, other] = [await startApi(), await startApi()];
  await vi.waitUntil(() => ready(workerUrl), PATIENCE);
  await vi.waitUntil(async () => (await status(`${other.url}/healthz`)) === 200, PATIENCE);
  const count = async (): Promise<number> => {
    const listed = await fetch(`${other.url}/v1/theses`, bearer(admin));
    return ((await listed.json()) as { items: unknown[] }).items.length;
  };
  const before = await count();
  const hangingUp = new AbortController();
  const launches = Array.from({ length: 4 }, () => launch(url, hangingUp.signal));
  // All are in hand: the first has come through.
  await Promise.race(launches);
  hangingUp.abort();
  await Promise.allSettled(launches);
  api.signal('SIGTERM');
  expect(await api.exited).toBe(0);
  expect(api.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  expect(await count()).toBe(before + 4);
}, 120_000);
