// Failures: each reason has one status and one form, and what is no reason tells nothing.
import { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain, orRefuse, PROBLEM_CODES, Problem, REFUSAL_STATUS } from '../../api/problem.ts';
import { jsonAnswer, jsonBody, route } from '../../api/route.ts';
import { EngineUnavailable } from '../../api/theses-port.ts';
import { connect } from '../../db/connect.ts';
import { REFUSALS, refuse } from '../../domain/refusal.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let fault: () => unknown;

const answer = { 200: jsonAnswer(z.object({}), 'Nothing.') };

beforeAll(async () => {
  api = await createTestApi();
  api.app.openapi(
    route({ method: 'get', path: '/v1/broken', summary: 'Throws', roles: 'public', responses: answer }),
    () => {
      throw fault();
    },
  );
  const body = z.strictObject({ list: z.array(z.strictObject({ count: z.number() })) });
  api.app.openapi(
    route({
      method: 'post',
      path: '/v1/strict',
      summary: 'Takes a strict body',
      roles: ['admin'],
      maximumBody: 1_000,
      request: { body: jsonBody(body) },
      responses: answer,
    }),
    (c) => c.json({}, 200),
  );
});
afterAll(() => api.close());

const thrown = (error: unknown) => {
  fault = () => error;
  return api.send(null, 'GET', '/v1/broken');
};

test('every code has a client or server status, a title and a hint', () => {
  for (const code of PROBLEM_CODES) {
    const { status, title, hint } = explain(code);
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
    expect(title.length * hint.length, code).toBeGreaterThan(0);
  }
  expect(new Set(PROBLEM_CODES).size).toBe(PROBLEM_CODES.length);
  expect(Object.keys(REFUSAL_STATUS)).toEqual(Object.keys(REFUSALS));
  expect(Math.max(...Object.values(REFUSAL_STATUS))).toBeLessThan(500);
});

test.each(PROBLEM_CODES)('%s is answered as a problem document', async (code) => {
  const { status, title } = explain(code);
  const sent = await thrown(new Problem(code, 'Why.'));
  expect(sent.status).toBe(status);
  expect(sent.headers.get('content-type')).toBe('application/problem+json');
  const requestId = sent.headers.get('x-request-id');
  expect(sent.body).toMatchObject({
    type: `urn:jalon:problem:${code}`,
    title,
    status,
    detail: 'Why.',
    code,
    instance: `urn:uuid:${requestId}`,
  });
});

test('a refusal of the domain keeps its fields', async () => {
  fault = () => {
    try {
      return orRefuse<object>(refuse('playbook_invalid', 'Two faults.', [{ path: 'a.b[0]', message: 'no' }]));
    } catch (problem) {
      return problem;
    }
  };
  const sent = await api.send(null, 'GET', '/v1/broken');
  expect(sent).toMatchObject({ status: 422, body: { errors: [{ path: 'a.b[0]', message: 'no' }] } });
});

describe('what went wrong on our side', () => {
  test('answers 500 that tells only the request id, and is logged', async () => {
    const sent = await thrown(new TypeError('password of alice is hunter2'));
    expect(sent).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(JSON.stringify(sent.body)).not.toContain('hunter2');
    const requestId = sent.headers.get('x-request-id') ?? '';
    expect(api.logged.filter((line) => line.includes(requestId)).join('')).toContain('hunter2');
  });

  test('answers 503 and when to come back, when the engine is away', async () => {
    const sent = await thrown(new EngineUnavailable('no answer'));
    expect(sent).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(sent.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('answers 503 when PostgreSQL is away', async () => {
    const db = connect('postgres://nobody@127.0.0.1:1/none');
    const away = await createTestApi({ db });
    const sent = await away.send('admin', 'GET', '/v1/members');
    expect(sent).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await db.destroy();
    await away.close();
  });
});

describe('what came in wrong', () => {
  const strict = (body: unknown, headers: Record<string, string> = {}) =>
    api.send('admin', 'POST', '/v1/strict', body, headers);

  test('malformed JSON answers 400', async () => {
    expect(await strict('{"list": [')).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
  });

  test('another format answers 415', async () => {
    const sent = await strict('<list/>', { 'content-type': 'application/xml' });
    expect(sent).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  test('a body over the limit answers 413, whether or not it says its length', async () => {
    const long = JSON.stringify({ list: [], padding: 'x'.repeat(2_000) });
    const told = await strict(long, { 'content-length': String(long.length) });
    expect(told).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(await strict(long)).toMatchObject({ status: 413 });
  });

  test('each wrong field is named by its JSON path', async () => {
    const sent = await strict({ list: [{ count: 1 }, { count: 'two', cuont: 2 }], other: true });
    expect(sent).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    const { errors } = sent.body as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['list[1].count', 'list[1].cuont', 'other']);
  });

  test.each(['/v1/theses?cursor=YSZi', '/v1/theses/a%00b', '/v1/members/%E0%A4%A'])(
    'a value that nobody can read (%s) is no fault of ours',
    async (path) => {
      const { status } = await api.send('admin', 'GET', path);
      expect([400, 404, 422]).toContain(status);
    },
  );

  test('an address that does not exist answers 404', async () => {
    expect(await api.send('admin', 'GET', '/v1/nowhere')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });
});
