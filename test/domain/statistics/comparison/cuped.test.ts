// CUPED against reference values, against raw data, and against its promise: a variance cut by 1 - rho^2.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CupedRatioSums,
  cupedMeanEffect,
  cupedRatioEffect,
} from '../../../../domain/statistics/comparison/cuped.ts';
import { effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import { meanMoments } from '../../../../domain/statistics/comparison/moments.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

/** Sums of n units of given post and pre means and standard deviations, correlated by rho. */
function arm(n: number, post: number, pre: number, sd: number, rho: number) {
  const spread = (n - 1) * sd * sd;
  return {
    kind: 'mean',
    n,
    post: { sum: n * post, sumSquares: n * post * post + spread },
    pre: { sum: n * pre, sumSquares: n * pre * pre + spread },
    sumOfProducts: n * post * pre + rho * spread,
  } as const;
}

describe('cupedMeanEffect', () => {
  it('a relative lift of a mean', () => {
    const control = {
      kind: 'mean',
      n: 976,
      post: { sum: 24_602.628040262658, sumSquares: 653_631.9679442125 },
      pre: { sum: 19_348.412059445094, sumSquares: 409_170.28504800156 },
      sumOfProducts: 475_221.35771011974,
    } as const;
    const treatment = {
      kind: 'mean',
      n: 15_437,
      post: { sum: 386_985.45292022114, sumSquares: 10_254_481.170169078 },
      pre: { sum: 308_539.90160091, sumSquares: 6_549_918.646036668 },
      sumOfProducts: 7_551_437.589041141,
    } as const;
    const effect = cupedMeanEffect(control, treatment, 'relative');
    expectClose(effect.theta, -0.47897953258144954, 1e-10);
    expectClose(effect.estimate, -0.0024165605004867097, 1e-9);
    expectClose(effect.standardError, 0.006914578409942136, 1e-10);
    expectClose(effect.degreesOfFreedom, 1111.7416961940196, 1e-10);
  });

  it('a relative lift of a proportion', () => {
    const counts = (n: number, postSuccesses: number, preSuccesses: number, bothSuccesses: number) =>
      ({ kind: 'proportion', n, postSuccesses, preSuccesses, bothSuccesses }) as const;
    const control = counts(14_173, 2178, 2837, 779);
    const effect = cupedMeanEffect(control, counts(22_173, 3808, 4456, 1320), 'relative');
    expectClose(effect.theta, 0.15402025893197202, 1e-11);
    expectClose(effect.estimate, 0.11677666724986922, 1e-11);
    expectClose(effect.standardError, 0.027129204158494145, 1e-11);
  });

  it('cuts the variance by 1 - rho^2 when both arms share their moments', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.95, max: 0.95, noNaN: true }), (rho) => {
        const a = arm(5000, 20, 15, 4, rho);
        const plain = effectOf(
          meanMoments({ n: a.n, ...a.post }),
          meanMoments({ n: a.n, ...a.post }),
          'absolute',
        );
        const adjusted = cupedMeanEffect(a, a, 'absolute');
        expectClose((adjusted.standardError / plain.standardError) ** 2, 1 - rho * rho, 1e-7);
        expectClose(adjusted.theta, rho, 1e-9, 1e-9);
      }),
    );
  });

  it('takes a difference in the pre-period out of the estimate', () => {
    const effect = cupedMeanEffect(arm(1e6, 10, 10, 2, 0.9), arm(1e6, 10.09, 10.1, 2, 0.9), 'absolute');
    expectClose(effect.estimate, 0, 0, 3e-3);
  });

  it('is the plain effect when the covariate does not vary', () => {
    const flat = { ...arm(100, 20, 5, 4, 0), pre: { sum: 500, sumSquares: 2500 }, sumOfProducts: 10_000 };
    const effect = cupedMeanEffect(flat, flat, 'relative');
    expect(effect.theta).toBe(0);
    const moments = meanMoments({ n: 100, ...flat.post });
    expect(effect).toEqual({ ...effectOf(moments, moments, 'relative'), theta: 0 });
  });

  it('refuses a covariate that is the metric itself, whatever rounding leaves of the difference', () => {
    for (const scale of [0.1, 0.3, 0.7, 1, 1.1, 3]) {
      const same = (mean: number) => {
        const { n, post } = arm(1000, mean, 0, 1.3, 0);
        const pre = { sum: scale * post.sum, sumSquares: scale * scale * post.sumSquares };
        return { kind: 'mean', n, post, pre, sumOfProducts: scale * post.sumSquares } as const;
      };
      expect(refusalOf(() => cupedMeanEffect(same(70.1), same(70.3), 'absolute'))).toBe('zero_variance');
    }
  });

  it('refuses arms of two kinds, products out of reach and a zero baseline', () => {
    const mean = arm(100, 2, 2, 1, 0.5);
    const share = { kind: 'proportion', n: 9, postSuccesses: 4, preSuccesses: 4, bothSuccesses: 2 } as const;
    expect(refusalOf(() => cupedMeanEffect(mean, share, 'absolute'))).toBe('contradictory_sums');
    const wild = { ...mean, sumOfProducts: 1e6 };
    expect(refusalOf(() => cupedMeanEffect(wild, mean, 'absolute'))).toBe('contradictory_sums');
    expect(refusalOf(() => cupedMeanEffect(arm(100, 0, 2, 1, 0.5), mean, 'relative'))).toBe('zero_baseline');
  });
});

describe('cupedRatioEffect', () => {
  const control: CupedRatioSums = {
    n: 246,
    postNumerator: { sum: 7907.305999999999, sumSquares: 1675113.8470039996 },
    postDenominator: { sum: 1437, sumSquares: 12607 },
    preNumerator: { sum: 5716.0689999999995, sumSquares: 455828.03711699997 },
    preDenominator: { sum: 1192, sumSquares: 8534 },
    products: {
      postNumeratorPreNumerator: 609595.6193639999,
      postDenominatorPreDenominator: 9247,
      preNumeratorPreDenominator: 52051.35899999999,
      postNumeratorPostDenominator: 97664.812,
      postNumeratorPreDenominator: 72990.564,
      postDenominatorPreNumerator: 60193.80300000001,
    },
  };
  const treatment: CupedRatioSums = {
    n: 47,
    postNumerator: { sum: 2155.1079999999997, sumSquares: 364827.6812420001 },
    postDenominator: { sum: 318, sumSquares: 3280 },
    preNumerator: { sum: 1458.265, sumSquares: 215886.45773899995 },
    preDenominator: { sum: 262, sumSquares: 2404 },
    products: {
      postNumeratorPreNumerator: 193006.42814900004,
      postDenominatorPreDenominator: 2601,
      preNumeratorPreDenominator: 18826.25,
      postNumeratorPostDenominator: 28643.182,
      postNumeratorPreDenominator: 24349.112000000005,
      postDenominatorPreNumerator: 18628.222999999994,
    },
  };

  it('a relative lift', () => {
    const effect = cupedRatioEffect(control, treatment, 'relative');
    expectClose(effect.theta, 0.5026883479064522, 1e-11);
    expectClose(effect.estimate, 0.16120975233322488, 1e-11);
    expectClose(effect.standardError, 0.24251712144886473, 1e-11);
    expectClose(effect.degreesOfFreedom, 79.56817021839372, 1e-11);
  });

  it('refuses an arm without anything to count before the experiment', () => {
    const empty = { ...control, preDenominator: { sum: 0, sumSquares: 0 } };
    expect(refusalOf(() => cupedRatioEffect(empty, treatment, 'relative'))).toBe('no_data');
  });
});
