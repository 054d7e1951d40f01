// Shrinkage: DerSimonian and Laird's own arithmetic, and a winner's curse that really shrinks.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MINIMUM_HISTORY,
  priorFromHistory,
  scepticalPrior,
  shrinkEstimate,
} from '../../../../domain/statistics/comparison/shrinkage.ts';
import { normalSource } from '../random.ts';
import { refusalOf } from '../refusal.ts';

describe('priorFromHistory', () => {
  it('does the textbook arithmetic', () => {
    // Equal standard errors: the spread is the sample variance less the squared error, the mean is plain.
    const estimates = [0.1, -0.05, 0.2, 0.0, 0.15, 0.02];
    const mean = estimates.reduce((sum, value) => sum + value, 0) / 6;
    const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    const prior = priorFromHistory(estimates.map((estimate) => ({ estimate, standardError: 0.04 })));
    expect(prior.source).toBe('history');
    expect(prior.mean).toBeCloseTo(mean, 14);
    expect(prior.sd ** 2).toBeCloseTo(variance - 0.0016 + variance / 6, 12);
  });

  it('keeps a width when the past does not scatter at all', () => {
    const past = Array.from({ length: 8 }, () => ({ estimate: 0.03, standardError: 0.08 }));
    expect(priorFromHistory(past).sd).toBeCloseTo(0.08 / Math.sqrt(8), 12);
  });

  it('falls back on the sceptical prior below the minimum', () => {
    const past = Array.from({ length: MINIMUM_HISTORY - 1 }, () => ({ estimate: 0.5, standardError: 0.1 }));
    expect(priorFromHistory(past)).toEqual({ ...scepticalPrior, studies: MINIMUM_HISTORY - 1 });
  });
});

describe('shrinkEstimate', () => {
  it('weighs data and prior by their variances', () => {
    const { shrunken, weight, lower, upper } = shrinkEstimate(
      { estimate: 0.2, standardError: 0.1 },
      scepticalPrior,
      0.05,
    );
    expect(weight).toBeCloseTo(0.5, 15);
    expect(shrunken).toBeCloseTo(0.1, 15);
    expect(upper - lower).toBeCloseTo(2 * 1.959963984540054 * 0.1 * Math.SQRT1_2, 12);
  });

  it('lies between the prior mean and the raw estimate', () => {
    const number = fc.double({ min: -2, max: 2, noNaN: true });
    const width = fc.double({ min: 0.001, max: 2, noNaN: true });
    fc.assert(
      fc.property(number, width, number, width, (estimate, standardError, mean, sd) => {
        const prior = { mean, sd, source: 'given', studies: 0 } as const;
        const { shrunken } = shrinkEstimate({ estimate, standardError }, prior, 0.1);
        expect(shrunken).toBeGreaterThanOrEqual(Math.min(mean, estimate) - 1e-12);
        expect(shrunken).toBeLessThanOrEqual(Math.max(mean, estimate) + 1e-12);
      }),
    );
  });

  it('takes the curse away: significant results are right on average', () => {
    const normal = normalSource(20260301);
    const prior = { mean: 0, sd: 0.1, source: 'given', studies: 0 } as const;
    let [raw, shrunken, truth, winners] = [0, 0, 0, 0];
    for (let run = 0; run < 40_000; run += 1) {
      const effect = 0.1 * normal();
      const estimate = effect + 0.08 * normal();
      if (estimate < 1.96 * 0.08) continue;
      winners += 1;
      raw += estimate;
      truth += effect;
      shrunken += shrinkEstimate({ estimate, standardError: 0.08 }, prior, 0.05).shrunken;
    }
    expect(raw / truth).toBeGreaterThan(1.3);
    expect(Math.abs(shrunken - truth) / winners).toBeLessThan(0.003);
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    const observed = { estimate: 0.1, standardError: 0.1 };
    expect(refusalOf(() => shrinkEstimate({ ...observed, standardError: 0 }, scepticalPrior, 0.05))).toBe(
      'zero_variance',
    );
    expect(refusalOf(() => shrinkEstimate(observed, { ...scepticalPrior, sd: 0 }, 0.05))).toBe(
      'out_of_range',
    );
    expect(refusalOf(() => priorFromHistory([{ estimate: Number.NaN, standardError: 1 }]))).toBe(
      'not_finite',
    );
  });
});
