// Synthetic difference-in-differences: unmoved by levels, and right where the plain one is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  differenceInDifferences,
  type Panel,
} from '../../../../domain/statistics/incrementality/difference-in-differences.ts';
import { syntheticDifference } from '../../../../domain/statistics/incrementality/synthetic-difference-in-differences.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const START = 20;
const PERIODS = 28;

/** Half of the controls rise and half fall; the treated unit rises like the first half, and gains `gain`. */
function panel(gain: number, levels: readonly number[] = []): Panel {
  const normal = normalSource(5);
  const slopes = [1, 1, 1, 1, 1, -1, -1, -1, -1, -1];
  const y = slopes.map((slope, unit) =>
    Array.from({ length: PERIODS }, (_unused, period) => {
      const effect = unit === 0 && period >= START ? gain : 0;
      return slope * period + 0.1 * normal() + effect + (levels[unit] ?? 0);
    }),
  );
  return { y, treatedUnits: [0], firstPostPeriod: START };
}

describe('syntheticDifference', () => {
  it('is right where trends differ, which misleads the plain difference', () => {
    const { effect, unitWeights } = syntheticDifference(panel(4));
    expect(Math.abs(effect - 4)).toBeLessThan(0.3);
    expect(unitWeights.slice(4).reduce((sum, weight) => sum + weight, 0)).toBeLessThan(0.05);
    const plain = differenceInDifferences(panel(4), 'fixed_effects', 0.05).effect;
    expect(plain - 4).toBeGreaterThan(5);
  });

  it('gives weights on the simplex, one for each control and period before the start', () => {
    const { unitWeights, periodWeights } = syntheticDifference(panel(4));
    expect(unitWeights).toHaveLength(9);
    expect(periodWeights).toHaveLength(START);
    for (const weights of [unitWeights, periodWeights]) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
    }
  });

  it('does not change with the level of any unit', () => {
    const plain = syntheticDifference(panel(4)).effect;
    const numbers = (length: number) =>
      fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: length, maxLength: length });
    fc.assert(
      fc.property(numbers(10), (levels) => {
        expect(syntheticDifference(panel(4, levels)).effect).toBeCloseTo(plain, 5);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a single period before the start', () => {
    expect(refusalOf(() => syntheticDifference({ ...panel(4), firstPostPeriod: 1 }))).toBe('too_few');
    expect(refusalOf(() => syntheticDifference({ ...panel(4), treatedUnits: [] }))).toBe('too_few');
  });
});
