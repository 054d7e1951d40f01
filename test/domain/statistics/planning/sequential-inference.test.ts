// Inference after looking: exact for one look, and unbiased in the median where the raw estimate is not.
import { describe, expect, it } from 'vitest';
import { boundaries } from '../../../../domain/statistics/planning/group-sequential.ts';
import {
  repeatedInterval,
  repeatedPValue,
  type SequentialOutcome,
  stagewiseEstimate,
} from '../../../../domain/statistics/planning/sequential-inference.ts';
import type { SequentialDesign } from '../../../../domain/statistics/planning/spending.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

const design: SequentialDesign = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 2 } };
const fractions = [0.25, 0.5, 0.75, 1];
const criticalValues = boundaries(design, fractions).map((look) => look.criticalValue);

function stoppedAt(look: number, z: number): SequentialOutcome {
  const standardError = 0.1 / Math.sqrt(fractions[look - 1] ?? 1);
  const taken = fractions.slice(0, look);
  return { sides: 2, fractions: taken, criticalValues, estimate: z * standardError, standardError };
}

describe('stagewiseEstimate', () => {
  it('is the plain estimate, interval and p-value when there was one look', () => {
    const outcome = { sides: 2, fractions: [1], criticalValues: [], estimate: 3, standardError: 1 } as const;
    const { estimate, lower, upper, pTwoSided } = stagewiseEstimate(outcome, 0.05);
    expect(estimate).toBeCloseTo(3, 8);
    expect(lower).toBeCloseTo(3 - 1.959963984540054, 8);
    expect(upper).toBeCloseTo(3 + 1.959963984540054, 8);
    expect(pTwoSided).toBeCloseTo(0.0026997960632601866, 12);
  });

  it('shrinks an estimate that stopped the test late, and agrees with the test on zero', () => {
    const outcome = stoppedAt(3, 2.9);
    const { estimate, lower, pTwoSided } = stagewiseEstimate(outcome, 0.05);
    expect(estimate).toBeLessThan(outcome.estimate);
    expect(lower).toBeGreaterThan(0);
    expect(pTwoSided).toBeLessThan(0.05);
    const accepted = stagewiseEstimate(stoppedAt(4, (criticalValues[3] ?? 0) - 0.01), 0.05);
    expect(accepted.pTwoSided).toBeGreaterThan(0.05);
    expect(accepted.lower).toBeLessThan(0);
  });

  it('mirrors with the sign of the effect', () => {
    const up = stagewiseEstimate(stoppedAt(2, 3.4), 0.1);
    const down = stagewiseEstimate(stoppedAt(2, -3.4), 0.1);
    expect(down.estimate).toBeCloseTo(-up.estimate, 9);
    expect(down.lower).toBeCloseTo(-up.upper, 9);
    expect(down.pTwoSided).toBeCloseTo(up.pTwoSided, 12);
  });

  it('errs upwards as often as downwards, unlike the raw estimate', () => {
    const normal = normalSource(7);
    const truth = 0.25;
    const runs = 600;
    let [above, rawAbove, covered] = [0, 0, 0];
    for (let run = 0; run < runs; run += 1) {
      const outcome = simulate(normal, truth);
      const { estimate, lower, upper } = stagewiseEstimate(outcome, 0.1);
      if (estimate > truth) above += 1;
      if (outcome.estimate > truth) rawAbove += 1;
      if (lower < truth && truth < upper) covered += 1;
    }
    expect(Math.abs(above / runs - 0.5)).toBeLessThan(0.06);
    expect(rawAbove / runs).toBeGreaterThan(0.55);
    expect(Math.abs(covered / runs - 0.9)).toBeLessThan(0.04);
  });
});

function simulate(normal: () => number, truth: number): SequentialOutcome {
  let sum = 0;
  for (const [index, fraction] of fractions.entries()) {
    const step = fraction - (fractions[index - 1] ?? 0);
    sum += (truth / 0.1) * step + Math.sqrt(step) * normal();
    const z = sum / Math.sqrt(fraction);
    if (Math.abs(z) > (criticalValues[index] ?? 0) || index === fractions.length - 1) {
      return stoppedAt(index + 1, z);
    }
  }
  throw new Error('a plan has a last look');
}

describe('repeated inference', () => {
  it('widens the interval by the critical value', () => {
    expect(repeatedInterval(1, 0.5, 3, 2)).toEqual({ lower: -0.5, upper: 2.5 });
    expect(repeatedInterval(1, 0.5, 3, 1).upper).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives alpha as the p-value of a statistic on the boundary', () => {
    expect(repeatedPValue(design, fractions.slice(0, 3), criticalValues[2] ?? 0)).toBeCloseTo(0.05, 8);
    expect(repeatedPValue(design, [1], -3)).toBeCloseTo(0.0026997960632601866, 9);
    expect(repeatedPValue(design, [0.5], 0)).toBe(1);
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => stagewiseEstimate({ ...stoppedAt(1, 5), standardError: 0 }, 0.05))).toBe(
      'zero_variance',
    );
    expect(refusalOf(() => stagewiseEstimate({ ...stoppedAt(2, 3), criticalValues: [] }, 0.05))).toBe(
      'too_few',
    );
    expect(refusalOf(() => stagewiseEstimate(stoppedAt(1, 5), 0))).toBe('out_of_range');
    expect(refusalOf(() => repeatedInterval(1, 0, 2, 2))).toBe('zero_variance');
    expect(refusalOf(() => repeatedPValue(design, [1], Number.NaN))).toBe('not_finite');
  });
});
