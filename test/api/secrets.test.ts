// Secrets stay secret: whatever is sent, well or badly, neither the log, nor an answer, nor a table holds it.
import { sql } from 'kysely';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSecretBox } from '../../activities/secret-box.ts';
import { createOidcReader } from '../../api/oidc.ts';
import { createTestApi, OPEN_ACCESS, type TestApi } from '../support/api.ts';
import { AUDIENCE, type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';

let api: TestApi;
let provider: IdentityProvider;
const secrets = new Set<string>();
const answers: string[] = [];

beforeAll(async () => {
  provider = await startIdentityProvider();
  const oidc = createOidcReader({
    issuer: provider.issuer,
    audience: AUDIENCE,
    jwksUrl: provider.jwksUrl,
    memberClaim: 'sub',
    rolesClaim: null,
    roles: new Map(),
    clockToleranceSeconds: 0,
  });
  const secretBox = createSecretBox(`${'A'.repeat(43)}=`);
  api = await createTestApi({ access: { ...OPEN_ACCESS, failedAttempts: 2, oidc }, secretBox });
  for (const token of Object.values(api.tokens)) secrets.add(secretOf(token));
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

/** Of a token, what nobody must see; its key id is no secret. */
function secretOf(token: string): string {
  return token.startsWith('jalon_')
    ? token.slice('jalon_0123456789abcdef_'.length)
    : (token.split('.')[2] ?? token);
}

async function ask(token: string, method: string, path: string, body?: string): Promise<unknown> {
  secrets.add(secretOf(token));
  const response = await api.app.request(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': uuidv7(),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  answers.push(text);
  return JSON.parse(text);
}

const connection = (secret: string, change: object = {}) => {
  secrets.add(secret);
  return JSON.stringify({
    kind: 'warehouse',
    settings: { host: 'warehouse.example.com', database: 'marts', user: 'jalon' },
    queries: [{ metric: 'clicks', sql: 'select :from as day, :to as day' }],
    secret,
    ...change,
  });
};

test('keys, tokens and passwords are in no log, no answer but the one that shows them, and no table', async () => {
  const { admin, auditor, finance } = api.tokens;
  const made = (await ask(finance, 'POST', '/v1/api-keys', '{"name": "a", "expiresAt": null}')) as Key;
  const rotated = (await ask(finance, 'POST', `/v1/api-keys/${made.keyId}/rotate`, '{}')) as Key;
  for (const token of [made.token, rotated.token]) await ask(token, 'GET', '/v1/members/me');
  await ask(finance, 'DELETE', `/v1/api-keys/${made.keyId}`);
  await ask(rotated.token, 'GET', '/v1/members/me');
  answers.splice(0);

  const guess = `${auditor.slice(0, -6)}guess0`;
  for (let time = 0; time < 4; time += 1) await ask(guess, 'GET', '/v1/members/me');
  const key = await provider.publish('ES256');
  const token = await provider.sign(key, { sub: 'finance' });
  for (const one of [token, `${token.slice(0, -4)}AAAA`]) await ask(one, 'GET', '/v1/members/me');
  provider.breakDown(true);
  const unknownKey = await provider.publish('EdDSA', { alone: true });
  await ask(await provider.sign(unknownKey, { sub: 'finance' }), 'GET', '/v1/members/me');

  const put = (body: string) => ask(admin, 'PUT', '/v1/connections/marts', body);
  expect(await put(connection('well kept password'))).toMatchObject({ name: 'marts' });
  await put(connection('password beside a fault', { queries: [] }));
  await put(connection('password twice').replace('"secret"', '"secret": "another password", "secret"'));
  await put(`{"secret": "password of half a document", `);
  await put(JSON.stringify({ secret: { nested: 'password in an object' } }));
  await put(connection('password with a NUL', { kind: '\0' }));
  for (const secret of ['another password', 'password of half a document', 'password in an object'])
    secrets.add(secret);
  await ask(admin, 'POST', '/v1/nowhere', connection('password sent nowhere'));

  const tables = await everyRow();
  const logged = api.logged.join('\n');
  expect(secrets.size).toBeGreaterThan(15);
  expect(logged.split('\n').length).toBeGreaterThan(15);
  for (const secret of secrets) {
    expect(logged, 'the log').not.toContain(secret);
    expect(answers.join('\n'), 'an answer').not.toContain(secret);
    expect(tables, 'a table').not.toContain(secret);
  }
});

interface Key {
  readonly keyId: string;
  readonly token: string;
}

/** Every table as text, with what is binary as its bytes too. */
async function everyRow(): Promise<string> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(api.db);
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(api.db);
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value));
    }
  }
  return parts.join('\n');
}
