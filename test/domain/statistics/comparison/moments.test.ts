// Moments from sums: the same as from the raw values, and no moments from sums that cannot be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  meanMoments,
  proportionMoments,
  ratioMoments,
} from '../../../../domain/statistics/comparison/moments.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

const value = fc.double({ min: -1000, max: 1000, noNaN: true });
const sumOf = (values: readonly number[]) => values.reduce((total, x) => total + x, 0);
const squares = (values: readonly number[]) => sumOf(values.map((x) => x * x));

describe('meanMoments', () => {
  it('gives the mean and the unbiased variance of the raw values', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 40 }), (values) => {
        const n = values.length;
        const mean = sumOf(values) / n;
        const variance = sumOf(values.map((x) => (x - mean) ** 2)) / (n - 1);
        const moments = meanMoments({ n, sum: sumOf(values), sumSquares: squares(values) });
        expectClose(moments.mean, mean, 1e-12);
        expectClose(moments.variance, variance, 1e-9, 1e-9);
      }),
    );
  });

  it('sees no variance in what rounding leaves of identical values', () => {
    const values = new Array<number>(1000).fill(0.1);
    const moments = meanMoments({ n: 1000, sum: sumOf(values), sumSquares: squares(values) });
    expect(moments.variance).toBeLessThan(1e-13);
    expect(meanMoments({ n: 50, sum: 150, sumSquares: 450 }).variance).toBe(0);
  });

  it.each([
    ['no_data', { n: 0, sum: 0, sumSquares: 0 }],
    ['too_few', { n: 1, sum: 3, sumSquares: 9 }],
    ['out_of_range', { n: -4, sum: 3, sumSquares: 9 }],
    ['not_finite', { n: 10, sum: Number.NaN, sumSquares: 9 }],
    ['not_finite', { n: 10, sum: 1, sumSquares: Number.POSITIVE_INFINITY }],
    ['contradictory_sums', { n: 10, sum: 100, sumSquares: 900 }],
    ['contradictory_sums', { n: 10, sum: 0, sumSquares: -1 }],
  ])('refuses with %s', (code, sums) => {
    expect(refusalOf(() => meanMoments(sums))).toBe(code);
  });
});

describe('proportionMoments', () => {
  it('has the binomial variance', () => {
    expect(proportionMoments({ n: 200, successes: 50 })).toEqual({ n: 200, mean: 0.25, variance: 0.1875 });
  });

  it.each([
    ['no_data', { n: 0, successes: 0 }],
    ['contradictory_sums', { n: 10, successes: 11 }],
    ['contradictory_sums', { n: 10, successes: -1 }],
    ['not_finite', { n: 10, successes: Number.NaN }],
  ])('refuses with %s', (code, sums) => {
    expect(refusalOf(() => proportionMoments(sums))).toBe(code);
  });
});

describe('ratioMoments', () => {
  it('is a plain mean when every denominator is 1', () => {
    const plain = meanMoments({ n: 40, sum: 100, sumSquares: 400 });
    const ratio = ratioMoments({
      n: 40,
      numerator: { sum: 100, sumSquares: 400 },
      denominator: { sum: 40, sumSquares: 40 },
      sumOfProducts: 100,
    });
    expectClose(ratio.mean, plain.mean, 1e-14);
    expectClose(ratio.variance, plain.variance, 1e-13);
  });

  it('has the variance of the linearised values', () => {
    const unit = fc.record({ m: fc.integer({ min: 0, max: 50 }), d: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 3, maxLength: 30 }), (units) => {
        const n = units.length;
        const m = units.map((u) => u.m);
        const d = units.map((u) => u.d);
        const ratio = sumOf(m) / sumOf(d);
        const linear = units.map((u) => ((u.m - ratio * u.d) * n) / sumOf(d));
        const moments = ratioMoments({
          n,
          numerator: { sum: sumOf(m), sumSquares: squares(m) },
          denominator: { sum: sumOf(d), sumSquares: squares(d) },
          sumOfProducts: sumOf(units.map((u) => u.m * u.d)),
        });
        expectClose(moments.mean, ratio, 1e-13);
        expectClose(moments.variance, squares(linear) / (n - 1), 1e-9, 1e-9);
      }),
    );
  });

  it('refuses a denominator of zero and a covariance that the variances do not allow', () => {
    const numerator = { sum: 10, sumSquares: 20 };
    const nothing = { n: 10, numerator, denominator: { sum: 0, sumSquares: 0 }, sumOfProducts: 0 };
    expect(refusalOf(() => ratioMoments(nothing))).toBe('no_data');
    const denominator = { sum: 20, sumSquares: 60 };
    const tooClose = { n: 10, numerator, denominator, sumOfProducts: 900 };
    expect(refusalOf(() => ratioMoments(tooClose))).toBe('contradictory_sums');
  });
});
