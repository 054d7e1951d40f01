// What finance gets over HTTP: promised against observed, groups, JSON and CSV, and who may ask.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupedEconomicsSchema, thesisEconomicsSchema } from '../../api/schemas/unit-economics.ts';
import { ROLE_NAMES } from '../../domain/role.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { sampleContract } from '../support/sample-contract.ts';
import { day, sealContract, storeObservations, storeThesis } from '../support/stored-thesis.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ now: () => new Date(day('11-24')) });
  await storeLyon();
  await storeThesis(api.db, {
    thesisId: 'formula',
    windows: [['detect', '09-01', null]],
    contract: { portfolio: '=cmd|calc', market: 'Saint-Étienne, "Loire"' },
  });
});

afterAll(async () => {
  await api.close();
});

/** Detected, prototyped and, on 10-15, killed in measure: 11,000 EUR for 250 customers there, 12,000 for 300 promised. */
async function storeLyon(): Promise<void> {
  const { db } = api;
  await storeThesis(db, {
    thesisId: 'lyon',
    windows: [
      ['detect', '09-01', '09-08'],
      ['prototype', '09-08', '09-22'],
      ['measure', '09-22', null],
    ],
  });
  await storeObservations(db, 'lyon', [
    { metric: 'spend', on: '09-10', sum: '1500' },
    { metric: 'spend', on: '10-01', sum: '11000' },
    { metric: 'new_customers', on: '10-01', sum: '250' },
    { metric: 'revenue', on: '10-01', sum: '20000' },
  ]);
  const amended = sampleContract({ version: 2, businessCase: {} });
  await sealContract(db, 'lyon', amended, day('10-20'));
  await db
    .insertInto('thesis_event')
    .values({
      thesis_id: 'lyon',
      sequence: 1,
      type: 'ThesisKilled',
      at: day('10-15'),
      actor: 'jalon',
      command_id: null,
      data: JSON.stringify({ type: 'ThesisKilled', stage: 'measure', by: 'votes', reason: 'CAC too high' }),
      previous_hash: Buffer.alloc(32),
      hash: Buffer.alloc(32),
    })
    .execute();
}

async function get(path: string, headers?: Record<string, string>) {
  return await api.send('finance', 'GET', path, undefined, headers);
}

async function ofLyon(query = '') {
  const { status, body } = await get(`/v1/theses/lyon/unit-economics${query}`);
  expect(status).toBe(200);
  const economics = thesisEconomicsSchema.parse(body);
  // Nothing is answered that the documentation does not name.
  expect(economics).toEqual(body);
  return economics;
}

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('a thesis', () => {
  test('each stage: promised, observed, and the difference', async () => {
    const { stages, contractVersion } = await ofLyon(`?knownAt=${day('10-16')}`);
    expect(contractVersion).toBe(1);
    expect(stages.map(({ stage, entered, forecast }) => [stage, entered, forecast !== null])).toEqual([
      ['detect', true, false],
      ['prototype', true, false],
      ['measure', true, true],
      ['scale', false, true],
    ]);
    const measure = stages[2];
    expect(measure?.forecast?.figures.cac).toMatchObject({
      value: eur('40'),
      definition: 'cac/1',
      grade: 'declared',
    });
    expect(measure?.observed.figures.cac).toMatchObject({ value: eur('44'), grade: 'attributed' });
    expect(measure?.difference).toEqual({
      spend: { definition: 'difference/1', value: eur('-1000') },
      cac: { definition: 'difference/1', value: eur('4') },
      cm3: { definition: 'difference/1', notComputable: 'missing_product_cost' },
    });
    expect(stages[0]?.difference.spend).toMatchObject({ notComputable: 'missing_spend' });
  });

  test('all stages together, and what the kill saved, against the contract of that day', async () => {
    const { total, moneyNotSpent, definitions } = await ofLyon(`?knownAt=${day('10-16')}`);
    expect(total.stack.spend).toEqual({ metric: 'spend', value: '12500' });
    expect(total.figures.cac).toMatchObject({ value: eur('50') });
    expect(moneyNotSpent).toEqual({
      definition: 'money_not_spent/1',
      amount: eur('100000'),
      stages: [{ stage: 'scale', planned: eur('100000'), basis: 'envelope' }],
      spent: eur('12500'),
    });
    expect(definitions['cac/1']).toBe('spend / new_customers');
  });

  test('before the kill nothing was saved; after the amendment the new contract counts', async () => {
    expect((await ofLyon(`?knownAt=${day('10-14')}`)).moneyNotSpent).toBeNull();
    const now = await ofLyon();
    expect(now).toMatchObject({ contractVersion: 2, knownAt: null });
    expect(now.stages.every(({ forecast }) => forecast === null)).toBe(true);
    expect(now.stages[2]?.difference.cac).toMatchObject({ notComputable: 'no_forecast' });
  });

  test('that does not exist, or did not yet, is 404', async () => {
    expect(await get('/v1/theses/nobody/unit-economics')).toMatchObject({
      status: 404,
      body: { code: 'thesis_unknown' },
    });
    expect(await get(`/v1/theses/lyon/unit-economics?knownAt=${day('08-01')}`)).toMatchObject({
      status: 404,
    });
  });

  test('as CSV: a row for each stage and basis', async () => {
    const { headers, body } = await get(`/v1/theses/lyon/unit-economics?format=csv&knownAt=${day('10-16')}`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe('attachment; filename="unit-economics-lyon.csv"');
    const table = records(body);
    expect(table.map(({ stage, basis, spend, cac }) => [stage, basis, spend, cac])).toEqual([
      ['detect', 'observed', '', ''],
      ['prototype', 'observed', '1500', ''],
      ['measure', 'forecast', '12000', '40'],
      ['measure', 'observed', '11000', '44'],
      ['measure', 'difference', '-1000', '4'],
      ['scale', 'forecast', '150000', '37.5'],
      ['scale', 'observed', '', ''],
      ['scale', 'difference', '', ''],
      ['all', 'observed', '12500', '50'],
    ]);
    expect(table[4]?.not_computable).toBe('cm3=missing_product_cost');
    expect(table[3]?.not_computable).toContain('cm1=missing_product_cost');
  });
});

describe('groups', () => {
  test('by stage unless said otherwise, and exactly as documented', async () => {
    const { body } = await get('/v1/unit-economics');
    const answer = groupedEconomicsSchema.parse(body);
    expect(answer).toEqual(body);
    expect(answer.groups.map(({ key, theses }) => [key, theses])).toEqual([
      ['detect', 2],
      ['prototype', 1],
      ['measure', 1],
    ]);
  });

  test('of one currency', async () => {
    expect(await get('/v1/unit-economics?currency=USD')).toMatchObject({ status: 200, body: { groups: [] } });
  });

  test('as CSV by Accept, with names that spreadsheets cannot run', async () => {
    const { headers, body } = await get('/v1/unit-economics?groupBy=portfolio', { accept: 'text/csv' });
    expect(headers.get('vary')).toBe('Accept');
    expect(records(body).map(({ portfolio, theses, cac }) => [portfolio, theses, cac])).toEqual([
      ["'=cmd|calc", '1', ''],
      ['subscriptions', '1', '50'],
    ]);
    const byMarket = await get('/v1/unit-economics?groupBy=market&format=csv');
    expect(byMarket.body).toContain('\r\n"Saint-Étienne, ""Loire""",EUR,1,');
  });

  test.each([
    ['*/*', 'application/json'],
    ['application/json, text/csv;q=0.5', 'application/json'],
    ['text/html, text/csv;q=0.9, */*;q=0.1', 'text/csv; charset=utf-8; header=present'],
  ])('Accept: %s answers %s', async (accept, type) => {
    const { headers } = await get('/v1/unit-economics', { accept });
    expect(headers.get('content-type')).toBe(type);
  });

  test.each([
    ['groupBy=colour', 'query.groupBy'],
    ['knownAt=yesterday', 'query.knownAt'],
    ['currency=euro', 'query.currency'],
    ['format=pdf', 'query.format'],
  ])('%s is refused by name', async (query, path) => {
    const answer = await get(`/v1/unit-economics?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_input', errors: [{ path }] } });
  });
});

test('every role reads, nobody without a key', async () => {
  for (const path of ['/v1/unit-economics', '/v1/theses/lyon/unit-economics']) {
    for (const role of ROLE_NAMES) expect(await api.send(role, 'GET', path)).toMatchObject({ status: 200 });
    expect(await api.send(null, 'GET', path)).toMatchObject({ status: 401 });
  }
});

/** The rows of a CSV answer without quoted cells, by column. */
function records(body: unknown): Record<string, string>[] {
  const [header, ...lines] = String(body).trimEnd().split('\r\n');
  const columns = header?.split(',') ?? [];
  return lines.map((line) => {
    const cells = line.split(',');
    expect(cells).toHaveLength(columns.length);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}
