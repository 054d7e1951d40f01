// Pushing evidence in bulk: row by row, by its line, once, exact to the digit, and only by those who may.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, createTestApi, type TestApi } from '../support/api.ts';
import { day, storeThesis } from '../support/stored-thesis.ts';

let api: TestApi;
let theses = 0;
let thesisId: string;

const CRM = {
  id: 'crm',
  kind: 'push',
  connection: null,
  metrics: ['orders'],
  parameters: {},
  stages: ['detect'],
  required: true,
  maximumStaleness: 'P2D',
} as const;

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(day('11-24')) });
});
afterAll(() => api.close());
beforeEach(async () => {
  theses += 1;
  thesisId = `thesis-${theses}`;
  await storeThesis(api.db, {
    thesisId,
    windows: [['detect', '09-01', null]],
    contract: { sources: [CRM, { ...CRM, id: 'shop', kind: 'warehouse', connection: 'shop' }] },
  });
  await api.db
    .updateTable('thesis')
    .set({ owner: 'growth-lead' })
    .where('thesis_id', '=', thesisId)
    .execute();
});

function clicks(on: number, fields: object = {}) {
  const from = `2026-10-${String(on).padStart(2, '0')}`;
  return { metric: 'clicks', from, to: `2026-10-${String(on + 1).padStart(2, '0')}`, sum: '10', ...fields };
}

function push(
  body: string | readonly object[],
  changed: { type?: string; query?: string; as?: 'admin' } = {},
) {
  const { type = 'application/json', query = `thesis=${thesisId}`, as = 'growth_lead' } = changed;
  return api.send(as, 'POST', `/v1/observations?${query}`, body, { 'content-type': type });
}

function ndjson(lines: readonly (object | string)[], changed = {}): Promise<Answer> {
  const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return push(body, { type: 'application/x-ndjson; charset=utf-8', ...changed });
}

async function stored() {
  return await api.db
    .selectFrom('observation')
    .select(['source', 'row_key', 'revision', 'sum', 'known_at'])
    .where('thesis_id', '=', thesisId)
    .orderBy('observation_id')
    .execute();
}

describe('rows', () => {
  test('of an array and of NDJSON are the same rows, stored once', async () => {
    const rows = [clicks(1), clicks(2, { rowKey: 'second' })];
    expect(await push(rows)).toMatchObject({
      status: 200,
      body: { accepted: 2, unchanged: 0, restated: 0, rejected: 0, errors: [] },
    });
    expect((await ndjson([...rows, clicks(1, { sum: '11' })])).body).toMatchObject({
      unchanged: 2,
      restated: 1,
    });
    expect(await stored()).toEqual([
      expect.objectContaining({ source: 'push', revision: 1, sum: '10', known_at: day('11-24') }),
      expect.objectContaining({ row_key: 'second', revision: 1 }),
      expect.objectContaining({ revision: 2, sum: '11' }),
    ]);
  });

  test('with faults are named by line, and stop no other', async () => {
    const { status, body } = await ndjson([
      clicks(1),
      '',
      '{"metric": "clicks", ',
      clicks(2, { metric: 'ctr' }),
      '\ufeff[]',
      clicks(3, { sum: '-1', arm: 7 }),
      'x'.repeat(70_000),
      clicks(4),
    ]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accepted: 2, rejected: 5 });
    const { errors } = body as { errors: { line: number; path: string; message: string }[] };
    expect(errors.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '3 $',
      '4 metric',
      '5 $',
      '6 sum',
      '7 $',
    ]);
  });

  test('under a key of another metric are refused by their line', async () => {
    const orders = clicks(1, { metric: 'orders', rowKey: 'k' });
    expect((await push([clicks(1, { rowKey: 'k' }), clicks(2), orders])).body).toEqual({
      accepted: 2,
      unchanged: 0,
      restated: 0,
      rejected: 1,
      errors: [{ line: 3, path: 'rowKey', message: expect.stringContaining('another metric') }],
    });
  });

  test('keep every digit of a JSON number', async () => {
    const row = JSON.stringify(clicks(1, { metric: 'spend', currency: 'EUR', sum: 0 }));
    await push(`[${row.replace('"sum":0', '"sum":12345678901234567890.12')}]`);
    expect(await stored()).toEqual([expect.objectContaining({ sum: '12345678901234567890.12' })]);
  });

  test('carry a covariate whole, exact and possible, or are named by its field', async () => {
    const covariate = { sum: 33, sumSquares: 449, sumOfProducts: 790 };
    const basket = { metric: 'average_basket', currency: 'EUR', n: 3, sum: '60', sumSquares: '1400' };
    const exact = JSON.stringify(clicks(1, { ...basket, covariate })).replace(
      '790',
      '790.00000000000000000001',
    );
    const { sumOfProducts: _, ...part } = covariate;
    const { body } = await ndjson([
      exact,
      clicks(2, { ...basket, covariate: part }),
      clicks(3, { ...basket, covariate: { ...covariate, sumSquares: 10 } }),
      clicks(4, { ...basket, covariate: { ...covariate, sumOfProducts: 8000 } }),
      clicks(5, { covariate }),
    ]);
    expect(body).toMatchObject({ accepted: 1, rejected: 4 });
    const { errors } = body as { errors: { line: number; path: string }[] };
    expect(errors.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '2 covariate.sumOfProducts',
      '3 covariate.sumSquares',
      '4 covariate.sumOfProducts',
      '5 covariate',
    ]);
    const seen = await api.send('auditor', 'GET', `/v1/theses/${thesisId}/evidence`);
    expect(seen.body).toMatchObject({
      items: [{ covariate: { sum: '33', sumSquares: '449', sumOfProducts: '790.00000000000000000001' } }],
    });
    await push([clicks(6)]);
    const latest = await api.send('auditor', 'GET', `/v1/theses/${thesisId}/evidence?metric=clicks`);
    expect(latest.body).toMatchObject({ items: [{ metric: 'clicks', covariate: null }] });
  });

  test('of a source of the thesis are kept under it', async () => {
    expect(await push([clicks(1)], { query: `thesis=${thesisId}&source=crm` })).toMatchObject({
      status: 200,
    });
    expect(await stored()).toEqual([expect.objectContaining({ source: 'crm' })]);
  });

  test('report the first thousand faults and count them all', async () => {
    const { body } = await ndjson(Array.from({ length: 1_200 }, () => '{'));
    expect(body).toMatchObject({ accepted: 0, rejected: 1_200 });
    expect((body as { errors: unknown[] }).errors).toHaveLength(1_000);
  });
});

describe('a stream', () => {
  const encoder = new TextEncoder();

  /** Sends the chunks one by one, and fails at the end when it is told to. */
  function stream(chunks: Iterable<Uint8Array>, breaks = false): Promise<Response> {
    const source = chunks[Symbol.iterator]();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = source.next();
        if (!next.done) controller.enqueue(next.value);
        else if (breaks) controller.error(new Error('the client went away'));
        else controller.close();
      },
    });
    const headers = {
      authorization: `Bearer ${api.tokens.growth_lead}`,
      'content-type': 'application/x-ndjson',
    };
    const init = { method: 'POST', headers, body, duplex: 'half' } as const;
    return Promise.resolve(api.app.request(`/v1/observations?thesis=${thesisId}`, init));
  }

  test('may be cut anywhere, inside characters too', async () => {
    const bytes = encoder.encode(
      `${JSON.stringify(clicks(1, { channel: 'réseau' }))}\n${JSON.stringify(clicks(2))}`,
    );
    const response = await stream(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    expect(await response.json()).toMatchObject({ accepted: 2, rejected: 0 });
  });

  test('that breaks off keeps whole chunks, and is sent again without doubling', async () => {
    const rows = Array.from(
      { length: 1_500 },
      (_, n) => `${JSON.stringify(clicks(1, { rowKey: `k${n}` }))}\n`,
    );
    const response = await stream(
      rows.map((row) => encoder.encode(row)),
      true,
    );
    expect(response.status).toBe(400);
    expect(await stored()).toHaveLength(1_000);
    expect((await ndjson(rows.map((row) => row.trim()))).body).toMatchObject({
      accepted: 500,
      unchanged: 1_000,
    });
  });

  test('of more than 100,000 rows is taken up to there, and the rest refused', {
    timeout: 120_000,
  }, async () => {
    function* rows() {
      for (let n = 0; n < 100_002; n += 1)
        yield encoder.encode(`${JSON.stringify(clicks(1, { rowKey: `k${n}` }))}\n`);
    }
    const response = await stream(rows());
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      code: 'body_too_large',
      detail: expect.stringMatching(/before line 100001 were taken \(100000 accepted/),
    });
    expect(await stored()).toHaveLength(100_000);
  });
});

describe('a request', () => {
  test.each([
    ['of another type', '[]', { type: 'text/csv' }, 415, 'unsupported_media_type'],
    ['that is not JSON', '[', {}, 400, 'malformed_request'],
    ['that is not an array', '{}', {}, 422, 'invalid_input'],
    ['for no thesis', '[]', { query: '' }, 422, 'invalid_input'],
    ['for an unknown thesis', '[]', { query: 'thesis=nope' }, 404, 'thesis_unknown'],
  ])('%s', async (_, body, changed, status, code) => {
    expect(await push(body, changed)).toMatchObject({ status, body: { code } });
  });

  test.each(['shop', 'nope', 'declared'])('for the source %s, which is not pushed', async (source) => {
    expect(await push([clicks(1)], { query: `thesis=${thesisId}&source=${source}` })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'query.source' }] },
    });
  });

  test('is for the owner and administrators', async () => {
    expect(await push([clicks(1)], { as: 'admin' })).toMatchObject({ status: 200 });
    await api.db.updateTable('thesis').set({ owner: 'somebody' }).where('thesis_id', '=', thesisId).execute();
    expect(await push([clicks(1)])).toMatchObject({ status: 403, body: { code: 'not_owner' } });
  });
});
