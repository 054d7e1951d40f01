// The stream of events over real HTTP: the order of the feed, each event once however often the reader breaks off,
// filters, and what is refused.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedEnd } from '../../db/event-feed.ts';
import { appendEvents } from '../../db/ledger.ts';
import { announcementOf } from '../../domain/thesis/announcement.ts';
import { viewOf } from '../../domain/thesis/view.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { type Follow, follow, Refused } from '../support/event-reader.ts';
import { record, recordMany } from '../support/feed-writer.ts';
import { type HttpServer, serveApi } from '../support/http-server.ts';
import { day } from '../support/small-contract.ts';
import { storeThesis } from '../support/stored-thesis.ts';
import { killed } from '../support/thesis-past.ts';

const BEAT_MS = 1_500;
const PATIENCE = { timeout: 20_000 };

let api: TestApi;
let server: HttpServer;
const open = new Set<{ leave(): void }>();

/** A thesis that no other test has, nor the same test at its first try. */
const fresh = (): string => randomUUID();

beforeAll(async () => {
  api = await createTestApi({ events: { beatMs: BEAT_MS, perCredential: 1_000 } });
  server = await serveApi(api);
});
afterAll(async () => {
  for (const reader of open) reader.leave();
  await server?.close();
  await api?.close();
});

async function followed(how: Follow = {}) {
  const reader = await follow(server.url, api.tokens.finance, how);
  open.add(reader);
  return reader;
}

const refusal = (how: Follow): Promise<Refused> =>
  followed(how).then(
    () => {
      throw new Error('the stream was opened');
    },
    (error: unknown) => {
      if (error instanceof Refused) return error;
      throw error;
    },
  );

/** Every event once, in order, from the one after `after` on. */
const positions = (after: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(after + index + 1));

test('the life of a thesis is told as it was recorded, each event under its public name', async () => {
  const { journal, state, now } = killed();
  const { thesisId } = state;
  const reader = await followed();
  const [after, view] = [await feedEnd(api.db), viewOf(state, now)];
  const clock = { origin: day(0), rate: 1 };
  await appendEvents(api.db, { thesisId, events: journal, view, clock });
  const told = (await reader.until(journal.length)).map(({ id, event, data }) => ({
    id,
    event,
    data: JSON.parse(data),
  }));
  expect(told).toEqual(
    journal.map((recorded, index) => {
      const position = after + index + 1;
      const announcement = announcementOf({ position, thesisId, recorded });
      return { id: String(position), event: announcement.type, data: announcement };
    }),
  );
  expect(told.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['thesis.proposed', 'gate.opened', 'gate.vote_cast', 'thesis.killed']),
  );
});

test('a reader who breaks off after every event, while many write, gets each event once and in order', async () => {
  const after = await feedEnd(api.db);
  const [theses, each] = [8, 12];
  let writing = true;
  const writers = Promise.all(
    Array.from({ length: theses }, async () => {
      const thesisId = fresh();
      for (let sequence = 1; sequence <= each; sequence += 1) {
        await record(api.db, thesisId, sequence);
        // Long enough for readers to come and go meanwhile.
        await sleep(100);
      }
    }),
  ).finally(() => {
    writing = false;
  });
  const seen: string[] = [];
  let visitsWhileWriting = 0;
  while (seen.length < theses * each) {
    const lastEventId = seen.at(-1) ?? String(after);
    const reader = await followed({ lastEventId });
    const [first] = await reader.until(1);
    reader.leave();
    if (writing) visitsWhileWriting += 1;
    seen.push(first?.id ?? '');
  }
  await writers;
  expect(seen).toEqual(positions(after, theses * each));
  expect(visitsWhileWriting).toBeGreaterThan(3);
});

test('many readers from many places get the same events while many write', async () => {
  const after = await feedEnd(api.db);
  const [theses, each] = [6, 40];
  await record(api.db, fresh(), 1);
  const readers = await Promise.all([
    followed({ query: '?after=0' }),
    followed({ query: `?after=${after}` }),
    ...Array.from({ length: 6 }, () => followed({ lastEventId: String(after) })),
  ]);
  const writers = Array.from({ length: theses }, async () => {
    const thesisId = fresh();
    for (let sequence = 1; sequence <= each; sequence += 1) await record(api.db, thesisId, sequence);
  });
  await Promise.all(writers);
  const total = theses * each + 1;
  const [oldest, ...others] = readers;
  const all = (await oldest?.until(after + total)) ?? [];
  expect(all.map(({ id }) => id)).toEqual(positions(0, after + total));
  for (const reader of others) {
    expect((await reader.until(total)).map(({ id }) => id)).toEqual(positions(after, total));
    reader.leave();
  }
});

test('a reader who asks for what is new, and breaks off before anything is, misses nothing', async () => {
  const early = await followed();
  await expect.poll(() => early.lastId(), PATIENCE).toBe(String(await feedEnd(api.db)));
  expect(early.comments).toEqual([]);
  early.leave();
  const thesisId = fresh();
  await record(api.db, thesisId, 1);
  const back = await followed({ lastEventId: early.lastId() });
  expect((await back.until(1)).map(({ data }) => JSON.parse(data).thesisId)).toEqual([thesisId]);
});

test('Last-Event-ID goes before `after`, so that an address can be opened again as it is', async () => {
  await record(api.db, fresh(), 1);
  const end = await feedEnd(api.db);
  const reader = await followed({ query: '?after=0', lastEventId: String(end - 1) });
  expect((await reader.until(1)).map(({ id }) => id)).toEqual([String(end)]);
});

test('filters choose by thesis and by type, and what they leave out is not read again', async () => {
  const [chosen, other] = [fresh(), fresh()];
  for (const thesisId of [chosen, other]) {
    await storeThesis(api.db, { thesisId, windows: [['detect', '09-01', null]] });
  }
  const after = await feedEnd(api.db);
  const ofThesis = await followed({ query: `?thesis=${chosen}` });
  const ofTypes = await followed({ query: `?after=${after}&type=thesis.closed&type=thesis.stage_entered` });
  const ofNone = await followed({ query: '?type=thesis.closed' });
  await record(api.db, chosen, 1);
  await record(api.db, other, 1);
  await record(api.db, chosen, 2);
  await record(api.db, other, 2);
  expect((await ofThesis.until(2)).map(({ id }) => id)).toEqual([after + 1, after + 3].map(String));
  expect((await ofTypes.until(4)).map(({ id }) => id)).toEqual(positions(after, 4));
  await expect.poll(() => ofNone.lastId(), PATIENCE).toBe(String(after + 4));
  expect(ofNone.events).toEqual([]);
});

test('who follows one thesis, and breaks off after every event while others write, gets each of its events once', async () => {
  const chosen = fresh();
  await storeThesis(api.db, { thesisId: chosen, windows: [['detect', '09-01', null]] });
  const [after, each] = [await feedEnd(api.db), 15];
  const writers = Promise.all(
    [chosen, fresh(), fresh(), fresh()].map(async (thesisId) => {
      for (let sequence = 1; sequence <= each; sequence += 1) {
        await record(api.db, thesisId, sequence);
        await sleep(50);
      }
    }),
  );
  const seen: number[] = [];
  let lastEventId = String(after);
  while (seen.length < each) {
    const reader = await followed({ query: `?after=0&thesis=${chosen}`, lastEventId });
    const [first] = await reader.until(1);
    reader.leave();
    lastEventId = first?.id ?? '';
    seen.push(JSON.parse(first?.data ?? '{}').sequence);
  }
  await writers;
  expect(seen).toEqual(Array.from({ length: each }, (_, index) => index + 1));
});

test('a thesis with more events than a page is told whole, and one that is quiet moves its reader on past others', async () => {
  const [chatty, quiet] = [fresh(), fresh()];
  for (const thesisId of [chatty, quiet]) {
    await storeThesis(api.db, { thesisId, windows: [['detect', '09-01', null]] });
  }
  const after = await feedEnd(api.db);
  await record(api.db, quiet, 1);
  await recordMany(api.db, chatty, 450, 10);
  const end = await feedEnd(api.db);
  const ofChatty = await followed({ query: `?after=0&thesis=${chatty}` });
  const ofQuiet = await followed({ query: `?after=0&thesis=${quiet}` });
  expect((await ofChatty.until(450)).map(({ id }) => id)).toEqual(positions(after + 1, 450));
  await expect.poll(() => ofQuiet.lastId(), PATIENCE).toBe(String(end));
  expect(ofQuiet.events.map(({ id }) => id)).toEqual([String(after + 1)]);
  ofQuiet.leave();
  await record(api.db, quiet, 2);
  const back = await followed({ query: `?thesis=${quiet}`, lastEventId: ofQuiet.lastId() });
  expect((await back.until(1)).map(({ id }) => id)).toEqual([String(end + 1)]);
});

test('the answer is a stream that nothing keeps back or stores, and beats without being asked', async () => {
  const reader = await followed();
  const { headers } = reader.response;
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-accel-buffering')).toBe('no');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  await expect.poll(() => reader.comments.length, PATIENCE).toBeGreaterThan(1);
  expect(reader.events).toEqual([]);
  reader.leave();
});

describe('what is refused', () => {
  test.each([
    ['a position that is no number', { query: '?after=newest' }, 'query.after'],
    ['a negative position', { query: '?after=-1' }, 'query.after'],
    ['an empty Last-Event-ID', { lastEventId: '' }, 'header.last-event-id'],
    ['a Last-Event-ID of somebody else', { lastEventId: 'abc' }, 'header.last-event-id'],
    ['a type that does not exist', { query: '?type=thesis.burnt' }, 'query.type'],
    ['one such type among others', { query: '?type=thesis.closed&type=x' }, 'query.type'],
    ['a parameter that nobody knows', { query: '?typ=thesis.closed' }, 'query.typ'],
    ['a position that is not reached', { query: '?after=999999' }, 'query.after'],
    ['a Last-Event-ID that is not reached', { lastEventId: '999999' }, 'header.last-event-id'],
  ])('%s, with the name of the field', async (_, how, path) => {
    const { status, problem } = await refusal(how);
    expect(status).toBe(422);
    expect(problem).toMatchObject({
      code: 'invalid_input',
      errors: [{ path: expect.stringContaining(path) }],
    });
  });

  test('and who is ahead of the feed is told how to go on', async () => {
    const end = await feedEnd(api.db);
    const { problem } = await refusal({ lastEventId: String(end + 1) });
    expect(problem).toMatchObject({ detail: expect.stringContaining(`newest event is ${end}`) });
  });

  test('a thesis that does not exist, rather than followed for ever', async () => {
    const { status, problem } = await refusal({ query: '?thesis=nobody' });
    expect([status, problem]).toMatchObject([404, { code: 'thesis_unknown' }]);
  });
});

test('HEAD is answered at once, and opens nothing', async () => {
  const address = `${server.url}/v1/events`;
  const headers = { authorization: `Bearer ${api.tokens.auditor}` };
  const answer = await fetch(address, { method: 'HEAD', headers });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const ended = api.logged.filter((line) => line.includes('stream of events ended'));
  expect(ended.join('')).not.toContain('"auditor"');
});

test('the log tells when a stream was opened, and how it ended', async () => {
  const reader = await followed();
  const requestId = reader.response.headers.get('x-request-id') ?? 'none';
  reader.leave();
  const lines = () =>
    api.logged.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
  await expect
    .poll(() => lines().map(({ msg }) => msg), PATIENCE)
    .toEqual(['answered', 'stream of events ended']);
  expect(lines()[1]).toMatchObject({ member: 'finance', sent: 0, reason: 'the caller left' });
});
