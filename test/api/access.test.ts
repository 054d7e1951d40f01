// Access: every route of the API against every role, as the routes themselves declare; and what a key must be.
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { EVERY_ROLE } from '../../api/access.ts';
import { openApiDocument } from '../../api/openapi.ts';
import { type RouteDeclaration, route } from '../../api/route.ts';
import { createApiKey } from '../../db/api-keys.ts';
import { addMember } from '../../db/members.ts';
import { ROLE_NAMES, type Role } from '../../domain/role.ts';
import { createTestApi, memberOf, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly roles: readonly Role[] | 'public';
}

test('every route admits the roles it declares, and nobody else', async () => {
  const operations = declaredOperations();
  expect(operations.length).toBeGreaterThan(15);
  const wrong: string[] = [];
  for (const { method, path, roles } of operations) {
    const address = path.replaceAll(/\{\w+\}/g, 'nothing-here');
    const body = method === 'GET' ? undefined : {};
    const stranger = await api.send(null, method, address, body);
    if ((stranger.status === 401) === (roles === 'public')) {
      wrong.push(`${method} ${path} without a key: ${stranger.status}`);
    }
    for (const role of ROLE_NAMES) {
      const { status } = await api.send(role, method, address, body);
      const admitted = status !== 401 && status !== 403;
      if (admitted !== (roles === 'public' || roles.includes(role))) {
        wrong.push(`${method} ${path} as ${role}: ${status}`);
      }
      if (status >= 500 && path !== '/readyz') wrong.push(`${method} ${path} as ${role} broke: ${status}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('a key that carries one role of a member who has all of them is admitted where that role is', async () => {
  await addMember(api.db, { memberId: 'everybody', name: 'Everybody', roles: ROLE_NAMES });
  const wrong: string[] = [];
  for (const role of ROLE_NAMES) {
    const key = { memberId: 'everybody', name: role, expiresAt: null, roles: [role] };
    const { token } = await createApiKey(api.db, key);
    for (const { method, path, roles } of declaredOperations()) {
      const address = path.replaceAll(/\{\w+\}/g, 'nothing-here');
      const headers = {
        authorization: `Bearer ${token}`,
        'idempotency-key': `${role}-${method}-${path}`,
        'content-type': 'application/json',
      };
      const init = method === 'GET' ? { headers } : { method, headers, body: '{}' };
      const { status, body } = await api.app.request(address, init);
      await body?.cancel();
      const admitted = status !== 401 && status !== 403;
      if (admitted !== (roles === 'public' || roles.includes(role))) {
        wrong.push(`${method} ${path} with a key for ${role}: ${status}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('every registered address is in the document, or is the document or its page', () => {
  const undocumented = api.app.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = declaredOperations().map(({ method, path }) => `${method} ${path}`);
  const unknown = new Set(undocumented.filter((address) => !documented.includes(address)));
  expect(unknown).toEqual(new Set(['GET /openapi.json', 'GET /docs']));
});

test('every role is every role', () => {
  expect(EVERY_ROLE.toSorted()).toEqual(ROLE_NAMES.toSorted());
});

test('a route without roles does not compile, and no write is public', () => {
  type Open = Omit<RouteDeclaration, 'roles'>;
  expectTypeOf<Open>().not.toExtend<RouteDeclaration>();
  type PublicWrite = Omit<RouteDeclaration, 'method' | 'roles'> & { method: 'post'; roles: 'public' };
  expectTypeOf<PublicWrite>().not.toExtend<RouteDeclaration>();
  expect(route({ ...ANYTHING, roles: ['finance'] })).toMatchObject({ 'x-roles': ['finance'] });
});

const ANYTHING = { method: 'get', path: '/v1/anything', summary: 'Any', responses: {} } as const;

describe('a key', () => {
  const me = (token: string) => api.app.request('/v1/members/me', { headers: { authorization: token } });

  test.each(['', 'Basic YWRtaW46YWRtaW4=', 'Bearer', 'Bearer x', 'Bearer jalon_0000000000000000_short'])(
    'that reads %j is refused',
    async (header) => {
      const response = await me(header);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
    },
  );

  test('with another secret, or another id, is refused', async () => {
    const { admin, finance } = api.tokens;
    const [, adminId] = admin.split('_');
    const financeSecret = finance.slice(`jalon_${adminId}_`.length);
    expect((await me(`Bearer jalon_${adminId}_${financeSecret}`)).status).toBe(401);
    expect((await me(`Bearer jalon_ffffffffffffffff_${financeSecret}`)).status).toBe(401);
    expect((await me(`bearer ${admin}`)).status).toBe(200);
  });

  test('is refused from the moment it expires', async () => {
    const memberId = memberOf('finance');
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { token } = await createApiKey(api.db, { memberId, name: 'soon over', expiresAt });
    expect((await me(`Bearer ${token}`)).status).toBe(200);
    const later = await createTestApiAt(new Date(expiresAt));
    const { token: over } = await createApiKey(later.db, { memberId, name: 'over', expiresAt });
    const response = await later.app.request('/v1/members/me', {
      headers: { authorization: `Bearer ${over}` },
    });
    await later.close();
    expect(response.status).toBe(401);
  });

  test('is stored only as a hash, and its use is recorded', async () => {
    await api.send('auditor', 'GET', '/v1/members/me');
    const rows = await api.db.selectFrom('api_key').selectAll().execute();
    const auditor = rows.find((row) => row.member_id === 'auditor');
    expect(auditor?.secret_hash).toHaveLength(32);
    expect(auditor?.last_used_at).not.toBeNull();
    // The secret is all that follows the key's id; underscores may be part of it.
    const secret = api.tokens.auditor.replace(/^jalon_[0-9a-f]{16}_/, '');
    expect(secret).toHaveLength(43);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(api.logged.join('')).not.toContain(api.tokens.auditor);
  });
});

function createTestApiAt(now: Date): Promise<TestApi> {
  return createTestApi({ now: () => now });
}

function declaredOperations(): Operation[] {
  const { paths }: { paths: Record<string, Record<string, { 'x-roles': readonly Role[] | 'public' }>> } =
    JSON.parse(JSON.stringify(openApiDocument(api.app)));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      roles: operation['x-roles'],
    })),
  );
}
