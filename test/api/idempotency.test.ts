// Exactly once: the same write with the same key has one effect and one answer, whatever breaks in between.
import { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Problem } from '../../api/problem.ts';
import { jsonAnswer, jsonBody, route } from '../../api/route.ts';
import { forgetOldKeys } from '../../db/idempotency.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;

/** The reserved ids under which the engine's stand-in was called, and how it behaves next. */
let calls: string[] = [];
let behave: (id: string) => Promise<void> = async () => undefined;

const ENGINE = '/v1/engine-writes';
const MEMBERS = '/v1/members';

beforeAll(async () => {
  api = await createTestApi();
  api.app.openapi(
    route({
      method: 'post',
      path: ENGINE,
      summary: 'Acts elsewhere, under the reserved id',
      roles: ['admin', 'finance'],
      request: { body: jsonBody(z.object({ wish: z.string() })) },
      responses: { 201: jsonAnswer(z.object({ id: z.string() }), 'Done.') },
    }),
    async (c) => {
      const id = c.var.reservedId;
      calls.push(id);
      await behave(id);
      c.header('location', `/made/${id}`);
      return c.json({ id }, 201);
    },
  );
});
afterAll(() => api.close());

beforeEach(() => {
  calls = [];
  behave = async () => undefined;
});

const wish = (key: string, body: unknown = { wish: 'a' }, as: 'admin' | 'finance' = 'admin') =>
  api.send(as, 'POST', ENGINE, body, { 'idempotency-key': key });

test.each(['', ' ', 'x'.repeat(201), 'clé'])('a write with the key %j is refused', async (key) => {
  const headers = new Headers({ authorization: `Bearer ${api.tokens.admin}` });
  if (key !== '') headers.set('idempotency-key', key.replace('é', '\u00e9'));
  const response = await api.app.request(ENGINE, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'idempotency_key_required' });
  expect(calls).toEqual([]);
});

test('the same request again gets the kept answer, and acts no second time', async () => {
  const first = await wish('again');
  const second = await wish('again');
  expect(first.status).toBe(201);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  expect({ status: second.status, body: second.body }).toEqual({ status: first.status, body: first.body });
  expect(calls).toHaveLength(1);
});

test('the same key with another body is refused; of another member it is another key', async () => {
  await wish('mine');
  expect(await wish('mine', { wish: 'b' })).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
  expect(await wish('mine', { wish: 'b' }, 'finance')).toMatchObject({ status: 201 });
  expect(calls).toHaveLength(2);
});

test('an attempt that broke after acting is run again under the same id', async () => {
  behave = async () => {
    throw new Error('the answer was lost');
  };
  expect(await wish('crash')).toMatchObject({ status: 500 });
  expect(await wish('crash', { wish: 'changed' })).toMatchObject({
    body: { code: 'idempotency_key_reused' },
  });
  behave = async () => undefined;
  const again = await wish('crash');
  expect(again).toMatchObject({ status: 201, body: { id: calls[0] } });
  expect(calls).toEqual([calls[0], calls[0]]);
  expect((await wish('crash')).headers.get('idempotency-replayed')).toBe('true');
});

test('a refused first attempt leaves the key free; a refused second one keeps the reserved id', async () => {
  const refuseIt = async () => {
    throw new Problem('gate_not_open', 'Too early.');
  };
  behave = refuseIt;
  expect(await wish('early')).toMatchObject({ status: 409 });
  behave = async () => {
    throw new Error('lost');
  };
  expect(await wish('early', { wish: 'corrected' })).toMatchObject({ status: 500 });
  behave = refuseIt;
  expect(await wish('early', { wish: 'corrected' })).toMatchObject({ status: 409 });
  behave = async () => undefined;
  expect(await wish('early', { wish: 'corrected' })).toMatchObject({ status: 201, body: { id: calls[1] } });
  expect(calls.slice(1)).toEqual([calls[1], calls[1], calls[1]]);
});

test('an invalid body does not use the key up', async () => {
  expect(await wish('typo', { wsih: 'a' })).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  expect(await wish('typo', { wish: 'a' })).toMatchObject({ status: 201 });
});

test('concurrent duplicates that act elsewhere act under one id and get one answer', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => wish('at-once')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(new Set(calls).size).toBe(1);
});

test('concurrent duplicates that write here have one effect and get one answer', async () => {
  const key = { 'idempotency-key': 'keys-at-once' };
  const body = { name: 'twice', expiresAt: null };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.send('finance', 'POST', '/v1/api-keys', body, key)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const shown = answers.filter(({ body }) => (body as { token: string | null }).token !== null);
  expect(shown).toHaveLength(1);
  const { items } = (await api.send('finance', 'GET', '/v1/api-keys')).body as { items: { name: string }[] };
  expect(items.filter(({ name }) => name === 'twice')).toHaveLength(1);
});

test('a refused write is undone as a whole, and its key is free', async () => {
  const key = { 'idempotency-key': 'undone' };
  const refused = await api.send(
    'admin',
    'PATCH',
    `${MEMBERS}/admin`,
    { name: 'Nobody', active: false },
    key,
  );
  expect(refused.status).toBe(409);
  expect((await api.send('admin', 'GET', `${MEMBERS}/admin`)).body).toMatchObject({ name: 'admin' });
  const kept = await api.db
    .selectFrom('idempotency')
    .select('idempotency_key')
    .where('idempotency_key', '=', 'undone')
    .execute();
  expect(kept).toEqual([]);
});

test('a key is forgotten after thirty days, whether its request was finished or not', async () => {
  const keys = ['old', 'old-and-unfinished', 'young'];
  for (const key of keys) expect((await wish(key)).status).toBe(201);
  const set = (key: string, change: object) =>
    api.db.updateTable('idempotency').set(change).where('idempotency_key', '=', key).execute();
  await set('old', { created_at: new Date(Date.now() - 30.01 * 86_400_000).toISOString() });
  await set('old-and-unfinished', { created_at: '2026-01-01T00:00:00.000Z', status: null, body: null });
  await set('young', { created_at: new Date(Date.now() - 29.99 * 86_400_000).toISOString() });
  // As the worker does it, with the application's rights.
  await forgetOldKeys(api.appDb);
  calls = [];
  for (const key of keys) expect((await wish(key)).status).toBe(201);
  expect(calls).toHaveLength(2);
});
