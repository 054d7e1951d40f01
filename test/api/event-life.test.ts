// How long a stream of events lives: as long as its caller may read and takes what is sent, within the number of places,
// and not longer than the process. What is held for a caller who does not read stays small.
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { createOidcReader } from '../../api/oidc.ts';
import { quietOperation } from '../../api/operation-deps.ts';
import { createApiKey, revokeApiKey } from '../../db/api-keys.ts';
import { createTestApi, memberOf, OPEN_ACCESS, type TestApi } from '../support/api.ts';
import { follow, Refused } from '../support/event-reader.ts';
import { record, recordMany } from '../support/feed-writer.ts';
import { type HttpServer, serveApi } from '../support/http-server.ts';
import { AUDIENCE, startIdentityProvider } from '../support/identity-provider.ts';
import { storeThesis } from '../support/stored-thesis.ts';

const BEAT_MS = 500;
/** Events of 4,000 characters: more than all buffers on the way hold. */
const LARGE = 8_000;

const PATIENCE = { timeout: 20_000 };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function served(overrides: Parameters<typeof createTestApi>[0]): Promise<TestApi & HttpServer> {
  const api = await createTestApi(overrides);
  closing.push(() => api.close());
  const server = await serveApi(api);
  closing.push(() => server.close());
  return { ...api, ...server };
}

const endsOf = ({ logged }: TestApi): { reason: string; position: number; member: string }[] =>
  logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'stream of events ended');

const refused = async (opening: Promise<unknown>): Promise<Refused> => {
  const error = await opening.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refused)) throw new Error('the stream was opened');
  return error;
};

test('a key that is revoked, a role that is taken away and a member who leaves end their streams, and no other', async () => {
  const api = await served({ events: { beatMs: BEAT_MS } });
  const { key, token } = await createApiKey(api.db, {
    memberId: memberOf('finance'),
    name: 'b',
    expiresAt: null,
  });
  const revoked = await follow(api.url, token);
  const unroled = await follow(api.url, api.tokens.auditor);
  const left = await follow(api.url, api.tokens.growth_lead);
  const staying = await follow(api.url, api.tokens.finance);
  await revokeApiKey(api.db, key.keyId, new Date());
  await api.db.updateTable('member').set({ roles: [] }).where('member_id', '=', 'auditor').execute();
  await api.db.updateTable('member').set({ active: false }).where('member_id', '=', 'growth-lead').execute();
  expect(await Promise.all([revoked.over, unroled.over, left.over])).toEqual(['ended', 'ended', 'ended']);
  await record(api.db, 'after', 1);
  await staying.until(1);
  expect([revoked, unroled, left].flatMap(({ events }) => events)).toEqual([]);
  expect((await refused(follow(api.url, token))).status).toBe(401);
  expect((await refused(follow(api.url, api.tokens.auditor))).status).toBe(403);
  expect(endsOf(api).map(({ reason }) => reason)).toEqual(Array(3).fill('access is over'));
  staying.leave();
});

test('who follows one thesis from the beginning is sent its events without a look at those of others', async () => {
  const api = await served({ events: { beatMs: BEAT_MS } });
  await record(api.db, 'other', 1);
  await storeThesis(api.db, { thesisId: 'chosen', windows: [['detect', '09-01', null]] });
  // No release knows this event: whoever reads it stops there.
  await sql`insert into thesis_event (thesis_id, sequence, type, at, actor, command_id, data, previous_hash, hash)
    values ('other', 2, 'Unheard', now(), 'jalon', null, '{"type": "Unheard"}', '', '')`.execute(api.db);
  await record(api.db, 'chosen', 1);
  const ofAll = await follow(api.url, api.tokens.finance, { query: '?after=0' });
  const ofOne = await follow(api.url, api.tokens.finance, { query: '?after=0&thesis=chosen' });
  expect((await ofOne.until(1)).map(({ id }) => id)).toEqual(['3']);
  await expect.poll(() => ofOne.lastId(), PATIENCE).toBe('3');
  expect(ofAll.events).toEqual([]);
  ofOne.leave();
  ofAll.leave();
});

test('a stream ends with its token of the identity provider, and one whose token goes on goes on', async () => {
  const provider = await startIdentityProvider();
  closing.push(() => provider.close());
  const oidc = createOidcReader({
    issuer: provider.issuer,
    audience: AUDIENCE,
    jwksUrl: provider.jwksUrl,
    memberClaim: 'sub',
    rolesClaim: null,
    roles: new Map(),
    clockToleranceSeconds: 0,
  });
  const api = await served({ access: { ...OPEN_ACCESS, oidc }, events: { beatMs: BEAT_MS } });
  const key = await provider.publish('ES256');
  const short = await follow(api.url, await provider.sign(key, { sub: 'finance' }, { expiresIn: 2 }));
  const long = await follow(api.url, await provider.sign(key, { sub: 'finance' }));
  expect(await short.over).toBe('ended');
  await record(api.db, 'after', 1);
  expect(await long.until(1)).toHaveLength(1);
  long.leave();
});

test('while access cannot be checked a stream goes on for eight beats, and then ends', async () => {
  const api = await served({ events: { beatMs: BEAT_MS } });
  const reader = await follow(api.url, api.tokens.finance);
  await api.appDb.destroy();
  const begun = performance.now();
  expect(await reader.over).toBe('ended');
  expect(performance.now() - begun).toBeGreaterThan(6 * BEAT_MS);
  expect(endsOf(api)).toMatchObject([{ reason: 'access could not be checked' }]);
});

test('more streams than a credential or the process may have are refused, until one is left', async () => {
  const registry = new Registry();
  const operation = { ...quietOperation(), registry };
  const api = await served({ operation, events: { perCredential: 2, perProcess: 3 } });
  const { finance, admin, auditor } = api.tokens;
  const first = await follow(api.url, finance);
  await follow(api.url, finance);
  const third = await refused(follow(api.url, finance));
  expect([third.status, third.problem]).toMatchObject([429, { code: 'too_many_requests' }]);
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
  await follow(api.url, admin);
  const fourth = await refused(follow(api.url, auditor));
  expect([fourth.status, fourth.problem]).toMatchObject([503, { code: 'unavailable' }]);
  expect(await registry.metrics()).toMatch(/^jalon_event_streams 3$/m);
  first.leave();
  await expect.poll(() => registry.metrics(), PATIENCE).toMatch(/^jalon_event_streams 2$/m);
  await follow(api.url, auditor);
});

test('a process that ends ends its streams at once, also those that nobody reads, and opens no more', async () => {
  const ending = new AbortController();
  const api = await served({ events: { ending: ending.signal } });
  await recordMany(api.db, 'large', LARGE, 4_000);
  const reading = await follow(api.url, api.tokens.finance);
  const deaf = await openDeaf(api, api.tokens.admin);
  const begun = performance.now();
  ending.abort();
  expect(await reading.over).toBe('ended');
  expect(performance.now() - begun).toBeLessThan(2_000);
  const late = await refused(follow(api.url, api.tokens.auditor));
  expect([late.status, late.problem]).toMatchObject([503, { code: 'unavailable' }]);
  await expect
    .poll(() => [...api.sockets].filter((socket) => socket.remotePort === deaf.localPort), { timeout: 5_000 })
    .toEqual([]);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(endsOf(api).map(({ reason }) => reason)).toEqual(['the process ends', 'the process ends']);
});

test('for callers who do not read little is read ahead, others are not held up, and nothing is lost', async () => {
  const api = await served({});
  await recordMany(api.db, 'large', LARGE, 4_000);
  const deaf = await openDeaf(api, api.tokens.admin);
  const patient = await openDeaf(api, api.tokens.auditor);
  // Whoever reads gets everything meanwhile: what is read ahead for the others could have been as much.
  const other = await follow(api.url, api.tokens.finance, { query: '?after=0' });
  expect(await other.until(LARGE)).toHaveLength(LARGE);
  other.leave();
  deaf.destroy();
  const ends = () => endsOf(api).filter(({ member }) => member === 'admin');
  await expect.poll(ends, PATIENCE).toMatchObject([{ reason: 'the caller left' }]);
  // The buffers of two kernels hold some megabytes.
  expect(ends()[0]?.position).toBeLessThan(LARGE / 2);
  expect(await idsOf(patient, LARGE)).toEqual(Array.from({ length: LARGE }, (_, index) => index + 1));
  patient.destroy();
});

test('a caller who takes nothing for four beats loses the stream, not the events', async () => {
  const api = await served({ events: { beatMs: BEAT_MS } });
  await recordMany(api.db, 'large', LARGE, 4_000);
  const deaf = await openDeaf(api, api.tokens.admin);
  await expect.poll(() => endsOf(api), PATIENCE).toMatchObject([{ reason: 'the caller takes nothing' }]);
  await expect.poll(() => api.sockets.size, PATIENCE).toBe(0);
  deaf.destroy();
  const back = await follow(api.url, api.tokens.admin, { lastEventId: String(LARGE - 100) });
  expect((await back.until(100)).at(-1)?.id).toBe(String(LARGE));
  back.leave();
});

/** A caller who asks for everything and reads nothing, for so long that what fits into buffers has gone into them. */
async function openDeaf({ port }: HttpServer, token: string): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(
    `GET /v1/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  await sleep(300);
  return socket;
}

/** Reads on from a paused socket until there are so many events; frames and chunks of HTTP begin on lines of their own. */
async function idsOf(socket: Socket, count: number): Promise<number[]> {
  const ids: number[] = [];
  let rest = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: ')) ids.push(JSON.parse(line.slice('data: '.length)).position);
    }
    if (ids.length >= count) return ids;
  }
  return ids;
}
