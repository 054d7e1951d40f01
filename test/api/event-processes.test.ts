// The stream of events across the ends of its process: killed, asked to end, or cut off from PostgreSQL while others go
// on recording, it loses nothing and repeats nothing for a client that keeps to the standard.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { connect, type Db } from '../../db/connect.ts';
import { feedEnd } from '../../db/event-feed.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { freePort } from '../../local/machine.ts';
import { type CutProxy, layWire } from '../support/cut-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { follow } from '../support/event-reader.ts';
import { record } from '../support/feed-writer.ts';
import { type RunningProcess, startProcess } from '../support/processes.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };

/** Between two events of a writer: there are four. */
const PAUSE_MS = 20;

let database: TestDatabase;
let db: Db;
let wire: CutProxy;
let admin: string;
let url: string;
let api: RunningProcess;
let env: Record<string, string>;
const writing = new Set<() => Promise<number>>();
const following = new Set<() => void>();

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect(database.url);
  await prepareDatabase(db, database.appUrl);
  admin = (await createFirstAdmin(db)) ?? '';
  wire = await layWire(database.appUrl);
  const port = await freePort('The API');
  url = `http://127.0.0.1:${port}`;
  env = {
    DATABASE_URL: wire.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    JALON_SECRET_KEY: newSecretKey(),
    JALON_PORT: String(port),
  };
});

beforeEach(start);

afterEach(async () => {
  for (const leave of following) leave();
  following.clear();
  await Promise.all([...writing].map((stop) => stop()));
  await api?.close();
});

afterAll(async () => {
  await wire?.close();
  await db?.destroy();
  await database?.drop();
});

async function start(): Promise<void> {
  api = startProcess('api', env);
  await vi.waitUntil(
    () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    PATIENCE,
  );
}

/** Records events of several theses until it is told to stop; says how many there were. */
function write(): () => Promise<number> {
  const run = randomUUID();
  let isWriting = true;
  let written = 0;
  const writers = Array.from({ length: 4 }, async (_, thesis) => {
    for (let sequence = 1; isWriting; sequence += 1) {
      await record(db, `${run}-${thesis}`, sequence);
      written += 1;
      await sleep(PAUSE_MS);
    }
  });
  const stop = async () => {
    isWriting = false;
    writing.delete(stop);
    await Promise.all(writers);
    return written;
  };
  writing.add(stop);
  return stop;
}

/** A client of the standard, which comes back by itself; what it was told, in order. */
function standardClient(after: number) {
  const ids: number[] = [];
  let reopened = -1;
  const source = new EventSource(`${url}/v1/events?after=${after}`, {
    fetch: (address, init) =>
      fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${admin}` } }),
  });
  source.addEventListener('open', () => {
    reopened += 1;
  });
  source.addEventListener('thesis.stage_entered', ({ lastEventId }) => ids.push(Number(lastEventId)));
  following.add(() => source.close());
  return { ids, reopened: () => reopened };
}

const consecutive = (after: number, count: number) =>
  Array.from({ length: count }, (_, index) => after + index + 1);

test('a process that is killed in mid-stream, and another in its place, tell each event once', async () => {
  const after = await feedEnd(db);
  const client = standardClient(after);
  const stop = write();
  for (const kill of [1, 2]) {
    const seen = client.ids.length;
    await vi.waitUntil(() => client.ids.length > seen + 30, PATIENCE);
    await api.close();
    expect(await api.exited).toBe('SIGKILL');
    await start();
    await vi.waitUntil(() => client.reopened() === kill, PATIENCE);
  }
  const seen = client.ids.length;
  await vi.waitUntil(() => client.ids.length > seen + 30, PATIENCE);
  const written = await stop();
  await vi.waitUntil(() => client.ids.length >= written, PATIENCE);
  expect(client.ids).toEqual(consecutive(after, written));
}, 240_000);

test('a process that is asked to end lets its streams go at once', async () => {
  const reader = await follow(url, admin);
  following.add(reader.leave);
  const begun = performance.now();
  api.signal('SIGTERM');
  expect(await reader.over).toBe('ended');
  expect(await api.exited).toBe(0);
  // Requests in flight would be given 15 seconds.
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('while PostgreSQL is away a stream stays open, and then tells what happened meanwhile, each event once', async () => {
  const after = await feedEnd(db);
  const reader = await follow(url, admin);
  following.add(reader.leave);
  const stop = write();
  await reader.until(20);
  wire.cut();
  const seen = reader.events.length;
  await vi.waitUntil(() => api.printed().includes('the feed cannot be read'), PATIENCE);
  await vi.waitUntil(async () => (await feedEnd(db)) > after + seen + 100, PATIENCE);
  wire.mend();
  const written = await stop();
  const told = (await reader.until(written)).map(({ id }) => Number(id));
  expect(told).toEqual(consecutive(after, written));
}, 240_000);
