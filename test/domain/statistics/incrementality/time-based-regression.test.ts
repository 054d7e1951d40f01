// Time-based regression against Google's matched_markets, and the honesty of its interval.
import { describe, expect, it } from 'vitest';
import { timeBasedRegression } from '../../../../domain/statistics/incrementality/time-based-regression.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const input = {
  control: [
    3910.529, 4174.3111, 4222.4874, 3971.6616, 3666.8331, 3445.177, 3512.4659, 3799.9061, 4079.8483,
    4124.2328, 3877.5202, 3590.2278, 3346.3108, 3476.4678, 3809.1076, 4094.4842, 4175.9944, 3955.1394,
    3596.3374, 3329.9826, 3398.0598,
  ],
  treatment: [
    2001.0066, 2125.718, 2155.1217, 2037.6687, 1878.5617, 1769.2917, 1796.4081, 1942.5756, 2095.944,
    2101.7149, 1985.7817, 1851.8508, 1703.8772, 1786.6676, 1956.4157, 2109.0462, 2134.9024, 2025.8031,
    1857.0281, 1712.8143, 1755.5226,
  ],
  prePeriods: 14,
  testPeriods: 7,
  level: 0.8,
  tails: 1,
  spend: 2886.26,
} as const;

describe('timeBasedRegression', () => {
  it('matches the reference', () => {
    const result = timeBasedRegression(input);
    expect(result.fit.intercept).toBeCloseTo(33.36195038311507, 7);
    expect(result.fit.slope).toBeCloseTo(0.503122892035968, 11);
    expect(result.fit.variance).toBeCloseTo(51.51813053733412, 8);
    expect(result.fit.degreesOfFreedom).toBe(12);
    expect(result.effect).toBeCloseTo(56.12940698929265, 8);
    expect(result.relativeEffect).toBeGreaterThan(0);
    expect(result.scale).toBeCloseTo(23.314428828774346, 8);
    expect(result.lower).toBeCloseTo(35.7850197652338, 7);
    expect(result.upper).toBe(Number.POSITIVE_INFINITY);
    expect(result.chanceAboveZero).toBeCloseTo(0.9834682765645886, 9);
    expect(result.cumulative[3]).toBeCloseTo(25.282081592367376, 8);
    expect(result.scales[3]).toBeCloseTo(17.22629043243444, 8);
    expect(result.returnOnSpend?.ratio).toBeCloseTo(0.019447106979029138, 11);
    expect(result.returnOnSpend?.lower).toBeCloseTo(0.012398404774772125, 11);
  });

  it('has two finite bounds when two tails are asked for, and no return without spend', () => {
    const { spend: _spend, ...free } = input;
    const result = timeBasedRegression({ ...free, tails: 2 });
    expect(result.upper - result.effect).toBeCloseTo(result.effect - result.lower, 9);
    expect(result.returnOnSpend).toBeNull();
  });

  it('has no relative effect when nothing was expected', () => {
    const control = Array.from({ length: 12 }, (_unused, period) => (period % 3) - 1);
    const treatment = control.map((x, period) => -5 + x + 0.1 * (period % 2));
    const plan = { control, treatment, prePeriods: 9, testPeriods: 3, level: 0.9, tails: 2 } as const;
    expect(timeBasedRegression(plan).relativeEffect).toBeNull();
  });

  it('covers the truth as often as it says', () => {
    const normal = normalSource(99);
    const runs = 1500;
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const control = Array.from({ length: 40 }, () => 100 + 10 * normal());
      const treatment = control.map((x, period) => 20 + 0.5 * x + 3 * normal() + (period >= 30 ? 4 : 0));
      const result = timeBasedRegression({
        control,
        treatment,
        prePeriods: 30,
        testPeriods: 10,
        level: 0.9,
        tails: 2,
      });
      if (result.lower < 40 && 40 < result.upper) covered += 1;
    }
    expect(Math.abs(covered / runs - 0.9)).toBeLessThan(0.025);
  });

  it('refuses the impossible', () => {
    const run = (change: object) => refusalOf(() => timeBasedRegression({ ...input, ...change }));
    expect(run({ prePeriods: 2 })).toBe('too_few');
    expect(run({ testPeriods: 0 })).toBe('no_data');
    expect(run({ testPeriods: 8 })).toBe('too_few');
    expect(run({ control: input.control.map(() => 7) })).toBe('zero_variance');
    expect(run({ treatment: input.control.map((x) => 2 * x) })).toBe('zero_variance');
    expect(run({ control: input.control.map((x, i) => (i === 20 ? Number.NaN : x)) })).toBe('not_finite');
    expect(run({ level: 1 })).toBe('out_of_range');
  });
});
