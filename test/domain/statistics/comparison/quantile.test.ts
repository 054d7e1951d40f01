// Sample quantiles as moments: reference values, the floor for ties, refusals.
import { expect, it } from 'vitest';
import { effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import { quantileMoments } from '../../../../domain/statistics/comparison/quantile.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

const plain = { n: 2383, sampled: 2383, level: 0.9, estimate: 359.8, lower: 347.5, upper: 376.4 };

it('compares two 90th percentiles over clustered events', () => {
  const control = quantileMoments({
    ...{ n: 10_614, sampled: 10_614, level: 0.9, estimate: 369.43458813530384 },
    ...{ lower: 359.81624438429236, upper: 378.4118160731593 },
    clusters: {
      n: 2653,
      numerator: { sum: 9553, sumSquares: 43_933 },
      denominator: { sum: 10_614, sumSquares: 53_198 },
      sumOfProducts: 47_824,
    },
  });
  const treatment = quantileMoments({
    ...{ n: 32_646, sampled: 20_000, level: 0.9, estimate: 382.82351793722796 },
    ...{ lower: 377.18550534067765, upper: 388.9778162625752 },
    clusters: {
      n: 8161,
      numerator: { sum: 29_382, sumSquares: 135_074 },
      denominator: { sum: 32_646, sumSquares: 162_960 },
      sumOfProducts: 146_735,
    },
  });
  const effect = effectOf(control, treatment, 'relative');
  expectClose(effect.estimate, 0.03624167912783652, 1e-12);
  expectClose(effect.standardError, 0.014665658044332053, 1e-10);
});

it('keeps a small variance for a metric of many equal values, but not for a small sample', () => {
  expect(quantileMoments({ ...plain, lower: 5, upper: 5 }).variance).toBe(1e-5);
  expect(quantileMoments({ ...plain, n: 50, sampled: 50, lower: 5, upper: 5 }).variance).toBe(0);
});

it.each([
  ['contradictory_sums', { ...plain, lower: 400 }],
  ['out_of_range', { ...plain, level: 1 }],
  ['not_finite', { ...plain, estimate: Number.NaN }],
  ['no_data', { ...plain, n: 0 }],
])('refuses with %s', (code, sums) => {
  expect(refusalOf(() => quantileMoments(sums))).toBe(code);
});
