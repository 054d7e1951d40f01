// Medians: odd and even lists, order, and a spread that one wild value cannot move.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, robustSd } from '../../../../domain/statistics/numerics/median.ts';
import { refusalOf } from '../refusal.ts';

describe('median', () => {
  it('takes the middle, by value and not by text', () => {
    expect(median([10, 9, 100])).toBe(10);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(refusalOf(() => median([]))).toBe('no_data');
  });

  it('has as many values below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('does not let one wild value move the spread', () => {
    expect(robustSd([1, 2, 3, 4, 1e9])).toBeCloseTo(1.4826, 12);
    expect(robustSd([5, 5, 5, 9])).toBe(0);
  });
});
