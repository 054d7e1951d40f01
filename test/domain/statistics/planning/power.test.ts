// Power, size and smallest effect: statsmodels' numbers, and each the inverse of the others.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  minimumDetectableEffect,
  type PowerDesign,
  powerOfTest,
  sampleSize,
} from '../../../../domain/statistics/planning/power.ts';
import { refusalOf } from '../refusal.ts';

const plain: PowerDesign = { model: 'normal', alpha: 0.05, alternative: 'two-sided', ratio: 1 };

describe('powerOfTest', () => {
  it('matches the reference, normal and t', () => {
    expect(powerOfTest(plain, 0.05, 13018)).toBeCloseTo(0.9809582422048019, 11);
    expect(powerOfTest({ ...plain, model: 't' }, 0.05, 13018)).toBeCloseTo(0.980951330273588, 11);
    const halved: PowerDesign = { ...plain, ratio: 0.5 };
    expect(powerOfTest(halved, 0.1, 42)).toBeCloseTo(0.0661870070500012, 12);
    expect(powerOfTest({ ...halved, model: 't' }, 0.1, 42)).toBeCloseTo(0.06568001014669035, 12);
  });

  it('is alpha without an effect', () => {
    for (const model of ['normal', 't'] as const) {
      expect(powerOfTest({ ...plain, model }, 0, 40)).toBeCloseTo(0.05, 12);
    }
  });
});

describe('sampleSize', () => {
  it.each([
    [{ alternative: 'larger' }, 0.5, 0.8, 49.460457856315955],
    [{ alpha: 0.01, ratio: 0.5 }, 0.02, 0.95, 133606.23299534456],
    [{ model: 't', ratio: 0.1 }, 0.1, 0.8, 8635.493024407951],
    [{ model: 't', ratio: 2, alternative: 'larger' }, 1.2, 0.8, 6.939180848941013],
    [{ model: 't', ratio: 2 }, 1.2, 0.8, 8.864153757974597],
  ] as const)('matches the reference for %o', (change, effect, power, size) => {
    expect(sampleSize({ ...plain, ...change }, effect, power) / size).toBeCloseTo(1, 6);
  });

  it('does not mind the sign of a two-sided effect', () => {
    expect(sampleSize(plain, -0.2, 0.8)).toBe(sampleSize(plain, 0.2, 0.8));
  });

  it('gives the power that it was asked for', () => {
    const designs = fc.record({
      model: fc.constantFrom('normal', 't'),
      alternative: fc.constantFrom('two-sided', 'larger'),
      alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
      ratio: fc.double({ min: 0.1, max: 5, noNaN: true }),
    });
    const effects = fc.double({ min: 0.01, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(
        designs,
        effects,
        fc.double({ min: 0.6, max: 0.99, noNaN: true }),
        (design, effect, power) => {
          expect(powerOfTest(design, effect, sampleSize(design, effect, power))).toBeCloseTo(power, 7);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('minimumDetectableEffect', () => {
  it('inverts the sample size', () => {
    expect(minimumDetectableEffect({ ...plain, alternative: 'larger' }, 49, 0.8)).toBeCloseTo(
      0.5023437813007147,
      8,
    );
    for (const model of ['normal', 't'] as const) {
      const design = { ...plain, model, ratio: 0.5 };
      expect(minimumDetectableEffect(design, sampleSize(design, 0.3, 0.9), 0.9)).toBeCloseTo(0.3, 9);
    }
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => sampleSize(plain, 0, 0.8))).toBe('out_of_range');
    expect(refusalOf(() => sampleSize({ ...plain, alternative: 'larger' }, -0.1, 0.8))).toBe('out_of_range');
    expect(refusalOf(() => sampleSize(plain, 1e-9, 0.8))).toBe('out_of_range');
    expect(refusalOf(() => sampleSize(plain, 0.1, 0.04))).toBe('out_of_range');
    expect(refusalOf(() => sampleSize(plain, Number.NaN, 0.8))).toBe('not_finite');
    expect(refusalOf(() => powerOfTest({ ...plain, ratio: 0 }, 0.1, 10))).toBe('out_of_range');
    expect(refusalOf(() => powerOfTest({ ...plain, model: 't' }, 0.1, 1))).toBe('too_few');
    expect(refusalOf(() => minimumDetectableEffect(plain, 0, 0.8))).toBe('out_of_range');
  });
});
