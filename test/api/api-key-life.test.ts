// The life of an API key: fewer roles than its member, a new secret without a gap, an end; and that no key begets one
// that may do more.

import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let now = Date.now();

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(now) });
  const member = { memberId: 'claire', name: 'Claire', roles: ['growth_lead', 'finance'] };
  await api.send('admin', 'POST', '/v1/members', member);
});
afterAll(() => api.close());

const HOUR = 3_600_000;

interface Made {
  readonly keyId: string;
  readonly token: string;
  readonly roles: readonly string[] | null;
}

async function call(
  token: string,
  method: string,
  path: string,
  body?: object,
  idempotencyKey: string = uuidv7(),
) {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': idempotencyKey,
  };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await api.app.request(path, init);
  return { status: response.status, body: (await response.json()) as Made & { errors?: { path: string }[] } };
}

async function keyFor(memberId: string, change: object = {}): Promise<Made> {
  const body = { memberId, name: 'test', expiresAt: null, ...change };
  return (await call(api.tokens.admin, 'POST', '/v1/api-keys', body)).body;
}

const me = async (token: string) => (await call(token, 'GET', '/v1/members/me')).status;
const design = (token: string) => call(token, 'POST', '/v1/experiment-designs', {});

describe('roles', () => {
  test('a key carries those it was given, and loses those that its member loses', async () => {
    const { token, roles } = await keyFor('claire', { roles: ['finance'] });
    expect(roles).toEqual(['finance']);
    expect(await me(token)).toBe(200);
    expect((await call(token, 'POST', '/v1/theses', {})).status).toBe(403);
    await api.send('admin', 'PATCH', '/v1/members/claire', { roles: ['growth_lead'] });
    expect(await me(token)).toBe(403);
    await api.send('admin', 'PATCH', '/v1/members/claire', { roles: ['growth_lead', 'finance'] });
    expect(await me(token)).toBe(200);
  });

  test('a role that the member does not have is refused by field', async () => {
    const body = { memberId: 'claire', name: 'x', expiresAt: null, roles: ['admin'] };
    expect(await call(api.tokens.admin, 'POST', '/v1/api-keys', body)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'roles' }] },
    });
  });

  test('a key that carries some begets none that carries more', async () => {
    const { token } = await keyFor('claire', { roles: ['finance'] });
    const wanted = { name: 'more', expiresAt: null };
    const more = await call(token, 'POST', '/v1/api-keys', { ...wanted, roles: ['growth_lead'] });
    expect(more).toMatchObject({ status: 422, body: { errors: [{ path: 'roles' }] } });
    const same = await call(token, 'POST', '/v1/api-keys', wanted);
    expect(same).toMatchObject({ status: 201, body: { roles: ['finance'] } });
  });

  test('a key that carries some gets no new secret of one that carries more', async () => {
    const { token } = await keyFor('claire', { roles: ['finance'] });
    const whole = await keyFor('claire');
    expect((await call(token, 'POST', `/v1/api-keys/${whole.keyId}/rotate`, {})).status).toBe(403);
    expect(await me(whole.token)).toBe(200);
    expect((await call(whole.token, 'POST', `/v1/api-keys/${whole.keyId}/rotate`, {})).status).toBe(200);
  });
});

describe('rotation', () => {
  const rotate = (made: Made, body: object, key?: string) =>
    call(api.tokens.admin, 'POST', `/v1/api-keys/${made.keyId}/rotate`, body, key);

  test('the new secret works at once, the old one until its grace is over', async () => {
    const old = await keyFor('claire');
    const { status, body } = await rotate(old, { grace: 'PT2H' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ keyId: old.keyId, previousUntil: new Date(now + 2 * HOUR).toISOString() });
    expect([await me(old.token), await me(body.token)]).toEqual([200, 200]);
    now += 2 * HOUR;
    expect([await me(old.token), await me(body.token)]).toEqual([401, 200]);
  });

  test('without grace the old secret ends at once, and a second rotation ends the one before', async () => {
    const first = await keyFor('claire');
    const second = (await rotate(first, { grace: 'P1D' })).body;
    const third = (await rotate(first, { grace: 'P1D' })).body;
    expect([await me(first.token), await me(second.token), await me(third.token)]).toEqual([401, 200, 200]);
    const fourth = (await rotate(first, { grace: 'PT0S' })).body;
    expect([await me(third.token), await me(fourth.token)]).toEqual([401, 200]);
  });

  test('sent twice it happens once, and its token is not kept for the second answer', async () => {
    const key = await keyFor('claire');
    const once = await rotate(key, { grace: 'P1D' }, 'rotate-once');
    const again = await rotate(key, { grace: 'P1D' }, 'rotate-once');
    expect(again).toMatchObject({ status: 200, body: { token: null } });
    expect(await me(once.body.token)).toBe(200);
    const kept = JSON.stringify(await api.db.selectFrom('idempotency').selectAll().execute());
    expect(kept).not.toContain(once.body.token);
  });

  test('a key that is revoked, over, or of another has no new secret', async () => {
    const revoked = await keyFor('claire');
    await call(api.tokens.admin, 'DELETE', `/v1/api-keys/${revoked.keyId}`);
    expect((await rotate(revoked, {})).status).toBe(409);
    const over = await keyFor('claire', { expiresAt: new Date(now + HOUR).toISOString() });
    now += HOUR;
    expect((await rotate(over, {})).status).toBe(409);
    const other = await keyFor('admin');
    expect((await call(api.tokens.finance, 'POST', `/v1/api-keys/${other.keyId}/rotate`, {})).status).toBe(
      404,
    );
    expect((await rotate(other, { grace: 'P31D' })).body.errors).toMatchObject([{ path: 'grace' }]);
  });
});

describe('an end', () => {
  test('a key that ends begets none that lasts longer', async () => {
    const end = new Date(now + HOUR).toISOString();
    const { token } = await keyFor('claire', { expiresAt: end });
    const make = (expiresAt: string | null) =>
      call(token, 'POST', '/v1/api-keys', { name: 'longer', expiresAt });
    expect(await make(null)).toMatchObject({ status: 422, body: { errors: [{ path: 'expiresAt' }] } });
    expect((await make(new Date(now + HOUR + 1).toISOString())).status).toBe(422);
    expect((await make(end)).status).toBe(201);
    now += HOUR;
    expect(await me(token)).toBe(401);
  });

  test('its last use is told to the minute', async () => {
    const { token, keyId } = await keyFor('claire');
    const lastUse = async () => {
      const { body } = await api.send('admin', 'GET', '/v1/api-keys?member=claire&limit=200');
      return (body as { items: { keyId: string; lastUsedAt: string | null }[] }).items.find(
        (one) => one.keyId === keyId,
      )?.lastUsedAt;
    };
    expect(await lastUse()).toBeNull();
    const first = new Date(now).toISOString();
    await me(token);
    now += 59_000;
    await design(token);
    expect(await lastUse()).toBe(first);
    now += 1_000;
    await me(token);
    expect(await lastUse()).toBe(new Date(now).toISOString());
  });
});
