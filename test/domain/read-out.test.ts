// Reading out a threshold: its five states, each with the number, the bound and the words for both.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CriterionState } from '../../domain/criterion.ts';
import { figureFor } from '../../domain/read-out/figure.ts';
import { readCriterion } from '../../domain/read-out.ts';
import { euros } from '../support/small-contract.ts';
import { evidenceOf, type Observed, threshold } from './read-out-fixture.ts';

const ctr = (clicks: string, impressions = '10000'): Observed => ({ clicks, impressions });
const atLeast = (bound: string) => ({ comparison: 'at_least', bound }) as const;
const atMost = (bound: string) => ({ comparison: 'at_most', bound }) as const;

describe('a threshold', () => {
  const floor = threshold('ctr', atLeast('0.02'), { minimumSample: 1_000, minimumAge: 'P3D' });

  test('passes on its bound and fails below it, naming metric, number, bound and grade', () => {
    const passed = readCriterion(floor, evidenceOf(ctr('200')), 0);
    expect(passed).toMatchObject({
      state: 'pass',
      observed: '0.02',
      bound: '0.02',
      sample: 10_000,
      grade: 'attributed',
      breach: null,
      brokenInARow: 0,
    });
    expect(passed.reason).toBe(
      'Click-through rate (CTR) is 0.02 (>= 0.02 wanted, n = 10000, attributed): pass.',
    );
    expect(readCriterion(floor, evidenceOf(ctr('199')), 0)).toMatchObject({
      state: 'fail',
      breach: 'hard',
      brokenInARow: 1,
    });
  });

  test('at most passes on its bound and fails above it', () => {
    const ceiling = threshold('baskets_abandoned', atMost('10'));
    const state = (lost: string) => readCriterion(ceiling, evidenceOf({ baskets_abandoned: lost }), 0).state;
    expect([state('10'), state('11')]).toEqual(['pass', 'fail']);
  });

  test('is inconclusive below its sample, its age and its grade, however the number looks', () => {
    for (const clicks of ['1', '100']) {
      const small = readCriterion(floor, evidenceOf(ctr(clicks, '999')), 0);
      expect(small).toMatchObject({ state: 'inconclusive', breach: null, brokenInARow: 0 });
      expect(small.reason).toContain('below the minimum sample of 1000');
    }
    const young = evidenceOf(ctr('1'), { elapsed: 3 * 86_400_000 - 1 });
    expect(readCriterion(floor, young, 0)).toMatchObject({ state: 'inconclusive' });
    expect(readCriterion(floor, evidenceOf(ctr('1'), { elapsed: 3 * 86_400_000 }), 0).state).toBe('fail');
  });

  test('asks for its grade above the spend that it names', () => {
    const graded = (aboveSpend?: string) =>
      threshold('ctr', atLeast('0.02'), {
        minimumGrade: {
          grade: 'randomised',
          ...(aboveSpend === undefined ? {} : { aboveSpend: euros(aboveSpend) }),
        },
      });
    const read = (aboveSpend?: string) => readCriterion(graded(aboveSpend), evidenceOf(ctr('300')), 0);
    expect(read()).toMatchObject({ state: 'inconclusive' });
    expect(read().reason).toContain('attributed evidence, where randomised is required');
    expect(read('99').state).toBe('inconclusive');
    expect(read('100').state).toBe('pass');
  });

  test('has no data without its parts, or with nothing to divide by: never a zero in their place', () => {
    expect(readCriterion(floor, evidenceOf({ clicks: '5' }), 0)).toMatchObject({
      state: 'no_data',
      observed: null,
      bound: '0.02',
      grade: null,
      reason: 'Click-through rate (CTR): no Impressions has been observed.',
    });
    expect(readCriterion(floor, evidenceOf(ctr('0', '0')), 0).state).toBe('no_data');
  });

  test('is an error when the evidence cannot be read, also with a number at hand', () => {
    const broken = evidenceOf(ctr('300'), { error: 'EUR and USD in one stage' });
    expect(readCriterion(floor, broken, 2)).toMatchObject({
      state: 'error',
      observed: null,
      brokenInARow: 0,
      reason: 'Click-through rate (CTR): EUR and USD in one stage.',
    });
  });
});

describe('fails when broken N times in a row', () => {
  const patient = threshold('ctr', atLeast('0.02'), { failures: 3, minimumSample: 1_000 });

  test('and is inconclusive until then', () => {
    const broken = evidenceOf(ctr('100'));
    expect(readCriterion(patient, broken, 0)).toMatchObject({ state: 'inconclusive', brokenInARow: 1 });
    const second = readCriterion(patient, broken, 1);
    expect(second).toMatchObject({ state: 'inconclusive', breach: null, brokenInARow: 2 });
    expect(second.reason).toContain('Broken 2 of 3 times in a row.');
    expect(readCriterion(patient, broken, 2)).toMatchObject({
      state: 'fail',
      breach: 'hard',
      brokenInARow: 3,
    });
  });

  test('and anything else begins the count anew', () => {
    for (const observed of [ctr('300'), ctr('1', '999'), {}]) {
      expect(readCriterion(patient, evidenceOf(observed), 2).brokenInARow).toBe(0);
    }
  });
});

describe('a guardrail', () => {
  test('is breached softly up to its hard bound, and hard beyond it', () => {
    const cac = threshold('cac', { ...atMost('40'), hardBound: '55' }, { role: 'guardrail' });
    const read = (spend: string) => readCriterion(cac, evidenceOf({ spend, new_customers: '100' }), 0);
    expect(read('4000')).toMatchObject({ state: 'pass', breach: null, sample: 100 });
    expect(read('4001')).toMatchObject({ state: 'fail', breach: 'soft' });
    expect(read('5500')).toMatchObject({ state: 'fail', breach: 'soft' });
    expect(read('5501')).toMatchObject({ state: 'fail', breach: 'hard' });
    const margin = threshold('ctr', { ...atLeast('0.02'), hardBound: '0.01' }, { role: 'guardrail' });
    expect(readCriterion(margin, evidenceOf(ctr('150')), 0).breach).toBe('soft');
    expect(readCriterion(margin, evidenceOf(ctr('99')), 0).breach).toBe('hard');
  });
});

describe('with confidence', () => {
  const sure = threshold('ctr', { ...atLeast('0.02'), confidence: 0.95 });

  test('a share passes above, fails below and is inconclusive across its bound', () => {
    const state = (clicks: string) => readCriterion(sure, evidenceOf(ctr(clicks)), 0).state;
    expect([state('250'), state('210'), state('190'), state('150')]).toEqual([
      'pass',
      'inconclusive',
      'inconclusive',
      'fail',
    ]);
  });

  test('a mean does too, by its sums', () => {
    const basket = threshold('willingness_to_pay', { ...atLeast('25'), confidence: 0.95 });
    // 100 answers with a standard deviation of 5: half an interval is 0.83.
    const of = (mean: number) => {
      const sumSquares = String(100 * mean * mean + 99 * 25);
      return evidenceOf({ willingness_to_pay: { n: '100', sum: String(100 * mean), sumSquares } });
    };
    const state = (mean: number) => readCriterion(basket, of(mean), 0).state;
    expect([state(25.9), state(25.5), state(24.5), state(24.1)]).toEqual([
      'pass',
      'inconclusive',
      'inconclusive',
      'fail',
    ]);
  });

  test('a figure without an interval gets no verdict', () => {
    const nps = threshold('nps', { ...atLeast('0'), confidence: 0.95 });
    const states = [
      { nps: { n: '1', sum: '1', sumSquares: '1' } },
      { nps: { n: '40', sum: '30', sumSquares: null } },
    ].map((observed) => readCriterion(nps, evidenceOf(observed), 0).state);
    expect(states).toEqual(['inconclusive', 'inconclusive']);
    // More clicks than impressions, or fewer than none after a restatement: sums that no share can have.
    for (const observed of [ctr('30', '20'), ctr('-3')]) {
      expect(readCriterion(sure, evidenceOf(observed), 0).state).toBe('inconclusive');
    }
  });

  test('of one half compares the share itself', () => {
    const even = threshold('ctr', { ...atLeast('0.02'), confidence: 0.5 });
    const states = ['200', '199'].map((clicks) => readCriterion(even, evidenceOf(ctr(clicks)), 0).state);
    expect(states).toEqual(['pass', 'fail']);
  });

  test('more confidence never turns a missing verdict into one', () => {
    const clicks = fc.integer({ min: 0, max: 500 });
    const level = fc.double({ min: 0.5, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(clicks, level, level, (count, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const state = (confidence: number): CriterionState =>
          readCriterion(threshold('ctr', { ...atLeast('0.02'), confidence }), evidenceOf(ctr(`${count}`)), 0)
            .state;
        if (state(less) === 'inconclusive') expect(state(more)).toBe('inconclusive');
        if (state(more) !== 'inconclusive') expect(state(less)).toBe(state(more));
      }),
    );
  });
});

describe('the figure of a metric', () => {
  test('is formed as the catalogue says, with its sample and the weakest grade of its parts', () => {
    const { clicks, impressions } = {
      clicks: '30',
      impressions: { sum: '1000', grade: 'declared' as const },
    };
    expect(figureFor('ctr', evidenceOf({ clicks, impressions }))).toEqual({
      value: '0.03',
      sample: 1_000,
      grade: 'declared',
      interval: null,
    });
    expect(figureFor('clicks', evidenceOf({ clicks }))).toMatchObject({ value: '30', sample: 30 });
    expect(figureFor('reach', evidenceOf({ reach: '5000' }))).toMatchObject({ value: '5000', sample: 10 });
    const nps = { n: '40', sum: '10', sumSquares: '30' };
    expect(figureFor('nps', evidenceOf({ nps }))).toMatchObject({ value: '0.25', sample: 40 });
    expect(figureFor('nps', evidenceOf({ nps: { ...nps, n: '0' } }))).toContain('has no units');
  });

  test('of economics counts customers, and without a value says why', () => {
    const observed = { spend: '3000', new_customers: '100' };
    expect(figureFor('cac', evidenceOf(observed))).toMatchObject({
      value: '30',
      sample: 100,
      interval: null,
    });
    expect(figureFor('cac', evidenceOf({ spend: '3000' }))).toBe(
      'not computable. The number of new customers is not known.',
    );
  });
});

test('a payback that never comes breaks its bound: a verdict on known inputs, not missing data', () => {
  const payback = threshold('payback', atMost('12'), { minimumSample: 50 });
  const losing = (customers: string): Observed => ({
    spend: '3000',
    new_customers: customers,
    orders: '100',
    revenue: '1000',
    product_cost: '2000',
    fulfilment_cost: '0',
    payment_fees: '0',
    service_cost: '0',
  });
  const read = readCriterion(payback, evidenceOf(losing('60')), 0);
  expect(read).toMatchObject({ state: 'fail', breach: 'hard', observed: null, bound: '12', sample: 60 });
  expect(read.reason).toContain('never paid back');
  expect(readCriterion(payback, evidenceOf(losing('40')), 0).state).toBe('inconclusive');
  const unknown = evidenceOf({ spend: '3000', new_customers: '60' });
  expect(readCriterion(payback, unknown, 0).state).toBe('no_data');
});
