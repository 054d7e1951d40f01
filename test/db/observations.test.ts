// Evidence in PostgreSQL: appended once, restated beside what was known, and summed as a stage saw it.
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { type Arrival, appendObservations } from '../../db/observation-append.ts';
import { type EvidenceQuery, MixedCurrencies, readDailySeries, readEvidence } from '../../db/observations.ts';
import { cell, type Observation } from '../../domain/evidence.ts';
import { METRICS, type Metric } from '../../domain/metric.ts';
import { checkObservation } from '../../domain/observation/check.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';
import { day, storeThesis } from '../support/stored-thesis.ts';

let database: MigratedDatabase;
let db: Db;
let theses = 0;
let thesisId: string;

beforeAll(async () => {
  database = await createMigratedDatabase();
  ({ db } = database);
});
afterAll(() => database.close());
beforeEach(async () => {
  theses += 1;
  thesisId = `thesis-${theses}`;
  await storeThesis(db, {
    thesisId,
    windows: [
      ['detect', '09-01', '09-10'],
      ['prototype', '09-10', '09-20'],
      ['prototype', '09-20', null],
    ],
  });
});

type Row = { metric?: Metric; on: string; to?: string; sum?: string; arm?: string } & Record<string, unknown>;

/** A day's figure; of clicks, unless it says otherwise. */
function row({ metric = 'clicks', on, to, ...fields }: Row): Observation {
  const end = to ?? new Date(Date.parse(day(on)) + 86_400_000).toISOString();
  const currency = METRICS[metric].unit === 'currency' ? { currency: 'EUR' } : {};
  const rules = {
    currency: String(fields.currency ?? 'EUR'),
    now: day('12-31'),
    evidence: 'measured',
  } as const;
  const checked = checkObservation({ metric, from: day(on), to: end, ...currency, ...fields }, rules);
  if (Array.isArray(checked)) throw new Error(JSON.stringify(checked));
  return checked;
}

/** Three baskets of 10, 20 and 30, whose buyers spent 5, 10 and 18 before. */
const BASKET = {
  ...{ n: '3', sum: '60', sumSquares: '1400' },
  covariate: { sum: '33', sumSquares: '449', sumOfProducts: '790' },
};
/** Of the same baskets without what was spent before, as release 0.1.0 stored it. */
const HASH_OF_0_1_0 = 'db73fa0034e3bc6b26b93c40da460b8dff4e046599efc470d7ed4f4f52d0246d';

function append(rows: readonly Observation[], changed: Partial<Arrival> = {}) {
  return appendObservations(db, { thesisId, source: 'push', knownAt: day('10-01'), ...changed }, rows);
}

function read(changed: Partial<EvidenceQuery> = {}) {
  return readEvidence(db, { thesisId, stage: 'prototype', asOf: day('10-01'), ...changed });
}

async function revisions(rowKey: string) {
  return await db
    .selectFrom('observation')
    .select(['revision', 'sum', 'known_at'])
    .where('thesis_id', '=', thesisId)
    .where('row_key', '=', rowKey)
    .orderBy('revision')
    .execute();
}

describe('appending', () => {
  test('tells new rows from known and restated ones, and keeps every revision', async () => {
    const [first, second] = [row({ on: '09-11', sum: '10' }), row({ on: '09-12', sum: '20' })];
    expect(await append([first, second])).toEqual({ accepted: 2, unchanged: 0, restated: 0, conflicts: [] });
    expect(await append([first, second])).toEqual({ accepted: 0, unchanged: 2, restated: 0, conflicts: [] });
    const restated = row({ on: '09-12', sum: '21' });
    expect(await append([first, restated], { knownAt: day('10-05') })).toMatchObject({
      unchanged: 1,
      restated: 1,
    });
    expect(await revisions(second.rowKey)).toEqual([
      { revision: 1, sum: '20', known_at: day('10-01') },
      { revision: 2, sum: '21', known_at: day('10-05') },
    ]);
  });

  test('keeps sources apart', async () => {
    await append([row({ on: '09-11', sum: '10' })]);
    expect(await append([row({ on: '09-11', sum: '10' })], { source: 'crm' })).toMatchObject({ accepted: 1 });
  });

  test('a key that comes again in one call restates in the order of the rows', async () => {
    const rows = ['10', '10', '11', '10'].map((sum) => row({ on: '09-11', sum }));
    expect(await append(rows)).toMatchObject({ accepted: 1, unchanged: 1, restated: 2 });
    expect((await revisions(rows[0]?.rowKey ?? '')).map(({ sum }) => sum)).toEqual(['10', '11', '10']);
  });

  test('a key of another metric is refused, and the rest kept', async () => {
    const clicks = row({ on: '09-11', sum: '10', rowKey: 'r1' });
    const orders = row({ metric: 'orders', on: '09-11', sum: '3', rowKey: 'r1' });
    expect(await append([clicks, orders, row({ on: '09-12', sum: '1' })])).toEqual({
      accepted: 2,
      unchanged: 0,
      restated: 0,
      conflicts: [1],
    });
  });

  test('another covariate restates a row, and one without keeps the hash it has always had', async () => {
    const basket = (fields: object) => row({ metric: 'average_basket', on: '09-11', ...BASKET, ...fields });
    const without = basket({ covariate: null });
    expect(await append([without])).toMatchObject({ accepted: 1 });
    expect(await append([basket({}), basket({})])).toMatchObject({ restated: 1, unchanged: 1 });
    const more = { ...BASKET.covariate, sumOfProducts: '789.00000000000000000001' };
    expect(await append([basket({ covariate: more })])).toMatchObject({ restated: 1 });
    const stored = await db
      .selectFrom('observation')
      .select(['content_hash', 'covariate_sum', 'covariate_sum_squares', 'covariate_sum_of_products'])
      .where('thesis_id', '=', thesisId)
      .orderBy('revision')
      .execute();
    expect(stored.map(({ content_hash: _, ...covariate }) => Object.values(covariate))).toEqual([
      [null, null, null],
      ['33', '449', '790'],
      ['33', '449', '789.00000000000000000001'],
    ]);
    expect(stored[0]?.content_hash.toString('hex')).toBe(HASH_OF_0_1_0);
  });

  test('a covariate in part is refused by the database too', async () => {
    const basket = row({ metric: 'average_basket', on: '09-11', ...BASKET });
    await append([basket]);
    const part = sql`insert into observation (thesis_id, source, row_key, revision, metric, period_from, period_to, n,
        sum, sum_squares, covariate_sum, grade, finality, content_hash, known_at)
      select thesis_id, source, row_key, 2, metric, period_from, period_to, n, sum, sum_squares, 1, grade, finality,
        content_hash, known_at from observation where thesis_id = ${thesisId}`;
    await expect(part.execute(db)).rejects.toThrow('observation_covariate');
  });

  test('a late retry is not known before what it revises', async () => {
    await append([row({ on: '09-11', sum: '10' })], { knownAt: day('10-05') });
    await append([row({ on: '09-11', sum: '9' })], { knownAt: day('10-02') });
    const known = await revisions(row({ on: '09-11', sum: '9' }).rowKey);
    expect(known.map((one) => one.known_at)).toEqual([day('10-05'), day('10-05')]);
  });

  test('many writers of one source lose and double nothing', async () => {
    const rows = Array.from({ length: 40 }, (_, n) =>
      row({ on: '09-11', sum: String(n), rowKey: `k${n % 20}` }),
    );
    const reports = await Promise.all(Array.from({ length: 8 }, () => append(rows)));
    const total = (name: 'accepted' | 'unchanged' | 'restated') =>
      reports.reduce((sum, report) => sum + report[name], 0);
    expect(total('accepted')).toBe(20);
    expect(total('accepted') + total('unchanged') + total('restated')).toBe(320);
    const stored = await db
      .selectFrom('observation')
      .select(({ fn }) => fn.countAll<string>().as('rows'))
      .where('thesis_id', '=', thesisId)
      .executeTakeFirstOrThrow();
    expect(Number(stored.rows)).toBe(20 + total('restated'));
  });

  test('a hundred thousand rows take seconds', { timeout: 120_000 }, async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => row({ on: '09-11', sum: '1', rowKey: `k${n}` }));
    const began = performance.now();
    expect(await append(rows)).toMatchObject({ accepted: 100_000 });
    expect(performance.now() - began).toBeLessThan(60_000);
    const table = await read();
    expect(cell(table, 'clicks')).toMatchObject({ sum: '100000', observations: 100_000 });
  });
});

describe('reading a stage', () => {
  test('sums by metric, over all and by arm, with the weakest grade', async () => {
    await append([
      row({ on: '09-11', sum: '10', arm: 'control', grade: 'randomised' }),
      row({ on: '09-12', sum: '20', arm: 'treatment', grade: 'randomised' }),
      row({ on: '09-13', sum: '0.5' }),
      row({ on: '09-14', missing: 'no_access' }),
      row({ metric: 'average_basket', on: '09-11', n: '2', sum: '30', sumSquares: '500', arm: 'control' }),
      row({ metric: 'average_basket', on: '09-12', n: '1', sum: '20', sumSquares: '400', arm: 'control' }),
    ]);
    const { cells } = await read();
    expect(cells.map(({ metric, arm }) => `${metric}/${arm}`)).toEqual([
      'average_basket/',
      'average_basket/control',
      'clicks/',
      'clicks/control',
      'clicks/treatment',
    ]);
    expect(cells[1]).toEqual({
      metric: 'average_basket',
      arm: 'control',
      n: '3',
      sum: '50',
      sumSquares: '900',
      currency: 'EUR',
      grade: 'attributed',
      observations: 2,
      missing: 0,
      from: day('09-11'),
      to: day('09-13'),
    });
    expect(cells[2]).toMatchObject({ n: null, sum: '30.5', currency: null, observations: 3, missing: 1 });
    expect([cells[2], cells[3]].map((one) => one?.grade)).toEqual(['attributed', 'randomised']);
  });

  test('a period is of the stage in which it ends, all rounds, up to the moment asked', async () => {
    await append([
      row({ on: '09-09', sum: '1' }),
      row({ on: '09-10', sum: '10' }),
      row({ on: '09-20', sum: '100' }),
      row({ on: '09-30', sum: '1000' }),
      row({ on: '10-01', sum: '10000' }),
    ]);
    expect(cell(await read({ stage: 'detect' }), 'clicks')?.sum).toBe('1');
    expect(cell(await read(), 'clicks')?.sum).toBe('1110');
    expect(cell(await read({ since: day('09-20') }), 'clicks')?.sum).toBe('1100');
    expect(cell(await read({ stage: 'scale' }), 'clicks')).toBeNull();
  });

  test('reads what was known then, and a row that was moved only where it is now', async () => {
    await append([row({ on: '09-11', sum: '10', rowKey: 'a' }), row({ on: '09-12', sum: '5', rowKey: 'b' })]);
    await append(
      [row({ on: '09-11', sum: '12', rowKey: 'a' }), row({ on: '09-05', sum: '5', rowKey: 'b' })],
      {
        knownAt: day('10-05'),
      },
    );
    expect(cell(await read({ asOf: day('10-04') }), 'clicks')?.sum).toBe('15');
    expect(cell(await read({ asOf: day('10-05') }), 'clicks')?.sum).toBe('12');
    expect(cell(await read({ asOf: day('09-30') }), 'clicks')).toBeNull();
  });

  test('a level is its newest figure, of the whole before a part, and never a missing one', async () => {
    const reach = (on: string, fields: object) => row({ metric: 'reach', on, ...fields });
    await append([
      reach('09-11', { sum: '500' }),
      reach('09-12', { sum: '300', arm: 'control' }),
      reach('09-12', { sum: '900' }),
      reach('09-12', { sum: '700', channel: 'search' }),
      reach('09-13', { missing: 'privacy_threshold' }),
    ]);
    const table = await read();
    expect(cell(table, 'reach')).toMatchObject({ sum: '900', observations: 1, missing: 1 });
    expect(cell(table, 'reach', 'control')).toMatchObject({ sum: '300' });
  });

  test('only missing values: nothing is observed', async () => {
    await append([row({ on: '09-11', missing: 'no_access' })]);
    expect(cell(await read(), 'clicks')).toMatchObject({ sum: '0', observations: 0, missing: 1 });
  });

  test('two currencies of one metric are an error with its name', async () => {
    const spend = (currency: string) =>
      row({ metric: 'spend', on: '09-11', sum: '1', currency, rowKey: currency });
    await append([spend('EUR'), spend('USD')]);
    await expect(read()).rejects.toThrow(MixedCurrencies);
    await expect(read()).rejects.toMatchObject({ metric: 'spend', currencies: ['EUR', 'USD'] });
  });
});

describe('reading by day', () => {
  test('sums each arm of each day in which periods end', async () => {
    await append([
      row({ on: '09-11', sum: '1', arm: 'control', channel: 'search' }),
      row({ on: '09-11', sum: '2', arm: 'control', channel: 'social' }),
      row({ on: '09-11', to: '2026-09-11T13:00:00.000Z', sum: '4', arm: 'treatment' }),
      row({ on: '09-12', sum: '8', arm: 'treatment' }),
      row({ on: '09-12', sum: '100' }),
      row({ metric: 'nps', on: '09-12', n: '3', sum: '1', sumSquares: '3', arm: 'control' }),
    ]);
    const query = { thesisId, stage: 'prototype', asOf: day('10-01') } as const;
    const series = await readDailySeries(db, { ...query, metrics: ['clicks', 'nps'] });
    const empty = { n: null, sumSquares: null, covariate: null };
    expect(series).toEqual([
      { metric: 'clicks', arm: 'control', day: '2026-09-11', sum: '3', ...empty },
      { metric: 'clicks', arm: 'treatment', day: '2026-09-11', sum: '4', ...empty },
      { metric: 'clicks', arm: 'treatment', day: '2026-09-12', sum: '8', ...empty },
      {
        metric: 'nps',
        arm: 'control',
        day: '2026-09-12',
        n: '3',
        sum: '1',
        sumSquares: '3',
        covariate: null,
      },
    ]);
    expect(await readDailySeries(db, { ...query, metrics: [] })).toEqual([]);
  });

  test('sums covariates beside, and of how many of the units they are', async () => {
    const basket = (channel: string, fields: object) =>
      row({ metric: 'average_basket', on: '09-11', arm: 'control', channel, ...BASKET, ...fields });
    const { covariate: _, ...unknown } = BASKET;
    await append([
      basket('search', {}),
      basket('social', {}),
      row({ ...unknown, metric: 'average_basket', on: '09-11', arm: 'control', channel: 'email' }),
    ]);
    const query = { thesisId, stage: 'prototype', asOf: day('10-01') } as const;
    expect(await readDailySeries(db, { ...query, metrics: ['average_basket'] })).toEqual([
      {
        ...{ metric: 'average_basket', arm: 'control', day: '2026-09-11' },
        ...{ n: '9', sum: '180', sumSquares: '4200' },
        covariate: {
          n: expect.stringMatching(/^6(\.0+)?$/),
          sum: expect.stringMatching(/^66(\.0+)?$/),
          sumSquares: expect.stringMatching(/^898(\.0+)?$/),
          sumOfProducts: expect.stringMatching(/^1580(\.0+)?$/),
        },
      },
    ]);
  });
});
