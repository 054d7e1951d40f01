// Boundaries of constant shape against the published constants, and what sequential plans cost.
import { describe, expect, it } from 'vitest';
import {
  exitProbabilities,
  inflationFactor,
  sequentialPower,
  shapedBoundaries,
} from '../../../../domain/statistics/planning/sequential-shape.ts';
import type { SequentialDesign } from '../../../../domain/statistics/planning/spending.ts';
import { refusalOf } from '../refusal.ts';

const equalLooks = (looks: number) => Array.from({ length: looks }, (_unused, index) => (index + 1) / looks);

describe('shapedBoundaries', () => {
  it.each([
    [2, 2.1783, 1.9774],
    [3, 2.2895, 2.004],
    [4, 2.3613, 2.0243],
    [5, 2.4132, 2.0401],
    [10, 2.555, 2.0865],
  ])("gives the constants of Pocock and of O'Brien and Fleming for %i looks", (looks, pocock, last) => {
    const fractions = equalLooks(looks);
    const constant = shapedBoundaries('pocock', 0.05, 2, fractions);
    expect(constant[0]?.criticalValue).toBeCloseTo(pocock, 4);
    expect(constant.at(-1)?.alphaSpent).toBeCloseTo(0.05, 10);
    expect(shapedBoundaries('obrien_fleming', 0.05, 2, fractions).at(-1)?.criticalValue).toBeCloseTo(last, 4);
  });

  it('matches rpact one-sided', () => {
    const [first, second] = shapedBoundaries('obrien_fleming', 0.025, 1, [0.5, 1]);
    expect(first?.criticalValue).toBeCloseTo(2.79650968146771, 4);
    expect(second?.criticalValue).toBeCloseTo(1.97743095941965, 4);
    expect(first?.alphaSpent).toBeCloseTo(0.00258289316215732, 7);
  });

  it('refuses an alpha that is no rate', () => {
    expect(refusalOf(() => shapedBoundaries('pocock', 1, 2, [0.5, 1]))).toBe('out_of_range');
  });
});

describe('exitProbabilities', () => {
  it.each([
    [1, 0.05],
    [2, 0.0831],
    [3, 0.1073],
    [4, 0.1262],
    [5, 0.1417],
    [10, 0.1934],
    [20, 0.2479],
    [50, 0.3204],
  ])('reproduces the error of %i looks at 1.96 (Armitage, McPherson and Rowe 1969)', (looks, error) => {
    const fractions = equalLooks(looks);
    const bounds = fractions.map(() => 1.959963984540054);
    const { upper, lower } = exitProbabilities(bounds, fractions, 2);
    const crossed = [...upper, ...lower].reduce((sum, p) => sum + p, 0);
    expect(Math.abs(crossed - error)).toBeLessThan(1e-4);
  });

  it('refuses a look without a bound', () => {
    expect(refusalOf(() => exitProbabilities([2], [0.5, 1], 2))).toBe('too_few');
  });
});

describe('the price of looking', () => {
  const design: SequentialDesign = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 2 } };

  it('is four points of power over 60 daily looks', () => {
    const drift = 1.959963984540054 + 0.8416212335729143;
    expect(sequentialPower(design, [1], drift)).toBeCloseTo(0.8, 4);
    expect(sequentialPower(design, equalLooks(60), drift)).toBeCloseTo(0.761, 2);
  });

  it('or a tenth more sample, and nothing for one look', () => {
    expect(inflationFactor(design, [1], 0.8)).toBeCloseTo(1, 4);
    expect(inflationFactor(design, equalLooks(60), 0.8)).toBeCloseTo(1.1, 2);
  });
});
