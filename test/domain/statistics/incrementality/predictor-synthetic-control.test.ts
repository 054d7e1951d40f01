// The search for the predictors' importance: it finds what the outcome follows, and refuses what has no answer.
import { describe, expect, it } from 'vitest';
import {
  type PredictorControlInput,
  predictorControl,
} from '../../../../domain/statistics/incrementality/predictor-synthetic-control.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const PRE = 12;

/** Markets on two hidden traits; the treated one is .6 of the first and .4 of the second, and gains 5 afterwards. */
function markets(): PredictorControlInput {
  const normal = normalSource(11);
  const traits = [
    [1, 8],
    [6, 2],
    [9, 9],
    [2, 1],
    [8, 5],
  ] as const;
  const outcome = (a: number, b: number, period: number) =>
    50 + a * Math.sin(period / 2) + b * (period / 4) + 0.02 * normal();
  const series = (a: number, b: number, gain: number) =>
    Array.from({ length: 18 }, (_unused, period) => outcome(a, b, period) + (period >= PRE ? gain : 0));
  const [a, b] = [0.6 * 1 + 0.4 * 6, 0.6 * 8 + 0.4 * 2];
  return {
    treated: series(a, b, 5),
    donors: traits.map(([x, y]) => series(x, y, 0)),
    prePeriods: PRE,
    predictors: [
      { treated: a, donors: traits.map(([x]) => x) },
      { treated: b, donors: traits.map(([, y]) => y) },
      // Says nothing of the outcome, and would lead astray if it counted.
      { treated: 10, donors: [0, 0, 3, 3, 3] },
    ],
  };
}

describe('predictorControl', () => {
  const input = markets();
  const found = predictorControl(input);

  it('meets the traits, finds the effect, and does not count the predictor that misleads', () => {
    for (const { treated, donors } of input.predictors.slice(0, 2)) {
      const matched = donors.reduce((sum, value, j) => sum + value * (found.weights[j] ?? 0), 0);
      expect(matched).toBeCloseTo(treated, 1);
    }
    expect(found.effect).toBeCloseTo(5, 1);
    expect(found.importance[2]).toBeLessThan(0.01);
    expect(found.meanSquaredGap).toBeLessThan(0.01);
  });

  it('gives weights that add up to 1, and the same answer twice', () => {
    expect(found.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(found.importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...found.weights)).toBeGreaterThanOrEqual(0);
    expect(predictorControl(input)).toEqual(found);
  });

  it('refuses what has no answer', () => {
    expect(refusalOf(() => predictorControl({ ...input, predictors: [] }))).toBe('too_few');
    expect(refusalOf(() => predictorControl({ ...input, donors: [] }))).toBe('no_data');
    expect(refusalOf(() => predictorControl({ ...input, prePeriods: 18 }))).toBe('too_few');
    const same = [{ treated: 1, donors: [1, 1, 1, 1, 1] }];
    expect(refusalOf(() => predictorControl({ ...input, predictors: same }))).toBe('zero_variance');
    const short = [{ treated: 1, donors: [1, 2] }];
    expect(refusalOf(() => predictorControl({ ...input, predictors: short }))).toBe('contradictory_sums');
    const ragged = input.donors.map((row, index) => (index === 0 ? row.slice(1) : row));
    expect(refusalOf(() => predictorControl({ ...input, donors: ragged }))).toBe('contradictory_sums');
    const hole = input.treated.map((value, period) => (period === 3 ? Number.NaN : value));
    expect(refusalOf(() => predictorControl({ ...input, treated: hole }))).toBe('not_finite');
  });
});
