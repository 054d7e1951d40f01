// Classical tests and intervals of two rates, against statsmodels' numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clopperPearsonInterval,
  newcombeInterval,
  pooledZTest,
  riskRatioInterval,
  unpooledZTest,
  wilsonInterval,
} from '../../../../domain/statistics/comparison/proportions.ts';
import { refusalOf } from '../refusal.ts';

const control = { successes: 769, trials: 832 };
const treatment = { successes: 786, trials: 832 };
const few = { successes: 1, trials: 20 };
const fewOther = { successes: 1, trials: 15 };

function expectInterval(computed: readonly [number, number], low: number, high: number): void {
  expect(computed[0]).toBeCloseTo(low, 11);
  expect(computed[1]).toBeCloseTo(high, 11);
}

describe('z tests', () => {
  it('pools under the null', () => {
    const { z, p } = pooledZTest(control, treatment);
    expect(z).toBeCloseTo(1.6844073844593355, 11);
    expect(p).toBeCloseTo(0.09210296465885405, 12);
  });

  it('keeps both variances for the interval', () => {
    const { z, p, ci } = unpooledZTest(control, treatment, 0.05);
    expect(z).toBeCloseTo(1.6858452355203828, 11);
    expect(p).toBeCloseTo(0.09182561239060659, 12);
    expectInterval(ci, -0.003322359571612501, 0.044187744186997086);
  });

  it('is not 0 beyond the sixteenth digit', () => {
    const { p } = pooledZTest({ successes: 1000, trials: 10000 }, { successes: 1700, trials: 10000 });
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(1e-40);
  });
});

describe('intervals', () => {
  it('match for many and for few trials', () => {
    expectInterval(newcombeInterval(control, treatment, 0.05), -0.0034669821147285187, 0.04460172656402844);
    expectInterval(newcombeInterval(few, fewOther, 0.05), -0.1773638363336743, 0.25178866032852665);
    expectInterval(riskRatioInterval(control, treatment, 0.05), 0.9964071936268898, 1.0484689129495703);
    expectInterval(wilsonInterval(few, 0.05), 0.008881448800795402, 0.2361311934467421);
    expectInterval(clopperPearsonInterval(few, 0.05), 0.0012650894979498038, 0.24873276277202783);
  });

  it('reach exactly 0 and 1 at the edges', () => {
    expect(wilsonInterval({ successes: 0, trials: 9 }, 0.05)[0]).toBe(0);
    expect(wilsonInterval({ successes: 9, trials: 9 }, 0.05)[1]).toBe(1);
    expect(clopperPearsonInterval({ successes: 0, trials: 9 }, 0.05)[0]).toBe(0);
    expect(clopperPearsonInterval({ successes: 9, trials: 9 }, 0.05)[1]).toBe(1);
  });

  it('hold the observed rate, and mirror when successes and failures change places', () => {
    const counts = fc
      .integer({ min: 1, max: 400 })
      .chain((trials) =>
        fc.record({ trials: fc.constant(trials), successes: fc.integer({ min: 0, max: trials }) }),
      );
    fc.assert(
      fc.property(counts, (count) => {
        const mirrored = { ...count, successes: count.trials - count.successes };
        for (const interval of [wilsonInterval, clopperPearsonInterval]) {
          const [low, high] = interval(count, 0.1);
          const rate = count.successes / count.trials;
          expect(low).toBeLessThanOrEqual(rate);
          expect(high).toBeGreaterThanOrEqual(rate);
          expect(interval(mirrored, 0.1)[0]).toBeCloseTo(1 - high, 10);
        }
      }),
    );
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    const none = { successes: 0, trials: 10 };
    expect(refusalOf(() => pooledZTest(none, none))).toBe('zero_variance');
    expect(refusalOf(() => pooledZTest({ successes: 0, trials: 0 }, few))).toBe('no_data');
    expect(refusalOf(() => pooledZTest({ successes: 11, trials: 10 }, few))).toBe('contradictory_sums');
    expect(refusalOf(() => wilsonInterval({ successes: Number.NaN, trials: 10 }, 0.05))).toBe('not_finite');
    expect(refusalOf(() => riskRatioInterval(none, few, 0.05))).toBe('zero_baseline');
    expect(refusalOf(() => wilsonInterval(few, 1))).toBe('out_of_range');
  });
});
