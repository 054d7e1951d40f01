// What holds callers back: guesses counted by address and key for all processes, requests counted by key, and the limits
// of address, body and time.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { ApiEnv } from '../../api/context.ts';
import type { AccessPolicy } from '../../api/deps.ts';
import { Problem } from '../../api/problem.ts';
import { limitTime, SERVER_LIMITS } from '../../api/request-limits.ts';
import { createTestApi, OPEN_ACCESS, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ access: { ...OPEN_ACCESS, trustedProxies: 1, failedAttempts: 3 } });
});
afterAll(() => api.close());

async function from(address: string, token: string, of: Pick<TestApi, 'app'> = api): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': `6.6.6.6, ${address}` };
  return of.app.request('/v1/members/me', { headers });
}

const statuses = async (times: number, ask: () => Promise<Response>) => {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await ask()).status);
  return seen;
};

const guessAt = (token: string) => `${token.slice(0, -3)}AAA`;

describe('guesses', () => {
  test('are refused after three, with when to come back; elsewhere the key still works', async () => {
    const { finance } = api.tokens;
    expect(await statuses(5, () => from('10.0.0.1', guessAt(finance)))).toEqual([401, 401, 401, 429, 429]);
    const answer = await from('10.0.0.1', finance);
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ code: 'too_many_requests' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(800);
    expect((await from('10.0.0.2', finance)).status).toBe(200);
    expect((await from('10.0.0.1', api.tokens.admin)).status).toBe(200);
  });

  test('are counted for every process, in PostgreSQL', async () => {
    const { auditor } = api.tokens;
    await statuses(4, () => from('10.0.1.1', guessAt(auditor)));
    const other = secondProcess();
    expect((await from('10.0.1.1', auditor, other)).status).toBe(429);
    const rows = await api.db.selectFrom('failed_attempt').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(auditor.slice(23));
  });

  test('at many keys are refused by address, but not to who was good from there', async () => {
    expect((await from('10.0.2.1', api.tokens.admin)).status).toBe(200);
    const ids = Array.from({ length: 17 }, (_, index) => index.toString(16).padStart(16, '0'));
    const seen: number[] = [];
    for (const id of ids) seen.push((await from('10.0.2.1', `jalon_${id}_${'A'.repeat(43)}`)).status);
    expect(seen.filter((status) => status === 401)).toHaveLength(15);
    expect(seen.slice(15)).toEqual([429, 429]);
    expect((await from('10.0.2.1', api.tokens.growth_lead)).status).toBe(429);
    expect((await from('10.0.2.1', api.tokens.admin)).status).toBe(200);
  });

  test('of one IPv6 network are those of one address', async () => {
    const { committee_member: token } = api.tokens;
    const hosts = ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3', '2001:DB8:0:0:1::4', '2001:db8::5'];
    const seen: number[] = [];
    for (const host of hosts) seen.push((await from(host, guessAt(token))).status);
    expect(seen).toEqual([401, 401, 401, 429, 429]);
    expect((await from('2001:db8:0:1::1', token)).status).toBe(200);
  });

  test('a key whose time is over is no guess, and what a caller writes of its address is not believed', async () => {
    const made = await api.send(
      'finance',
      'POST',
      '/v1/api-keys',
      { name: 'gone', expiresAt: null },
      {
        'x-forwarded-for': '10.0.3.9',
      },
    );
    const { token, keyId } = made.body as { token: string; keyId: string };
    await api.send('admin', 'DELETE', `/v1/api-keys/${keyId}`);
    expect(new Set(await statuses(6, () => from('10.0.3.1', token)))).toEqual(new Set([401]));
    let turn = 0;
    const disguised = () => {
      turn += 1;
      return from(`9.9.9.${turn}, 10.0.3.2`, guessAt(api.tokens.finance));
    };
    expect(await statuses(4, disguised)).toEqual([401, 401, 401, 429]);
  });
});

/** Another process of the API on the same database. */
function secondProcess(of: TestApi = api, access: Partial<AccessPolicy> = {}): Pick<TestApi, 'app'> {
  const never = (): never => {
    throw new Error('not asked for');
  };
  return {
    app: createApp({
      db: of.appDb,
      theses: { propose: never, send: never },
      clockRate: 1,
      secretBox: { seal: never },
      access: { ...OPEN_ACCESS, trustedProxies: 1, failedAttempts: 3, ...access },
      log: pino({ level: 'silent' }),
      now: () => new Date(),
      checkCalendar: never,
      checkQueries: never,
      checkBinding: never,
      webhooks: { targetFault: never, newSecret: never },
      readiness: never,
    }),
  };
}

describe('requests', () => {
  test('are counted by key: headers say what is left, 429 says when to come back', async () => {
    const limited = await createTestApi({ access: { ...OPEN_ACCESS, requestsPerMinute: 3 } });
    const ask = () => limited.send('auditor', 'GET', '/v1/members/me');
    const first = await ask();
    expect(first.headers.get('ratelimit-policy')).toBe('"credential";q=3;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"credential";r=2;t=(59|60)$/);
    await ask();
    expect((await ask()).headers.get('ratelimit')).toMatch(/;r=0;/);
    const over = await ask();
    expect(over).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(over.headers.get('ratelimit')).toMatch(/;r=0;/);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await limited.send('finance', 'GET', '/v1/members/me')).status).toBe(200);
    await limited.close();
  });

  test('are counted over all processes, to within a twentieth for each of them', async () => {
    const limited = await createTestApi({ access: { ...OPEN_ACCESS, requestsPerMinute: 40 } });
    const other = secondProcess(limited, { requestsPerMinute: 40 });
    const { auditor } = limited.tokens;
    let turn = 0;
    const seen = await statuses(70, () => from('10.0.4.1', auditor, turn++ % 2 === 0 ? limited : other));
    const good = seen.filter((status) => status === 200).length;
    expect(good).toBeGreaterThanOrEqual(40);
    // Each counts to 40 by itself, so that both would have let all 70 pass. Settling takes a moment.
    expect(good).toBeLessThanOrEqual(55);
    for (const process of [limited, other]) {
      const refused = await from('10.0.4.1', auditor, process);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    }
    await limited.close();
  });
});

describe('the answer', () => {
  test('sets no cookie, may not be framed or sniffed, and is for no other origin', async () => {
    const origin = { origin: 'https://evil.example' };
    for (const [method, path] of [
      ['GET', '/v1/members/me'],
      ['OPTIONS', '/v1/members'],
      ['GET', '/docs'],
    ] as const) {
      const { headers } = await api.send('admin', method, path, undefined, origin);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(headers.get('set-cookie')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('strict-transport-security')).toContain('max-age=');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
    const kept = await api.send('admin', 'GET', '/v1/members/me');
    expect(kept.headers.get('cache-control')).toBe('no-store');
  });

  test('to a method that is not there names those that are', async () => {
    const sent = await api.send('admin', 'DELETE', '/v1/members');
    expect(sent).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(sent.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await api.send('admin', 'DELETE', '/v1/nowhere')).toMatchObject({ status: 404 });
  });

  test('to an address of 5,000 characters is 414', async () => {
    const sent = await api.send('admin', 'GET', `/v1/members?cursor=${'a'.repeat(5_000)}`);
    expect(sent).toMatchObject({ status: 414, body: { code: 'address_too_long' } });
  });

  test('to headers of more than 16 KiB is 431, and nobody waits for headers that do not come', async () => {
    const server = serve({
      fetch: api.app.fetch,
      hostname: '127.0.0.1',
      port: 0,
      serverOptions: SERVER_LIMITS,
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = (size: number) =>
      fetch(`http://127.0.0.1:${port}/healthz`, { headers: { 'x-long': 'a'.repeat(size) } });
    expect((await ask(15_000)).status).toBe(200);
    expect((await ask(17_000)).status).toBe(431);
    expect(server).toMatchObject({ headersTimeout: 20_000, requestTimeout: 300_000 });
    server.close();
    await once(server, 'close');
  });

  test('that does not come in time is 503 with when to come back', async () => {
    const slow = new Hono<ApiEnv>();
    slow.get('/', limitTime(20), () => new Promise<Response>(() => undefined));
    let problem: unknown;
    slow.onError((error) => {
      problem = error;
      return new Response(null, { status: 500 });
    });
    await slow.request('/');
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'unavailable', retryAfter: 5 });
  });
});
