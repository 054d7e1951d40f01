// A row is an observation only when every field is sound and its sums are possible; what is wrong is named by field.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRIC_NAMES, METRICS } from '../../../domain/metric.ts';
import { checkObservation, type ObservationRules, readInstant } from '../../../domain/observation/check.ts';

const RULES: ObservationRules = { currency: 'EUR', now: '2026-11-24T12:00:00.000Z', evidence: 'measured' };
const PERIOD = { from: '2026-11-23', to: '2026-11-24' };
const CLICKS = { ...PERIOD, metric: 'clicks', sum: '41' };
const BASKET = {
  ...PERIOD,
  metric: 'average_basket',
  n: '3',
  sum: '60',
  sumSquares: '1400',
  currency: 'EUR',
};

function faults(row: unknown, rules: Partial<ObservationRules> = {}): string[] {
  const checked = checkObservation(row, { ...RULES, ...rules });
  return Array.isArray(checked) ? checked.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('a sound row', () => {
  test('is read with its defaults, and its key made from what it is about', () => {
    expect(checkObservation(CLICKS, RULES)).toEqual({
      rowKey: '["clicks","2026-11-23T00:00:00.000Z","2026-11-24T00:00:00.000Z",null,null,null]',
      metric: 'clicks',
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-24T00:00:00.000Z',
      arm: null,
      channel: null,
      market: null,
      value: { n: null, sum: '41', sumSquares: null, currency: null },
      grade: 'attributed',
      finality: 'provisional',
    });
  });

  test('keeps decimals exact, in one spelling', () => {
    const checked = checkObservation(
      { ...PERIOD, metric: 'spend', sum: '012345678901234567.8900', currency: 'EUR', rowKey: 'day-1' },
      RULES,
    );
    expect(checked).toMatchObject({
      rowKey: 'day-1',
      value: { sum: '12345678901234567.89', currency: 'EUR' },
    });
    expect(checkObservation({ ...CLICKS, sum: 41 }, RULES)).toMatchObject({ value: { sum: '41' } });
  });

  test.each([
    ['a sample', BASKET],
    ['a refund', { ...PERIOD, metric: 'revenue', sum: '-12.5', currency: 'EUR' }],
    ['a negative effect', { ...PERIOD, metric: 'lift', sum: '-0.02' }],
    ['a level with its units', { ...PERIOD, metric: 'reach', sum: '1000', n: '1000' }],
    ['a survey of -1, 0 and 1', { ...PERIOD, metric: 'nps', n: '4', sum: '-2', sumSquares: '4' }],
    ['a missing value', { ...PERIOD, metric: 'clicks', missing: 'privacy_threshold' }],
    ['a period under way', { ...CLICKS, from: '2026-11-24', to: '2026-11-25' }],
    [
      'squares that only rounding contradicts',
      { ...BASKET, n: '3', sum: '0.3', sumSquares: '0.0299999999999' },
    ],
  ])('%s', (_, row) => {
    expect(faults(row)).toEqual([]);
  });
});

describe('a row with a fault', () => {
  test.each([
    ['not an object', [1], '$: Must be an object.'],
    ['an unknown field', { ...CLICKS, sum_squares: '1' }, 'sum_squares: This field is not known.'],
    ['an unknown metric', { ...CLICKS, metric: 'klicks' }, 'metric: No metric has this name'],
    ['a ratio', { ...CLICKS, metric: 'ctr' }, 'metric: ctr is a ratio: send clicks and impressions instead.'],
    ['a figure', { ...CLICKS, metric: 'cac' }, 'metric: cac is computed from other sums'],
    ['no value', { ...PERIOD, metric: 'clicks' }, 'sum: Required for clicks, which is a count.'],
    ['a field of another form', { ...CLICKS, n: '2' }, 'n: Not a part of clicks, which is a count.'],
    ['an exponent', { ...CLICKS, sum: '1e3' }, 'sum: Must be a decimal'],
    ['a number too large to be exact', { ...CLICKS, sum: 1e21 }, 'sum: Must be a decimal'],
    ['a number that is none', { ...CLICKS, sum: Number.NaN }, 'sum: Must be a decimal'],
    ['a negative count', { ...CLICKS, sum: '-1' }, 'sum: clicks cannot be negative.'],
    ['negative units', { ...BASKET, n: '-3' }, 'n: Must be a whole number'],
    ['half a unit', { ...BASKET, n: '2.5' }, 'n: Must be a whole number'],
    ['impossible squares', { ...BASKET, sumSquares: '1199' }, 'sumSquares: Contradicts n and sum'],
    ['a sum of no units', { ...BASKET, n: '0' }, 'sumSquares: Contradicts n and sum'],
    ['squares of no units', { ...BASKET, n: '0', sum: '0' }, 'sumSquares: Of no units it is 0.'],
    [
      'a score out of range',
      { ...PERIOD, metric: 'nps', n: '4', sum: '5', sumSquares: '25' },
      'sum: Each unit of nps',
    ],
    ['no currency', { ...BASKET, currency: undefined }, 'currency: Required for average_basket'],
    ['another currency', { ...BASKET, currency: 'USD' }, 'currency: The thesis is kept in EUR'],
    ['a currency of no money', { ...CLICKS, currency: 'EUR' }, 'currency: clicks is not an amount of money.'],
    ['a missing value with a sum', { ...CLICKS, missing: 'no_access' }, 'missing: A missing value has no n'],
    ['an unknown reason', { ...PERIOD, metric: 'clicks', missing: 'lost' }, 'missing: Must be one of'],
    ['no zone', { ...CLICKS, from: '2026-11-23T00:00:00' }, 'from: Must be an ISO 8601 date'],
    ['a day that is none', { ...CLICKS, to: '2026-11-31' }, 'to: Must be an ISO 8601 date'],
    ['an empty period', { ...CLICKS, to: '2026-11-23' }, 'to: Must be after `from`'],
    [
      'a period not begun',
      { ...CLICKS, from: '2026-11-25', to: '2026-11-26' },
      'from: The period has not begun',
    ],
    ['an empty arm', { ...CLICKS, arm: '' }, 'arm: Must be a text of 1 to 64'],
    ['a NUL in a channel', { ...CLICKS, channel: 'se\u0000a' }, 'channel: Must be a text'],
    ['half a character', { ...CLICKS, market: '\ud800' }, 'market: Must be a text'],
    ['a declared grade', { ...CLICKS, grade: 'declared' }, 'grade: Declared evidence has an author'],
    ['an unknown finality', { ...CLICKS, finality: 'done' }, 'finality: Must be one of'],
  ])('%s', (_, row, expected) => {
    expect(faults(row)).toEqual([expect.stringContaining(expected)]);
  });

  test('has all its faults named at once, and none of its values repeated', () => {
    const found = faults({ metric: 'clicks', from: 'monday', to: 'secret', sum: 'hunter2' });
    expect(found).toHaveLength(3);
    expect(found.join()).not.toMatch(/monday|secret|hunter2/);
  });

  test('declared evidence is graded so, whatever it says', () => {
    expect(checkObservation(CLICKS, { ...RULES, evidence: 'declared' })).toMatchObject({
      grade: 'declared',
      finality: 'final',
    });
    expect(faults({ ...CLICKS, rowKey: 'k', finality: 'final' }, { evidence: 'declared' })).toHaveLength(2);
    expect(faults({ ...CLICKS, grade: 'randomised' }, { evidence: 'declared' })).toEqual([
      'grade: What people declare has the grade declared.',
    ]);
  });
});

test('every metric of the catalogue either takes sums or says what to send instead', () => {
  for (const metric of METRIC_NAMES) {
    const { form } = METRICS[metric].shape;
    const currency = METRICS[metric].unit === 'currency' ? 'EUR' : null;
    const sample = form === 'sample' ? { n: '1', sum: '1', sumSquares: '1' } : { sum: '1' };
    const found = faults({ ...PERIOD, metric, currency, ...sample });
    if (form === 'ratio' || form === 'figure') expect(found.join()).toMatch(/send \w+/);
    else expect(found).toEqual([]);
  }
});

test('sums that real units give are never refused', () => {
  const cents = fc.integer({ min: -100_000, max: 100_000 });
  fc.assert(
    fc.property(fc.array(cents, { maxLength: 30 }), (units) => {
      const sum = units.reduce((a, b) => a + b, 0);
      const squares = units.reduce((a, b) => a + b * b, 0);
      const row = { ...BASKET, n: units.length, sum: String(sum), sumSquares: String(squares) };
      expect(faults(row)).toEqual([]);
    }),
  );
});

test.each([
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2026-02-29', null],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['2026-01-01T00:30:00+02:00', '2025-12-31T22:30:00.000Z'],
  ['2026-04-30T25:00Z', null],
  [20260101, null],
])('an instant %s reads %s', (text, expected) => {
  expect(readInstant(text)).toBe(expected);
});
