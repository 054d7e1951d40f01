// The confidence sequence and the mSPRT as one family: reference values, consistency, refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confidenceSequence,
  mixturePrecision,
  normalMixtureBoundary,
  tightestRho,
} from '../../../../domain/statistics/comparison/confidence-sequence.ts';
import { type Effect, effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import { meanMoments, proportionMoments } from '../../../../domain/statistics/comparison/moments.ts';
import { expectClose, expectIntervalClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

function effectWith(estimate: number, standardError: number, n = 1000): Effect {
  return { difference: 'absolute', estimate, standardError, degreesOfFreedom: n - 2, n, baseline: 1 };
}

describe('tuned by sample size', () => {
  it('two-sided', () => {
    const effect = effectOf(
      proportionMoments({ n: 896, successes: 259 }),
      proportionMoments({ n: 448, successes: 135 }),
      'relative',
    );
    const tuning = { sampleSize: 50_000 };
    const result = confidenceSequence(effect, { alpha: 0.05, alternative: 'two_sided', tuning });
    expectIntervalClose(result.interval, [-0.5077845706400869, 0.5927266555821716], 1e-11);
    expectClose(result.rho ?? Number.NaN, 0.012598535313073155, 1e-12);
    expectClose(result.logE, -0.07825903010165691, 1e-11);
    expect(result.p).toBe(1);
  });

  it('one-sided', () => {
    const effect = effectOf(
      meanMoments({ n: 127, sum: 292, sumSquares: 962 }),
      meanMoments({ n: 63, sum: 200, sumSquares: 810 }),
      'relative',
    );
    const tuning = { sampleSize: 5000 };
    const result = confidenceSequence(effect, { alpha: 0.05, alternative: 'lesser', tuning });
    expectIntervalClose(result.interval, [Number.NEGATIVE_INFINITY, 1.0028499600278955], 1e-11);
    expectClose(result.rho ?? Number.NaN, 0.03557768852889753, 1e-12);
    expect(result.p).toBe(1);
  });

  it('is tightest near the sample size it was tuned for', () => {
    const width = (n: number, sampleSize: number) =>
      confidenceSequence(effectWith(0, 1, n), {
        alpha: 0.05,
        alternative: 'two_sided',
        tuning: { sampleSize },
      }).interval[1];
    for (const elsewhere of [500, 2000, 50_000])
      expect(width(10_000, 10_000)).toBeLessThan(width(10_000, elsewhere));
  });
});

describe('tuned by effect size (mSPRT)', () => {
  it('gives the likelihood ratio, p and interval of the reference', () => {
    const effect = effectWith(0.3859677860546657, Math.sqrt(0.019334222889662755));
    const tuning = { effectSize: 0.1 };
    const result = confidenceSequence(effect, { alpha: 0.1, alternative: 'two_sided', tuning });
    expectClose(result.logE, 1.104881712826876, 1e-11);
    expectClose(result.p, 0.331250062558168, 1e-11);
    expectClose(result.interval[1] - result.estimate, 0.5336924967957783, 1e-11);
    expect(result.rho).toBeNull();
  });

  it('is the same as a confidence sequence with tau^2 = V N rho^2', () => {
    const effect = effectWith(0.12, 0.05, 4321);
    const alpha = 0.05;
    const byUnits = confidenceSequence(effect, {
      alpha,
      alternative: 'two_sided',
      tuning: { sampleSize: 700 },
    });
    const effectSize = 0.05 * Math.sqrt(4321) * mixturePrecision(700, alpha);
    const byEffect = confidenceSequence(effect, { alpha, alternative: 'two_sided', tuning: { effectSize } });
    expectIntervalClose(byEffect.interval, byUnits.interval, 1e-13);
    expectClose(byEffect.logE, byUnits.logE, 1e-12);
  });
});

describe('the boundary at intrinsic time', () => {
  it('and its exact tuning', () => {
    expectClose(normalMixtureBoundary(97368.99447944699, 5000, 0.1), 883.4554760009206, 1e-12);
    expectClose(tightestRho(5000, 0.05), 608.8674434932846, 1e-12);
  });

  it('is tightest at the tuned time', () => {
    const time = fc.double({ min: 1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(time, fc.double({ min: 1e-4, max: 0.5, noNaN: true }), (at, alpha) => {
        const best = tightestRho(at, alpha);
        const least = normalMixtureBoundary(at, best, alpha);
        expect(normalMixtureBoundary(at, best * 1.05, alpha)).toBeGreaterThan(least);
        expect(normalMixtureBoundary(at, best / 1.05, alpha)).toBeGreaterThan(least);
      }),
    );
  });
});

describe('properties', () => {
  const z = fc.double({ min: -36, max: 36, noNaN: true });
  const alternative = fc.constantFrom('two_sided', 'greater', 'lesser');

  it('the interval excludes the null exactly when p is below alpha', () => {
    fc.assert(
      fc.property(z, alternative, fc.integer({ min: 10, max: 1e6 }), (score, side, n) => {
        const tuning = { sampleSize: 5000 };
        const result = confidenceSequence(effectWith(score * 0.01, 0.01, n), {
          alpha: 0.05,
          alternative: side,
          tuning,
        });
        fc.pre(Math.abs(result.p - 0.05) > 1e-9);
        expect(result.interval[0] > 0 || result.interval[1] < 0).toBe(result.p < 0.05);
      }),
    );
  });

  it('p is a probability and logE is finite, however strong the evidence', () => {
    for (const score of [-1e6, -40, 0, 40, 1e6]) {
      for (const side of ['two_sided', 'greater', 'lesser'] as const) {
        const options = { alpha: 0.05, alternative: side, tuning: { effectSize: 1 } };
        const { p, logE } = confidenceSequence(effectWith(score, 1), options);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(Number.isFinite(logE)).toBe(true);
      }
    }
  });
});

describe('refusals', () => {
  const options = { alpha: 0.05, alternative: 'two_sided' } as const;

  it.each([
    [0, 'out_of_range'],
    [-3, 'out_of_range'],
    [Number.NaN, 'not_finite'],
  ])('a tuning of %s', (value, code) => {
    const effect = effectWith(0, 1);
    expect(refusalOf(() => confidenceSequence(effect, { ...options, tuning: { sampleSize: value } }))).toBe(
      code,
    );
    expect(refusalOf(() => confidenceSequence(effect, { ...options, tuning: { effectSize: value } }))).toBe(
      code,
    );
  });

  it('alpha outside of its range, and one too large to tune a one-sided sequence for', () => {
    const tuning = { sampleSize: 100 };
    const effect = effectWith(0, 1);
    expect(refusalOf(() => confidenceSequence(effect, { ...options, alpha: 1, tuning }))).toBe(
      'out_of_range',
    );
    const wide = { alpha: 0.6, alternative: 'greater', tuning } as const;
    expect(refusalOf(() => confidenceSequence(effect, wide))).toBe('out_of_range');
  });
});
