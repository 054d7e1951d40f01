// A sample's covariate: whole or absent, exact, possible beside the sample's own sums, and named by field when it is not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkObservation } from '../../../domain/observation/check.ts';

const RULES = { currency: 'EUR', now: '2026-11-24T12:00:00.000Z', evidence: 'measured' } as const;
const PERIOD = { from: '2026-11-23', to: '2026-11-24' };

/** Three baskets of 10, 20 and 30, whose buyers spent 5, 10 and 18 before. */
const COVARIATE = { sum: '33', sumSquares: '449', sumOfProducts: '790' };
const BASKET = {
  ...{ ...PERIOD, metric: 'average_basket', currency: 'EUR' },
  ...{ n: '3', sum: '60', sumSquares: '1400' },
  covariate: COVARIATE,
};
const SCORE = { ...PERIOD, metric: 'nps', n: '4', sum: '-2', sumSquares: '4' };

function faults(row: object): string[] {
  const checked = checkObservation(row, RULES);
  return Array.isArray(checked) ? checked.map(({ path, message }) => `${path}: ${message}`) : [];
}

const changed = (change: object) => ({ ...BASKET, covariate: { ...COVARIATE, ...change } });

test('is kept exactly, and null is none', () => {
  expect(checkObservation(changed({ sum: 33, sumSquares: '0449.00' }), RULES)).toMatchObject({
    value: { n: '3', covariate: COVARIATE },
  });
  const without = checkObservation({ ...BASKET, covariate: null }, RULES);
  expect(without).not.toHaveProperty('value.covariate');
  expect(without).toHaveProperty('value.sum', '60');
});

describe('a fault', () => {
  test.each([
    [
      'of a count',
      { ...PERIOD, metric: 'clicks', sum: '1', covariate: COVARIATE },
      'covariate: Not a part of',
    ],
    [
      'of a missing value',
      { ...PERIOD, metric: 'nps', missing: 'no_access', covariate: COVARIATE },
      'missing:',
    ],
    ['no object', { ...BASKET, covariate: '33' }, 'covariate: Must be an object with sum, sumSquares'],
    ['given in part', changed({ sumOfProducts: null }), 'covariate.sumOfProducts: Required'],
    ['a field too many', changed({ n: '3' }), 'covariate.n: This field is not known.'],
    ['an exponent', changed({ sum: '3e1' }), 'covariate.sum: Must be a decimal of at most 20'],
    ['too many decimals', changed({ sumSquares: `1.${'0'.repeat(21)}` }), 'covariate.sumSquares: Must be'],
    ['impossible squares', changed({ sumSquares: '362' }), 'covariate.sumSquares: Contradicts n'],
    ['products that vary too much together', changed({ sumOfProducts: '800' }), 'covariate.sumOfProducts:'],
    ['or too much apart', changed({ sumOfProducts: '528' }), 'covariate.sumOfProducts: Contradicts'],
    [
      'products of no units',
      {
        ...{ ...BASKET, n: '0', sum: '0', sumSquares: '0' },
        covariate: { sum: '0', sumSquares: '0', sumOfProducts: '1' },
      },
      'covariate.sumOfProducts: Contradicts',
    ],
    [
      'a score out of range',
      { ...SCORE, covariate: { sum: '5', sumSquares: '7', sumOfProducts: '0' } },
      'covariate.sum: Each unit of nps is from -1 to 1.',
    ],
  ])('%s', (_, row, expected) => {
    expect(faults(row)).toEqual([expect.stringContaining(expected)]);
  });

  test('is named beside those of the sample itself, and repeats no value', () => {
    const found = faults({ ...changed({ sum: 'hunter2' }), sumSquares: '7' });
    expect(found.map((fault) => fault.split(':')[0])).toEqual(['sumSquares', 'covariate.sum']);
    expect(found.join()).not.toContain('hunter2');
  });
});

test('what real units give is never refused, summed exactly or in floating point', () => {
  const cents = fc.integer({ min: -100_000, max: 100_000 });
  const rate = fc.integer({ min: 1, max: 999 }).map((thousandths) => thousandths / 1000);
  fc.assert(
    fc.property(fc.array(fc.tuple(cents, cents), { maxLength: 30 }), rate, (units, factor) => {
      for (const scale of [1, factor]) {
        const total = (of: (y: number, x: number) => number) =>
          units.reduce((sum, [y, x]) => sum + of(scale * y, scale * x), 0).toFixed(scale === 1 ? 0 : 9);
        const row = {
          ...{ ...BASKET, n: units.length, sum: total((y) => y), sumSquares: total((y) => y * y) },
          covariate: {
            sum: total((_y, x) => x),
            sumSquares: total((_y, x) => x * x),
            sumOfProducts: total((y, x) => y * x),
          },
        };
        expect(faults(row)).toEqual([]);
      }
    }),
  );
});
