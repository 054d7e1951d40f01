// Tokens of an identity provider: signed by a published key, for us, in time; and the member and roles they stand for.
import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOidcReader, type OidcSettings } from '../../api/oidc.ts';
import { createTestApi, OPEN_ACCESS, type TestApi } from '../support/api.ts';
import { AUDIENCE, type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';

let provider: IdentityProvider;
let api: TestApi;
let key: string;

beforeAll(async () => {
  provider = await startIdentityProvider();
  key = await provider.publish('RS256');
  api = await apiWith({});
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

function settings(): OidcSettings {
  return {
    issuer: provider.issuer,
    audience: AUDIENCE,
    jwksUrl: provider.jwksUrl,
    memberClaim: 'sub',
    rolesClaim: null,
    roles: new Map(),
    clockToleranceSeconds: 5,
  };
}

function apiWith(change: Partial<OidcSettings>, failedAttempts = 10_000): Promise<TestApi> {
  const oidc = createOidcReader({ ...settings(), ...change }, 0);
  return createTestApi({ access: { ...OPEN_ACCESS, failedAttempts, oidc } });
}

async function me(token: string, of = api): Promise<{ status: number; body: unknown }> {
  const response = await of.app.request('/v1/members/me', { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

describe('a token', () => {
  test.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'signed with %s stands for its member',
    async (algorithm) => {
      const token = await provider.sign(await provider.publish(algorithm), { sub: 'finance' });
      expect(await me(token)).toMatchObject({
        status: 200,
        body: { memberId: 'finance', roles: ['finance'] },
      });
    },
  );

  const refused: [string, () => Promise<string>][] = [
    ['another algorithm', async () => provider.sign(await provider.publish('PS256'), { sub: 'admin' })],
    ['for another audience', () => provider.sign(key, { sub: 'admin', aud: 'payroll' })],
    ['from another issuer', () => provider.sign(key, { sub: 'admin', iss: 'https://login.example.com' })],
    ['that is over', () => provider.sign(key, { sub: 'admin' }, { expiresIn: -6 })],
    ['that never ends', () => provider.sign(key, { sub: 'admin' }, { expiresIn: null })],
    [
      'that begins later',
      () => provider.sign(key, { sub: 'admin', nbf: Math.floor(Date.now() / 1_000) + 60 }),
    ],
    ['that names nobody', () => provider.sign(key, {})],
    ['whose claims were changed', async () => withClaims(await provider.sign(key, { sub: 'finance' }))],
    ['without a signature', async () => unsigned({ alg: 'none' })],
    ['signed with the public key as a secret', async () => signedWithPublicKey()],
    ['that is no token', async () => 'a.b.c'],
  ];

  test.each(refused)('%s is refused', async (_why, token) => {
    expect(await me(await token())).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test('is taken within the tolerance between two clocks', async () => {
    expect(await me(await provider.sign(key, { sub: 'finance' }, { expiresIn: -2 }))).toMatchObject({
      status: 200,
    });
  });

  test('of somebody unknown, or inactive, is refused although it is good', async () => {
    expect(await me(await provider.sign(key, { sub: 'stranger' }))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    await api.send('admin', 'PATCH', '/v1/members/auditor', { active: false });
    expect(await me(await provider.sign(key, { sub: 'auditor' }))).toMatchObject({ status: 403 });
    await api.send('admin', 'PATCH', '/v1/members/auditor', { active: true });
  });

  test('stands for the member who has its claim as subject, and no longer for whose id it is', async () => {
    const subject = 'claire.martin@example.com';
    const change = (member: string, body: object) =>
      api.send('admin', 'PATCH', `/v1/members/${member}`, body);
    expect(await change('finance', { subject })).toMatchObject({ status: 200, body: { subject } });
    expect(await me(await provider.sign(key, { sub: subject }))).toMatchObject({
      body: { memberId: 'finance' },
    });
    expect(await me(await provider.sign(key, { sub: 'finance' }))).toMatchObject({ status: 403 });
    expect(await change('auditor', { subject })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await change('finance', { subject: null });
    expect(await me(await provider.sign(key, { sub: 'finance' }))).toMatchObject({ status: 200 });
  });

  test('leaves API keys as they are', async () => {
    expect(await api.send('finance', 'GET', '/v1/members/me')).toMatchObject({ status: 200 });
  });
});

describe('the keys of the provider', () => {
  beforeEach(async () => {
    key = await provider.publish('RS256', { alone: true });
  });

  test('are fetched once for many tokens', async () => {
    const fresh = await apiWith({});
    const before = provider.fetches();
    for (const sub of ['finance', 'auditor', 'admin']) {
      expect(await me(await provider.sign(key, { sub }), fresh)).toMatchObject({ status: 200 });
    }
    expect(provider.fetches() - before).toBe(1);
    await fresh.close();
  });

  test('may change: a new one is found at once, and one that is gone is refused', async () => {
    const next = await provider.publish('ES256', { alone: true });
    expect(await me(await provider.sign(next, { sub: 'finance' }))).toMatchObject({ status: 200 });
    expect(await me(await provider.sign(key, { sub: 'finance' }))).toMatchObject({ status: 401 });
  });

  test('that cannot be had are no fault of the caller: 503', async () => {
    const fresh = await apiWith({});
    provider.breakDown(true);
    const token = await provider.sign(key, { sub: 'finance' });
    expect(await me(token, fresh)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    provider.breakDown(false);
    expect(await me(token, fresh)).toMatchObject({ status: 200 });
    await fresh.close();
  });
});

describe('claims', () => {
  test('give the roles that the configuration maps them to, and no others', async () => {
    const roles = new Map([['growth-team', 'growth_lead'] as const]);
    const mapped = await apiWith({ rolesClaim: 'realm_access.roles', roles });
    const post = async (claimed: unknown) => {
      const token = await provider.sign(key, { sub: 'admin', realm_access: { roles: claimed } });
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': token.slice(-40),
      };
      const body = JSON.stringify({ memberId: 'x', name: 'X', roles: ['admin'] });
      return (await mapped.app.request('/v1/members', { method: 'POST', headers, body })).status;
    };
    // An administrator here, but not by this token.
    expect(await post(['growth-team', 'admin'])).toBe(403);
    expect(await post([])).toBe(403);
    expect(await post(undefined)).toBe(403);
    const lead = await provider.sign(key, { sub: 'admin', realm_access: { roles: ['growth-team'] } });
    const response = await mapped.app.request('/v1/theses', { headers: { authorization: `Bearer ${lead}` } });
    expect(response.status).toBe(200);
    await mapped.close();
  });

  test('an email counts only once it is verified', async () => {
    const byEmail = await apiWith({ memberClaim: 'email' });
    await byEmail.send('admin', 'PATCH', '/v1/members/finance', { subject: 'claire@example.com' });
    const claims = { sub: '42', email: 'claire@example.com' };
    expect(await me(await provider.sign(key, claims), byEmail)).toMatchObject({ status: 401 });
    const verified = await provider.sign(key, { ...claims, email_verified: true });
    expect(await me(verified, byEmail)).toMatchObject({ status: 200, body: { memberId: 'finance' } });
    await byEmail.close();
  });

  test('a forged token counts as a failed attempt, one that is over does not', async () => {
    const strict = await apiWith({}, 2);
    const over = await provider.sign(key, { sub: 'admin' }, { expiresIn: -60 });
    for (let time = 0; time < 5; time += 1) expect(await me(over, strict)).toMatchObject({ status: 401 });
    const statuses: number[] = [];
    for (let time = 0; time < 4; time += 1)
      statuses.push((await me(unsigned({ alg: 'none' }), strict)).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
    await strict.close();
  });
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function claims(): object {
  return { iss: provider.issuer, aud: AUDIENCE, sub: 'admin', exp: Math.floor(Date.now() / 1_000) + 300 };
}

function unsigned(header: object): string {
  return `${base64(header)}.${base64(claims())}.`;
}

function withClaims(token: string): string {
  const [head, , signature] = token.split('.');
  return `${head}.${base64(claims())}.${signature}`;
}

/** The classic confusion: HS256, with what everybody can read as the secret. */
async function signedWithPublicKey(): Promise<string> {
  const published = await (await fetch(provider.jwksUrl)).text();
  const signed = `${base64({ alg: 'HS256', kid: key })}.${base64(claims())}`;
  return `${signed}.${createHmac('sha256', published).update(signed).digest('base64url')}`;
}
