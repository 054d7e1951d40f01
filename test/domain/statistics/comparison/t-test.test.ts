// Effects and their t test, against reference values of gbstats' main branch and by their own symmetries.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import {
  meanMoments,
  proportionMoments,
  ratioMoments,
} from '../../../../domain/statistics/comparison/moments.ts';
import { tTest } from '../../../../domain/statistics/comparison/t-test.ts';
import { expectClose, expectIntervalClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

const twoSided = { alpha: 0.05, alternative: 'two_sided' } as const;

describe('against the reference', () => {
  it('a relative lift of proportions, with a null value', () => {
    const effect = effectOf(
      proportionMoments({ n: 412, successes: 371 }),
      proportionMoments({ n: 206, successes: 132 }),
      'relative',
    );
    const result = tTest(effect, { alpha: 0.1, alternative: 'two_sided', nullValue: 0.005 });
    expectClose(result.estimate, -0.2884097035040431, 1e-12);
    expectClose(result.standardError, 0.03890793263408867, 1e-12);
    expectClose(result.degreesOfFreedom, 287.1485731988961, 1e-12);
    expectClose(result.t, -7.541128084687185, 1e-12);
    expectClose(result.p, 6.156139588870994e-13, 1e-10);
    expectIntervalClose(result.interval, [-0.3526146963972805, -0.2242047106108057], 1e-11);
  });

  it('keeps a p value of 1e-235, which 1 - cdf would make 0', () => {
    const effect = effectOf(
      proportionMoments({ n: 134_917, successes: 67_222 }),
      proportionMoments({ n: 13_491, successes: 4773 }),
      'absolute',
    );
    expectClose(tTest(effect, twoSided).p, 1.2078759918767192e-235, 1e-9);
  });

  it('calls a fall of a negative control mean a fall', () => {
    const control = meanMoments({ n: 57_135, sum: -228_098.48064029813, sumSquares: 1_139_590.7263756618 });
    const treatment = meanMoments({ n: 28_567, sum: -116_468.5396850578, sumSquares: 588_276.2139480279 });
    const result = tTest(effectOf(control, treatment, 'relative'), { alpha: 0.1, alternative: 'lesser' });
    expectClose(result.estimate, -0.0212306357633434, 1e-11);
    expectClose(result.p, 2.9724015827553347e-9, 1e-9);
    expectIntervalClose(result.interval, [Number.NEGATIVE_INFINITY, -0.016554988110843535], 1e-10);
  });

  it('a ratio of totals, one-sided, with the upper bound above the estimate', () => {
    const control = ratioMoments({
      n: 1952,
      numerator: { sum: 2828, sumSquares: 8270 },
      denominator: { sum: 13_660, sumSquares: 143_984 },
      sumOfProducts: 29_777,
    });
    const treatment = ratioMoments({
      n: 142,
      numerator: { sum: 182, sumSquares: 464 },
      denominator: { sum: 1008, sumSquares: 9688 },
      sumOfProducts: 1776,
    });
    const effect = effectOf(control, treatment, 'absolute');
    const result = tTest(effect, { alpha: 0.05, alternative: 'lesser' });
    expectClose(result.estimate, -0.026472262892467874, 1e-12);
    expectClose(result.degreesOfFreedom, 165.14035200033342, 1e-12);
    expectClose(result.p, 0.015655752914400984, 1e-11);
    expectIntervalClose(result.interval, [Number.NEGATIVE_INFINITY, -0.006308160672679128], 1e-11);
  });

  it('two units an arm', () => {
    const control = meanMoments({ n: 2, sum: 3, sumSquares: 5 });
    const treatment = meanMoments({ n: 2, sum: 4, sumSquares: 10 });
    const result = tTest(effectOf(control, treatment, 'relative'), twoSided);
    expectClose(result.degreesOfFreedom, 1.4705882352941178, 1e-13);
    expectClose(result.p, 0.7300118660406808, 1e-12);
  });
});

describe('properties', () => {
  const arm = fc.record({
    n: fc.integer({ min: 2, max: 100_000 }),
    mean: fc.double({ min: 0.1, max: 100, noNaN: true }),
    variance: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  });

  it('swapping the arms mirrors an absolute effect', () => {
    fc.assert(
      fc.property(arm, arm, (a, b) => {
        const forth = tTest(effectOf(a, b, 'absolute'), twoSided);
        const back = tTest(effectOf(b, a, 'absolute'), twoSided);
        expectClose(back.estimate, -forth.estimate, 1e-12);
        expectClose(back.p, forth.p, 1e-9);
      }),
    );
  });

  it('the interval excludes the null exactly when p is below alpha', () => {
    fc.assert(
      fc.property(arm, arm, fc.constantFrom('two_sided', 'greater', 'lesser'), (a, b, alternative) => {
        const { p, interval } = tTest(effectOf(a, b, 'relative'), { alpha: 0.05, alternative });
        fc.pre(Math.abs(p - 0.05) > 1e-9);
        expect(interval[0] > 0 || interval[1] < 0).toBe(p < 0.05);
      }),
    );
  });

  it('the degrees of freedom lie between the smaller arm and both together', () => {
    fc.assert(
      fc.property(arm, arm, (a, b) => {
        const { degreesOfFreedom } = effectOf(a, b, 'absolute');
        expect(degreesOfFreedom).toBeGreaterThanOrEqual((Math.min(a.n, b.n) - 1) * (1 - 1e-12));
        expect(degreesOfFreedom).toBeLessThanOrEqual((a.n + b.n - 2) * (1 + 1e-12));
      }),
    );
  });

  it('does not depend on the unit of the metric', () => {
    fc.assert(
      fc.property(arm, arm, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, unit) => {
        const scaled = (m: typeof a) => ({ n: m.n, mean: m.mean * unit, variance: m.variance * unit * unit });
        const plain = tTest(effectOf(a, b, 'relative'), twoSided);
        const other = tTest(effectOf(scaled(a), scaled(b), 'relative'), twoSided);
        // Two nearly equal means leave only rounding in their difference, hence the absolute allowance.
        expectClose(other.t, plain.t, 1e-9, 1e-9);
      }),
    );
  });
});

describe('refusals', () => {
  const fine = { n: 10, mean: 1, variance: 1 };

  it('an arm that does not vary', () => {
    expect(refusalOf(() => effectOf(fine, { ...fine, variance: 0 }, 'absolute'))).toBe('zero_variance');
    expect(refusalOf(() => effectOf({ ...fine, variance: Number.NaN }, fine, 'absolute'))).toBe(
      'zero_variance',
    );
  });

  it('a relative lift over zero, while the absolute one is fine', () => {
    const zero = { ...fine, mean: 0 };
    expect(refusalOf(() => effectOf(zero, fine, 'relative'))).toBe('zero_baseline');
    expect(effectOf(zero, fine, 'absolute').estimate).toBe(1);
  });

  it.each([0, 1, -0.05, Number.NaN])('alpha = %s', (alpha) => {
    const effect = effectOf(fine, fine, 'absolute');
    const code = Number.isNaN(alpha) ? 'not_finite' : 'out_of_range';
    expect(refusalOf(() => tTest(effect, { alpha, alternative: 'two_sided' }))).toBe(code);
  });
});
