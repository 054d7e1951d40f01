// Declared evidence, stored once and told to the thesis; and the reading of everything that is known.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PersonCommand } from '../../domain/thesis/command.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { day, storeObservations, storeThesis } from '../support/stored-thesis.ts';

let api: TestApi;
let theses = 0;
let thesisId: string;
let sent: PersonCommand[] = [];
let engineFails = false;

beforeAll(async () => {
  api = await createTestApi({
    now: () => new Date(day('11-24')),
    theses: {
      propose: async () => ({ refused: 'invalid_input', detail: 'not here' }),
      send: async (id, command) => {
        if (engineFails) throw new Error('no answer');
        sent.push(command);
        return { thesisId: id, sequence: 7 };
      },
    },
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  theses += 1;
  thesisId = `thesis-${theses}`;
  [sent, engineFails] = [[], false];
  await storeThesis(api.db, {
    thesisId,
    windows: [
      ['detect', '09-01', '10-01'],
      ['prototype', '10-01', null],
    ],
  });
  await become('prototype', 'collecting');
});

async function become(stage: string, status: string): Promise<void> {
  await api.db
    .updateTable('thesis')
    .set({ owner: 'growth-lead', view: JSON.stringify({ stage, status }) })
    .where('thesis_id', '=', thesisId)
    .execute();
}

const INTERVIEWS = {
  author: 'Claire',
  method: 'Interviews of 30 minutes',
  notes: 'Price matters more than age.',
  observations: [
    { metric: 'interviews', from: '2026-11-01', to: '2026-11-20', sum: 24 },
    { metric: 'interviews_with_need', from: '2026-11-01', to: '2026-11-20', sum: '15' },
  ],
};

function declare(body: object = INTERVIEWS, key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return api.send('growth_lead', 'POST', `/v1/theses/${thesisId}/evidence`, body, headers);
}

async function read(query = '') {
  const { status, body } = await api.send('auditor', 'GET', `/v1/theses/${thesisId}/evidence${query}`);
  expect(status).toBe(200);
  return body as {
    knownAt: string;
    next: string | null;
    items: { metric: string; sum: string; submission: object | null }[];
    table: { stage: string; problem: string | null; cells: { metric: string; sum: string }[] };
  };
}

describe('declaring', () => {
  test('stores author, method, notes and figures, and tells the thesis', async () => {
    const { status, body } = await declare();
    expect({ status, body }).toMatchObject({ status: 201, body: { observations: 2, sequence: 7 } });
    const { submission } = body as { submission: string };
    expect(sent).toEqual([
      { type: 'SubmitEvidence', submission, metrics: ['interviews', 'interviews_with_need'] },
    ]);
    const { items, table } = await read();
    expect(items[0]).toMatchObject({
      source: 'declared',
      metric: 'interviews_with_need',
      sum: '15',
      grade: 'declared',
      submission: { id: submission, author: 'Claire', method: INTERVIEWS.method, notes: INTERVIEWS.notes },
    });
    expect(table).toMatchObject({
      stage: 'prototype',
      cells: [{ metric: 'interviews', sum: '24', grade: 'declared' }, {}],
    });
  });

  test('whose answer was lost is finished by the same request, and stored once', async () => {
    engineFails = true;
    expect(await declare(INTERVIEWS, 'key-1')).toMatchObject({ status: 500 });
    engineFails = false;
    expect(await declare(INTERVIEWS, 'key-1')).toMatchObject({ status: 201 });
    expect(await declare(INTERVIEWS, 'key-1')).toMatchObject({ status: 201, body: { sequence: 7 } });
    expect(sent).toHaveLength(1);
    expect((await read()).items).toHaveLength(2);
  });

  test('names each fault by its path, and then stores nothing', async () => {
    const [first] = INTERVIEWS.observations;
    const observations = [first, { ...first, sum: '1e3' }, { ...first, rowKey: 'x' }];
    expect(await declare({ ...INTERVIEWS, observations })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'observations[1].sum' }, { path: 'observations[2].rowKey' }] },
    });
    expect(await declare({ ...INTERVIEWS, method: ' ' })).toMatchObject({ status: 422 });
    expect((await read()).items).toEqual([]);
  });

  test.each([
    ['retex', 'in_retex', 'not_in_this_stage'],
    ['retex', 'closed', 'thesis_closed'],
  ])('is refused in %s (%s), and stores nothing', async (stage, status, code) => {
    await become(stage, status);
    expect(await declare()).toMatchObject({ status: 409, body: { code } });
    expect((await read()).items).toEqual([]);
  });
});

describe('reading', () => {
  beforeEach(async () => {
    await storeObservations(api.db, thesisId, [
      { metric: 'clicks', on: '09-10', sum: '1' },
      { metric: 'clicks', on: '10-10', sum: '10' },
      { metric: 'clicks', on: '10-11', sum: '20' },
      { metric: 'clicks', on: '10-11', sum: '21', revision: 2, knownAt: '11-01' },
      { metric: 'orders', on: '10-11', sum: '2', source: 'crm' },
    ]);
  });

  test('gives the newest revision of each, and the sums of the present stage', async () => {
    const { items, table, next, knownAt } = await read();
    expect(items.map(({ metric, sum }) => `${metric} ${sum}`)).toEqual([
      'orders 2',
      'clicks 21',
      'clicks 10',
      'clicks 1',
    ]);
    expect(table.cells.map(({ metric, sum }) => `${metric} ${sum}`)).toEqual(['clicks 31', 'orders 2']);
    expect({ next, knownAt, problem: table.problem }).toEqual({
      next: null,
      knownAt: day('11-24'),
      problem: null,
    });
  });

  test('as known then, of a stage, a metric or a source', async () => {
    expect((await read(`?knownAt=${day('10-20')}`)).table.cells[0]).toMatchObject({ sum: '30' });
    const detect = await read('?stage=detect');
    expect(detect.items).toHaveLength(1);
    expect(detect.table).toMatchObject({ stage: 'detect', cells: [{ sum: '1' }] });
    expect((await read('?metric=orders')).items).toHaveLength(1);
    expect((await read('?source=crm')).items).toHaveLength(1);
  });

  test('page by page', async () => {
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Awaited<ReturnType<typeof read>> = await read(
        `?limit=1${next === '' ? '' : `&cursor=${next}`}`,
      );
      seen.push(...page.items.map(({ sum }) => sum));
      next = page.next;
    }
    expect(seen).toEqual(['2', '21', '10', '1']);
  });

  test('says why there are no sums when two currencies meet', async () => {
    await storeObservations(api.db, thesisId, [
      { metric: 'spend', on: '10-12', sum: '1', currency: 'EUR', rowKey: 'a' },
      { metric: 'spend', on: '10-12', sum: '1', currency: 'USD', rowKey: 'b' },
    ]);
    expect((await read()).table).toMatchObject({
      cells: [],
      problem: expect.stringContaining('EUR and USD'),
    });
  });

  test('a cursor of elsewhere and an unknown thesis are refused', async () => {
    const get = (path: string) => api.send('finance', 'GET', path);
    expect(await get(`/v1/theses/${thesisId}/evidence?cursor=eHg`)).toMatchObject({ status: 422 });
    expect(await get('/v1/theses/nope/evidence')).toMatchObject({ status: 404 });
  });
});
