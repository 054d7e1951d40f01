// Optimal partitioning: a reference case, an exhaustive search, and refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findChangepoints, partitionCost } from '../../../../domain/statistics/detection/changepoint.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

describe('findChangepoints', () => {
  it('agrees with an exact reference', () => {
    const values = [
      -0.5229, -1.1117, -0.8526, -0.3338, -2.3446, -2.4572, -0.3119, -1.6747, 0.5596, 0.1167, -0.6583, -0.201,
      -1.0612, -0.6177, 7.4422, 9.2639, 7.5387, 8.4837, 7.9839, 8.477, 7.9083, 8.5926, 8.6483, 9.4858, 6.2634,
      7.8067, 9.7741, 7.7585, 7.0963, 9.7391, 8.9853, -2.0166, -1.1508, -1.8979, -0.154, 0.2396, -0.3584,
      0.7431, -1.3156, -1.0742, 1.1226, -1.6262, -2.414, -0.5671, 1.0868, 0.6685, -2.0826, -1.1259, -1.3897,
      -1.1627, -1.2874, -1.5248, -1.4396, -3.2862, -1.91, -2.8062, 0.2537, -1.7772, -0.4796, -0.4083,
    ];
    const { breakpoints, totalCost } = findChangepoints(values, { penalty: 12.283, minimumLength: 3 });
    expect(breakpoints).toEqual([14, 31]);
    expectClose(totalCost, 85.20452216539744, 1e-9);
  });

  it('costs no more than any other cut of a short series', () => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 4, maxLength: 9 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 2 }),
        (series, penalty, least) => {
          const found = findChangepoints(series, { penalty, minimumLength: least });
          for (let mask = 0; mask < 2 ** (series.length - 1); mask += 1) {
            const cuts = [...series.keys()].filter((index) => index > 0 && (mask >> (index - 1)) % 2 === 1);
            const ends = [0, ...cuts, series.length];
            if (ends.some((end, index) => index > 0 && end - (ends[index - 1] ?? 0) < least)) continue;
            const cost = partitionCost(series, cuts) + penalty * cuts.length;
            expect(found.totalCost).toBeLessThanOrEqual(cost + 1e-9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps its digits far from zero', () => {
    const values = Array.from({ length: 40 }, (_, index) => 1e9 + (index < 20 ? 0 : 1) + (index % 2) * 0.1);
    expect(findChangepoints(values, { penalty: 0.5, minimumLength: 2 }).breakpoints).toEqual([20]);
  });

  it('refuses what it cannot cut', () => {
    expect(refusalOf(() => findChangepoints([1, 2], { penalty: 1, minimumLength: 3 }))).toBe('too_few');
    expect(refusalOf(() => findChangepoints([1, 2], { penalty: -1, minimumLength: 1 }))).toBe('out_of_range');
    expect(refusalOf(() => findChangepoints([1, 2], { penalty: 1, minimumLength: 0 }))).toBe('out_of_range');
    expect(refusalOf(() => findChangepoints([1, Number.NaN], { penalty: 1, minimumLength: 1 }))).toBe(
      'not_finite',
    );
  });
});
