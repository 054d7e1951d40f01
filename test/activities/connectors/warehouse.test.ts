// The warehouse connector against a real PostgreSQL: what it reads, where it resumes, what it cannot be made to do, and
// what it says when it fails.
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import {
  ConnectorError,
  type MetricQuery,
  type Page,
  type PullRequest,
} from '../../../activities/connectors/port.ts';
import {
  openWarehouse,
  planWindows,
  type WarehouseOptions,
} from '../../../activities/connectors/warehouse.ts';
import type { Metric } from '../../../domain/metric.ts';
import { CLICKS, createTestWarehouse, SPEND, type TestWarehouse } from '../../support/warehouse.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const DAYS: MetricQuery = { metric: 'clicks', from: '2026-11-01T00:00:00.000Z', to: NOW };

const REQUEST: PullRequest = {
  metrics: [{ metric: 'clicks', from: DAYS.from }],
  to: NOW,
  parameters: { campaign: "o'clock" },
  currency: 'EUR',
  now: NOW,
  finalBy: '2026-11-10T00:00:00.000Z',
};

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await createTestWarehouse();
});
afterAll(async () => {
  await warehouse.drop();
});
beforeEach(async () => {
  await warehouse.run('truncate visits');
  await warehouse.run(
    `insert into visits select day, arm, campaign, 100, 12.34
     from generate_series(date '2026-11-20', '2026-11-24', '1 day') day,
       unnest(array['control', 'treatment']) arm, unnest(array['o''clock', 'other']) campaign`,
  );
});

async function pages(
  changed: Partial<WarehouseOptions> = {},
  { query = DAYS, after = null, request = REQUEST } = {} as {
    query?: MetricQuery;
    after?: string | null;
    request?: PullRequest;
  },
): Promise<Page[]> {
  const { settings, password } = warehouse;
  const source = openWarehouse({ settings, password, queries: [CLICKS, SPEND], ...changed });
  try {
    const read: Page[] = [];
    const { signal } = new AbortController();
    for await (const page of source.pages(query, request, after, { signal })) read.push(page);
    return read;
  } finally {
    await source.close();
  }
}

async function failure(sql: string, changed: Partial<WarehouseOptions> = {}): Promise<ConnectorError> {
  const outcome = await pages({ queries: [{ ...CLICKS, sql }], ...changed }).catch((error: unknown) => error);
  if (outcome instanceof ConnectorError) return outcome;
  throw new Error('it was expected to fail', { cause: outcome });
}

describe('reading', () => {
  test('gives closed days as observations, graded and final by their age', async () => {
    const read = await pages();
    expect(read).toHaveLength(1);
    const rows = read[0]?.rows ?? [];
    expect(rows.map(({ from, arm }) => `${from.slice(8, 10)} ${arm}`)).toEqual(
      ['20', '21', '22', '23'].flatMap((day) => [`${day} control`, `${day} treatment`]),
    );
    expect(rows[0]).toMatchObject({
      metric: 'clicks',
      to: '2026-11-21T00:00:00.000Z',
      value: { sum: '100', currency: null },
      grade: 'randomised',
      finality: 'provisional',
    });
    const aged = await pages({}, { request: { ...REQUEST, finalBy: '2026-11-21T00:00:00.000Z' } });
    expect(aged[0]?.rows.map(({ finality }) => finality).slice(0, 4)).toEqual([
      'final',
      'final',
      'provisional',
      'provisional',
    ]);
  });

  test('keeps every digit of an amount', async () => {
    await warehouse.run(`insert into visits values ('2026-11-20', 'control', 'x', 0, 1234567890.01)`);
    const read = await pages({}, { query: { ...DAYS, metric: 'spend' } });
    expect(read[0]?.rows[0]?.value).toMatchObject({ sum: '1234567939.37', currency: 'EUR' });
  });

  test('takes floating-point sums, times without zone and keys of the source', async () => {
    const sql = `select timestamp '2026-11-20 00:00' as period_from, timestamptz '2026-11-20 12:00+02' as period_to,
        0.1::float8 + 0.2 as sum, 'a-1' as row_key where :from::date < :to::date`;
    const [page] = await pages({ queries: [{ ...CLICKS, sql }] });
    expect(page?.rows).toEqual([
      expect.objectContaining({
        rowKey: 'clicks:a-1',
        from: '2026-11-20T00:00:00.000Z',
        to: '2026-11-20T10:00:00.000Z',
        value: { n: null, sum: '0.3', sumSquares: null, currency: null },
      }),
    ]);
  });

  test('takes the covariate of a sample from columns of its own, whole or not at all', async () => {
    const query = (covariate: string) => ({
      metric: 'nps' as const,
      sql: `select date '2026-11-20' as day, 4 as n, 1 as sum, 3 as sum_squares${covariate}
        where :from::date < :to::date`,
    });
    const nps = { query: { ...DAYS, metric: 'nps' } } as const;
    const columns = ', 0.5::float8 as covariate_sum, 2 as covariate_sum_squares';
    const whole = query(`${columns}, 1.5::numeric(4, 2) as covariate_sum_of_products`);
    const [page] = await pages({ queries: [whole] }, nps);
    expect(page?.rows[0]?.value).toMatchObject({
      ...{ n: '4', sum: '1' },
      covariate: { sum: '0.5', sumSquares: '2', sumOfProducts: '1.5' },
    });
    const none = query(`, null::int as covariate_sum, null::int as covariate_sum_squares,
      null::int as covariate_sum_of_products`);
    expect((await pages({ queries: [none] }, nps))[0]?.rows[0]?.value).not.toHaveProperty('covariate');
    await expect(pages({ queries: [query(columns)] }, nps)).rejects.toMatchObject({
      kind: 'contract_broken',
      message: expect.stringContaining('covariate.sumOfProducts: Required'),
    });
  });

  test('pages in the order of keys, and resumes after any page', async () => {
    const whole = (await pages({ pageRows: 100 })).flatMap(({ rows }) => rows);
    const paged = await pages({ pageRows: 3 });
    expect(paged.length).toBeGreaterThan(2);
    expect(paged.flatMap(({ rows }) => rows)).toEqual(whole);
    for (const [index, { next }] of paged.entries()) {
      const after = paged.slice(index + 1).flatMap(({ rows }) => rows);
      if (next === null) expect(index).toBe(paged.length - 1);
      else expect((await pages({ pageRows: 3 }, { after: next })).flatMap(({ rows }) => rows)).toEqual(after);
    }
  });
});

describe('planning', () => {
  test('splits each metric into windows of whole days that meet', () => {
    const metrics: { metric: Metric; from: string }[] = [
      { metric: 'clicks', from: '2026-09-01T08:00:00.000Z' },
      { metric: 'spend', from: '2026-11-20T00:00:00.000Z' },
    ];
    expect(planWindows({ ...REQUEST, metrics })).toEqual([
      { metric: 'clicks', from: '2026-09-01T00:00:00.000Z', to: '2026-10-02T00:00:00.000Z' },
      { metric: 'clicks', from: '2026-10-02T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' },
      { metric: 'clicks', from: '2026-11-02T00:00:00.000Z', to: NOW },
      { metric: 'spend', from: '2026-11-20T00:00:00.000Z', to: NOW },
    ]);
    expect(planWindows({ ...REQUEST, metrics, to: '2026-09-01T00:00:00.000Z' })).toEqual([]);
  });
});

const PERIOD = 'where :from::date < :to::date';

describe('what it cannot be made to do', () => {
  test.each([
    ['write', `with gone as (delete from visits returning 1) select 1 as sum from gone ${PERIOD}`],
    ['run a second statement', `select 1 as sum ${PERIOD}) as figures; delete from visits; select (1`],
    [
      'turn writing on',
      `select set_config('transaction_read_only', 'off', false) as arm, 1 as sum ${PERIOD}`,
    ],
    ['read what its role may not', `select password as arm, 1 as sum from secrets ${PERIOD}`],
  ])('%s', async (_, sql) => {
    const { kind } = await failure(sql);
    expect(['invalid_request', 'forbidden']).toContain(kind);
    expect(await warehouse.run('select count(*)::int as rows from visits')).toEqual([{ rows: 20 }]);
  });

  test('have a parameter taken for SQL', async () => {
    const campaign = "x' or true; delete from visits; --";
    expect(await pages({}, { request: { ...REQUEST, parameters: { campaign } } })).toEqual([
      { rows: [], next: null },
    ]);
  });
});

describe('a role that may do more than read is not used', () => {
  test.each([
    ['change a table', 'grant update on visits to', 'revoke update on visits from', 'write to tables'],
    [
      'read files',
      'grant pg_read_server_files to',
      'revoke pg_read_server_files from',
      'administer its server',
    ],
  ])('to %s', async (_, give, take, what) => {
    await warehouse.run(`${give} ${warehouse.settings.user}`);
    const error = await failure(CLICKS.sql);
    await warehouse.run(`${take} ${warehouse.settings.user}`);
    expect(error).toMatchObject({ kind: 'forbidden', message: expect.stringContaining(`could ${what}`) });
    expect((await pages())[0]?.rows).toHaveLength(8);
  });

  test('nor one that owns the server', async () => {
    const { username, password } = new URL(inject('postgresUrl'));
    const settings = { ...warehouse.settings, user: username };
    const error = await failure(CLICKS.sql, { settings, password: decodeURIComponent(password) });
    expect(error).toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('administer its server'),
    });
  });
});

describe('what it says when it fails', () => {
  const SECRET = 'hunter2';
  const loop = `select day, 1 as sum from generate_series(1, 1e9) n, (select date '2026-11-20' as day) d ${PERIOD}`;

  test.each([
    [
      'a table that is not there',
      `select 1 from nowhere ${PERIOD}`,
      'invalid_request',
      /reading clicks.*42P01/,
    ],
    ['a syntax error', `select from where ${PERIOD}`, 'invalid_request', /SQLSTATE 42/],
    [
      'a value that does not fit',
      `select '${SECRET}'::int as sum ${PERIOD}`,
      'invalid_request',
      /SQLSTATE 22P02/,
    ],
    ['a parameter without a value', `select 1 as sum ${PERIOD} and :other = ''`, 'invalid_request', /:other/],
    [
      'a column that is none',
      `select distinct day, 1 as summ from visits ${PERIOD}`,
      'contract_broken',
      /summ: Not a column/,
    ],
    ['no period', `select 1 as sum ${PERIOD}`, 'contract_broken', /period_from: Must be a date/],
    [
      'a text for a sum',
      `select day, '${SECRET}' as sum from visits ${PERIOD} limit 1`,
      'contract_broken',
      /sum: Must/,
    ],
    ['a row twice', `select day, 1 as sum from visits ${PERIOD}`, 'contract_broken', /gives one row twice/],
  ] as const)('%s', async (_, sql, kind, message) => {
    const error = await failure(sql);
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(error.message).not.toContain(SECRET);
  });

  test('one row twice across two pages, and across a resumption', async () => {
    const sql = `select distinct on (day, n) day, n as sum from visits, generate_series(1, 2) n ${PERIOD}`;
    for (const pageRows of [1, 2, 3]) {
      expect(await failure(sql, { pageRows })).toMatchObject({ kind: 'contract_broken' });
    }
    const query = { ...CLICKS, sql: `select day, 1 as sum, 'k' as row_key from visits ${PERIOD}` };
    const after = '["k", "2026-11-20", "", "", "", "", ""]';
    await expect(pages({ queries: [query] }, { after })).rejects.toThrow('gives one row twice');
  });

  test('too many rows, before any is taken', async () => {
    const settings = { ...warehouse.settings, rowCap: 7 };
    const error = await failure(CLICKS.sql, { settings, pageRows: 2 });
    expect(error).toMatchObject({ kind: 'too_large', message: expect.stringContaining('more than 7 rows') });
  });

  test('a query that takes too long', async () => {
    const settings = { ...warehouse.settings, statementTimeout: 'PT1S', rowCap: 1_000_000_000 };
    expect(await failure(loop, { settings })).toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('longer than the connection allows'),
    });
  });

  test.each([
    ['a wrong password', { password: SECRET }, {}, 'auth_revoked'],
    ['a database that is not there', {}, { database: 'nowhere' }, 'not_found'],
    ['nobody at the port', {}, { port: 1 }, 'transient'],
    ['no TLS where it is asked for', {}, { tls: 'verified' }, 'forbidden'],
  ] as const)('%s', async (_, options, settings, kind) => {
    const error = await failure(CLICKS.sql, { ...options, settings: { ...warehouse.settings, ...settings } });
    expect(error.kind).toBe(kind);
    expect(error.message).not.toMatch(new RegExp(`${SECRET}|${warehouse.settings.user}`));
  });
});
