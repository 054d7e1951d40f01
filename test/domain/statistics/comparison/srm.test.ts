// Sample ratio mismatch: the chi-square for one look, the evidence for looking every day.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquareSrm, srmEvidence } from '../../../../domain/statistics/comparison/srm.ts';
import { normalSf } from '../../../../domain/statistics/numerics/special.ts';
import { refusalOf } from '../refusal.ts';

const lopsided = [1463082, 1556873, 994837, 2495529, 1292855, 1020303];
const lopsidedWeights = [2, 2, 1, 3, 2, 1];

describe('chiSquareSrm', () => {
  it('matches the reference', () => {
    const { chiSquare, degreesOfFreedom, p } = chiSquareSrm([113, 68], [0.612, 0.388]);
    expect(chiSquare).toBeCloseTo(0.11549645394031331, 11);
    expect(degreesOfFreedom).toBe(1);
    expect(p).toBeCloseTo(0.7339712299391661, 11);
  });

  it('still knows the order of a p-value that is no double any more', () => {
    const { p, log10P } = chiSquareSrm(lopsided, lopsidedWeights);
    expect(p).toBe(0);
    expect(log10P).toBeCloseTo(-39776.19806696357, 6);
  });

  it('agrees with itself where the deep tail begins', () => {
    const near = chiSquareSrm([500000 + 18150, 500000 - 18150], [1, 1]);
    expect(near.p).toBeGreaterThan(0);
    expect(near.log10P).toBeCloseTo(Math.log10(near.p), 8);
    // Past 1e-290 the logarithm comes from a continued fraction; with one degree of freedom it is 2 P(Z > z).
    const deeper = chiSquareSrm([500000 + 18350, 500000 - 18350], [1, 1]);
    expect(deeper.log10P).toBeCloseTo(Math.log10(2 * normalSf(Math.sqrt(deeper.chiSquare))), 8);
  });

  it('drops an arm of weight 0 from the degrees of freedom too', () => {
    expect(chiSquareSrm([113, 68, 0], [0.612, 0.388, 0])).toEqual(chiSquareSrm([113, 68], [0.612, 0.388]));
  });
});

describe('srmEvidence', () => {
  it('matches the reference', () => {
    expect(srmEvidence([113, 68], [0.612, 0.388]).logEvidence).toBeCloseTo(-0.4771269777295235, 10);
    expect(srmEvidence([38, 32, 37], [1, 1, 1]).logEvidence).toBeCloseTo(-0.5788733090536967, 10);
    expect(srmEvidence(lopsided, lopsidedWeights).logEvidence).toBeCloseTo(89890.70372471803, 4);
  });

  it('is a martingale: one more user changes it by nothing on average', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(counts, (users) => {
        fc.pre(users.some((count) => count > 0));
        const weights = users.map((_unused, index) => index + 1);
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const now = srmEvidence(users, weights).logEvidence;
        const expected = weights.reduce((total, weight, arm) => {
          const next = users.map((count, index) => (index === arm ? count + 1 : count));
          return total + (weight / sum) * Math.exp(srmEvidence(next, weights).logEvidence - now);
        }, 0);
        expect(expected).toBeCloseTo(1, 8);
      }),
    );
  });

  it('never gives a p above 1', () => {
    expect(srmEvidence([50, 50], [1, 1]).p).toBe(1);
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => chiSquareSrm([0, 0], [1, 1]))).toBe('no_data');
    expect(refusalOf(() => chiSquareSrm([5], [1]))).toBe('too_few');
    expect(refusalOf(() => chiSquareSrm([5, 5], [1]))).toBe('contradictory_sums');
    expect(refusalOf(() => chiSquareSrm([5, 5, 1], [1, 1, 0]))).toBe('contradictory_sums');
    expect(refusalOf(() => chiSquareSrm([5, -5], [1, 1]))).toBe('out_of_range');
    expect(refusalOf(() => srmEvidence([5, 5], [1, Number.NaN]))).toBe('not_finite');
    expect(refusalOf(() => srmEvidence([5, 5], [1, 1], 0))).toBe('out_of_range');
  });
});
