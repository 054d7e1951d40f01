// Finance's query on real PostgreSQL: which observation belongs where, as known when, and what is never added.
// The SQL itself is kept as a golden file for review.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Db } from '../../db/connect.ts';
import {
  type EconomicsQuery,
  type GroupEconomics,
  readUnitEconomics,
  unitEconomicsQuery,
} from '../../db/unit-economics.ts';
import { decimalOf, type FigureName } from '../../domain/economics/figure.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';
import { sampleContract } from '../support/sample-contract.ts';
import { day, storeObservations, storeThesis } from '../support/stored-thesis.ts';

let database: MigratedDatabase;
let db: Db;

beforeAll(async () => {
  database = await createMigratedDatabase();
  ({ db } = database);
  await storeAll();
});

afterAll(() => database.close());

const asked = {
  thesisId: null,
  currency: null,
  knownAt: null,
  now: day('11-24'),
};

type Key = EconomicsQuery['groupBy'][number];

type Asked = Partial<Omit<EconomicsQuery, 'groupBy'>> & { readonly groupBy?: Key };

async function read(changed: Asked, from = db): Promise<readonly GroupEconomics[]> {
  const { groupBy = 'stage', ...rest } = changed;
  return (await readUnitEconomics(from, { ...asked, ...rest, groupBy: [groupBy] }))[groupBy];
}

function find(groups: readonly GroupEconomics[], key: string): GroupEconomics {
  const found = groups.find((group) => group.key === key);
  if (found === undefined) throw new Error(`no group ${key}`);
  return found;
}

function value({ economics }: GroupEconomics, name: FigureName): string | null {
  const figure = economics.figures[name];
  return 'notComputable' in figure ? figure.notComputable : decimalOf(figure);
}

/** Four theses: `lyon` refined once in prototype, `paris` beside it, `texas` in dollars, `fast` in time-lapse. */
async function storeAll(): Promise<void> {
  await storeThesis(db, {
    thesisId: 'lyon',
    windows: [
      ['detect', '09-01', '09-08'],
      ['prototype', '09-08', '09-15'],
      ['prototype', '09-15', '09-22'],
      ['measure', '09-22', null],
    ],
  });
  await storeObservations(db, 'lyon', [
    // Ends at the very instant at which detect ends: detect's.
    { metric: 'spend', on: '09-07', sum: '100' },
    { metric: 'spend', on: '09-08', sum: '200.05' },
    { metric: 'spend', on: '09-16', sum: '300', grade: 'randomised' },
    { metric: 'new_customers', on: '09-08', sum: '4' },
    { metric: 'new_customers', on: '09-16', sum: '6' },
    { metric: 'new_customers', on: '09-17', sum: null },
    // Both arms of one day count.
    { metric: 'spend', on: '09-23', sum: '40', arm: 'control' },
    { metric: 'spend', on: '09-23', sum: '60', arm: 'treatment' },
    { metric: 'new_customers', on: '09-23', sum: '5' },
    // Restated on 10-10, and on 10-20 found to be about another metric.
    { metric: 'revenue', on: '09-24', sum: '900', rowKey: 'r' },
    { metric: 'revenue', on: '09-24', sum: '500', rowKey: 'r', revision: 2, knownAt: '10-10' },
    { metric: 'market_sales', on: '09-24', sum: '500', rowKey: 'r', revision: 3, knownAt: '10-20' },
    // Before the launch: belongs to no stage.
    { metric: 'spend', on: '08-20', sum: '9999' },
    { metric: 'clicks', on: '09-09', sum: '12' },
  ]);
  await storeThesis(db, {
    thesisId: 'paris',
    windows: [
      ['detect', '09-01', '09-08'],
      ['prototype', '09-08', null],
    ],
    contract: { market: 'Paris' },
  });
  await storeObservations(db, 'paris', [
    { metric: 'spend', on: '09-09', sum: '99.95' },
    { metric: 'new_customers', on: '09-09', sum: '2' },
  ]);
  const dollars = { ...sampleContract(), currency: 'USD', portfolio: 'america', market: 'Texas' };
  await storeThesis(db, { thesisId: 'texas', windows: [['detect', '09-01', null]], contract: dollars });
  await storeObservations(db, 'texas', [
    { metric: 'spend', on: '09-02', sum: '70', currency: 'USD' },
    { metric: 'new_customers', on: '09-02', sum: '7' },
  ]);
  await storeThesis(db, {
    thesisId: 'fast',
    windows: [['detect', '11-01', null]],
    contract: { portfolio: 'rehearsal', market: 'Nowhere' },
    rate: 24,
  });
  await storeObservations(db, 'fast', [
    { metric: 'spend', on: '11-10', sum: '10' },
    { metric: 'spend', on: '11-25', sum: '1000' },
  ]);
}

describe('the SQL', () => {
  const compiled = (...groupBy: Key[]) => `${unitEconomicsQuery({ ...asked, groupBy }).compile(db).sql}\n`;
  const keys = {
    stage: `('stage', "w"."stage")`,
    portfolio: `('portfolio', "r"."portfolio")`,
    playbook: `('playbook', "r"."playbook")`,
    market: `('market', "r"."market")`,
    thesis: `('thesis', "r"."thesis_id")`,
  };

  test('by stage is the golden one', async () => {
    await expect(compiled('stage')).toMatchFileSnapshot('unit-economics.sql');
  });

  test.each(['portfolio', 'playbook', 'market', 'thesis'] as const)(
    'by %s differs in its key only',
    (groupBy) => {
      expect(compiled(groupBy)).toBe(compiled('stage').replace(keys.stage, keys[groupBy]));
    },
  );

  test('by two keys has both in the place of one', () => {
    const both = `${keys.stage}, ${keys.thesis}`;
    expect(compiled('stage', 'thesis')).toBe(compiled('stage').replace(keys.stage, both));
  });
});

describe('stages of one thesis', () => {
  test('an observation belongs to the stage in which its period ends, all rounds together', async () => {
    const stages = await read({ thesisId: 'lyon' });
    expect(stages.map(({ key, theses }) => [key, theses])).toEqual([
      ['detect', 1],
      ['prototype', 1],
      ['measure', 1],
    ]);
    expect(find(stages, 'detect').economics.stack.spend).toEqual({ metric: 'spend', value: '100' });
    expect(find(stages, 'prototype').economics.stack.spend).toEqual({ metric: 'spend', value: '500.05' });
    expect(value(find(stages, 'prototype'), 'cac')).toBe('50.005');
    expect(value(find(stages, 'measure'), 'cac')).toBe('20');
    expect(value(find(stages, 'detect'), 'cac')).toBe('missing_new_customers');
  });

  test('grade, coverage and period are those of the observations', async () => {
    const { cac } = find(await read({ thesisId: 'lyon' }), 'prototype').economics.figures;
    expect(cac).toMatchObject({
      grade: 'attributed',
      coverage: { present: 4, expected: 5, share: '0.8', from: day('09-08'), to: day('09-18') },
    });
  });

  test('all stages together', async () => {
    const [whole] = await read({ thesisId: 'lyon', groupBy: 'thesis' });
    expect(whole).toMatchObject({ key: 'lyon', theses: 1, currency: 'EUR' });
    expect(whole?.economics.stack.spend).toEqual({ metric: 'spend', value: '700.05' });
  });

  test('stages and whole come from one reading, each as it would by itself', async () => {
    const together = await readUnitEconomics(db, {
      ...asked,
      thesisId: 'lyon',
      groupBy: ['stage', 'thesis'],
    });
    expect(together.stage.map(({ key }) => key)).toEqual(['detect', 'prototype', 'measure']);
    expect(together.stage).toEqual(await read({ thesisId: 'lyon' }));
    expect(together.thesis).toEqual(await read({ thesisId: 'lyon', groupBy: 'thesis' }));
  });

  test('an unknown thesis has no stage', async () => {
    expect(await read({ thesisId: 'nobody' })).toEqual([]);
  });
});

describe('as known at an instant', () => {
  const revenueAt = async (knownAt: string | null) =>
    find(await read({ thesisId: 'lyon', knownAt }), 'measure').economics.stack.revenue;

  test('the newest revision known by then counts, whatever it says now', async () => {
    expect(await revenueAt(day('10-09'))).toEqual({ metric: 'revenue', value: '900' });
    expect(await revenueAt(day('10-10'))).toEqual({ metric: 'revenue', value: '500' });
    expect(await revenueAt(null)).toEqual({ metric: 'revenue', notComputable: 'missing_revenue' });
  });

  test('a stage not yet entered is not there', async () => {
    const stages = await read({ thesisId: 'lyon', knownAt: day('09-10') });
    expect(stages.map(({ key }) => key)).toEqual(['detect', 'prototype']);
  });

  test('before the thesis there is nothing', async () => {
    expect(await read({ knownAt: day('08-01') })).toEqual([]);
  });

  test('a thesis in time-lapse is read at its own present, not at ours', async () => {
    // Half a real day after the launch twelve of its days have passed; a whole one makes it twenty-four.
    const at = async (now: string) =>
      find(await read({ thesisId: 'fast', now }), 'detect').economics.stack.spend;
    expect(await at('2026-11-01T12:00:00.000Z')).toEqual({ metric: 'spend', value: '10' });
    expect(await at('2026-11-02T02:00:00.000Z')).toEqual({ metric: 'spend', value: '1010' });
  });

  test('thesis time does not stretch with the clock changes of the session zone', async () => {
    // New York's clocks go back within these days; the second observation is known from 01:00 UTC on.
    const options = encodeURIComponent('-c timezone=America/New_York');
    const elsewhere = connect(`${database.url}?options=${options}`);
    const at = async (now: string) =>
      find(await read({ thesisId: 'fast', now }, elsewhere), 'detect').economics.stack.spend;
    expect(await at('2026-11-02T00:59:00.000Z')).toEqual({ metric: 'spend', value: '10' });
    expect(await at('2026-11-02T01:00:00.000Z')).toEqual({ metric: 'spend', value: '1010' });
    await elsewhere.destroy();
  });
});

describe('groups', () => {
  test('add what theses spent and won, and divide once', async () => {
    const [prototype] = (await read({ currency: 'EUR' })).filter(({ key }) => key === 'prototype');
    // (500.05 + 99.95) / (10 + 2), not the mean of 50.005 and 49.975.
    expect(prototype).toMatchObject({ theses: 2, currency: 'EUR' });
    expect(prototype && value(prototype, 'cac')).toBe('50');
  });

  test('two currencies are two rows', async () => {
    const detect = (await read({})).filter(({ key }) => key === 'detect');
    expect(detect.map(({ currency, theses }) => [currency, theses])).toEqual([
      ['EUR', 3],
      ['USD', 1],
    ]);
    expect((await read({ currency: 'USD' })).map((group) => [group.key, value(group, 'cac')])).toEqual([
      ['detect', '10'],
    ]);
  });

  test('by portfolio, playbook and market', async () => {
    const keys = async (groupBy: Key) =>
      (await read({ groupBy })).map(({ key, currency, theses }) => `${key} ${currency} ${theses}`);
    expect(await keys('portfolio')).toEqual(['america USD 1', 'rehearsal EUR 1', 'subscriptions EUR 2']);
    expect(await keys('playbook')).toEqual(['cmo-cycle/1 EUR 3', 'cmo-cycle/1 USD 1']);
    expect(await keys('market')).toEqual(['Lyon EUR 1', 'Nowhere EUR 1', 'Paris EUR 1', 'Texas USD 1']);
  });
});

describe('what must not be added is not', () => {
  test("an amount in a currency that is not the thesis's makes its line unusable", async () => {
    await storeThesis(db, {
      thesisId: 'mixed',
      windows: [['detect', '09-01', null]],
      contract: { portfolio: 'mixed' },
    });
    await storeObservations(db, 'mixed', [
      { metric: 'spend', on: '09-02', sum: '10' },
      { metric: 'spend', on: '09-03', sum: '10', currency: 'USD' },
      { metric: 'new_customers', on: '09-02', sum: '1' },
    ]);
    const mixed = find(await read({ groupBy: 'portfolio' }), 'mixed');
    expect(mixed.economics.stack.spend).toEqual({ metric: 'spend', notComputable: 'other_currency' });
    expect(value(mixed, 'cac')).toBe('other_currency');
  });

  test('revenue of one thesis and costs of another make no margin', async () => {
    const contract = { portfolio: 'uneven' };
    await storeThesis(db, { thesisId: 'whole', windows: [['detect', '09-01', null]], contract });
    await storeThesis(db, { thesisId: 'costless', windows: [['detect', '09-01', null]], contract });
    await storeObservations(db, 'whole', [
      { metric: 'revenue', on: '09-02', sum: '100' },
      { metric: 'product_cost', on: '09-02', sum: '60' },
      { metric: 'spend', on: '09-02', sum: '10' },
    ]);
    await storeObservations(db, 'costless', [
      { metric: 'revenue', on: '09-02', sum: '100' },
      { metric: 'product_cost', on: '09-02', sum: null },
      { metric: 'spend', on: '09-02', sum: '10' },
    ]);
    const uneven = find(await read({ groupBy: 'portfolio' }), 'uneven');
    expect(value(uneven, 'cm1')).toBe('incomplete_group');
    expect(value(uneven, 'roas')).toBe('10');
    expect(value(find(await read({ groupBy: 'thesis' }), 'whole'), 'cm1')).toBe('40');
    expect(value(find(await read({ groupBy: 'thesis' }), 'costless'), 'cm1')).toBe('missing_product_cost');
  });

  test('theses with different lifetime-value methods have no lifetime value together', async () => {
    const economics = {
      ltv: 'margin_over_churn',
      monthlyRevenuePerCustomer: '30',
      marginRate: '0.4',
      monthlyChurn: '0.05',
    } as const;
    const windows = [['detect', '09-01', null]] as const;
    await storeThesis(db, { thesisId: 'naive', windows, contract: { portfolio: 'methods', economics } });
    const alone = find(await read({ groupBy: 'portfolio' }), 'methods');
    expect(value(alone, 'ltv')).toBe('240');
    await storeThesis(db, { thesisId: 'horizon', windows, contract: { portfolio: 'methods' } });
    const together = find(await read({ groupBy: 'portfolio' }), 'methods');
    expect(together.economics.method).toBeNull();
    expect(value(together, 'ltv')).toBe('methods_differ');
  });
});

describe('restatements', () => {
  test('a restatement that moves a figure into another stage leaves nothing of it behind', async () => {
    await storeThesis(db, {
      thesisId: 'moved',
      windows: [
        ['detect', '09-01', '09-08'],
        ['prototype', '09-08', null],
      ],
      contract: { portfolio: 'moved' },
    });
    await storeObservations(db, 'moved', [
      { metric: 'spend', on: '09-02', sum: '70', rowKey: 'a' },
      { metric: 'spend', on: '09-12', sum: '70', rowKey: 'a', revision: 2, knownAt: '09-20' },
      // Out of all stages, and back in, as a value that is missing.
      { metric: 'revenue', on: '09-03', sum: '30', rowKey: 'b' },
      { metric: 'revenue', on: '08-03', sum: '30', rowKey: 'b', revision: 2, knownAt: '09-20' },
      { metric: 'revenue', on: '09-03', sum: null, rowKey: 'b', revision: 3, knownAt: '09-25' },
    ]);
    const sums = async (knownAt: string | null) => {
      const stages = await read({ thesisId: 'moved', knownAt });
      return ['detect', 'prototype'].map((stage) => {
        const { stack, coverage } = find(stages, stage).economics;
        const values = [stack.spend, stack.revenue].map((line) => ('value' in line ? line.value : null));
        return [...values, coverage?.present, coverage?.expected];
      });
    };
    expect(await sums(day('09-19'))).toEqual([
      ['70', '30', 2, 2],
      [null, null, 0, 0],
    ]);
    expect(await sums(day('09-24'))).toEqual([
      [null, null, 0, 0],
      ['70', null, 1, 1],
    ]);
    expect(await sums(null)).toEqual([
      [null, null, 0, 1],
      ['70', null, 1, 1],
    ]);
  });

  test('rows of two sources under one key are two, each at its own revision', async () => {
    await storeThesis(db, {
      thesisId: 'sources',
      windows: [['detect', '09-01', null]],
      contract: { portfolio: 'sources' },
    });
    const row = { metric: 'spend', on: '09-02', rowKey: 'r' } as const;
    await storeObservations(db, 'sources', [
      { ...row, source: 'ads', sum: '10' },
      { ...row, source: 'ads', sum: '12', revision: 2, knownAt: '09-20' },
      { ...row, source: 'ads', sum: '11', revision: 3, knownAt: '10-10' },
      { ...row, source: 'shop', sum: '100' },
      { ...row, source: 'shop', sum: '200', revision: 2, knownAt: '10-01' },
      { ...row, source: 'ads', rowKey: 's', sum: '1000' },
    ]);
    const spend = async (knownAt: string | null) =>
      find(await read({ thesisId: 'sources', knownAt }), 'detect').economics.stack.spend;
    expect(await spend(day('09-19'))).toMatchObject({ value: '1110' });
    expect(await spend(day('09-20'))).toMatchObject({ value: '1112' });
    expect(await spend(day('10-01'))).toMatchObject({ value: '1212' });
    expect(await spend(null)).toMatchObject({ value: '1211' });
  });
});
