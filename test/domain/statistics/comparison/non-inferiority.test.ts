// Margins: non-inferiority in both directions and equivalence, against scipy's and statsmodels' numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  testEquivalence,
  testNonInferiority,
} from '../../../../domain/statistics/comparison/non-inferiority.ts';
import { refusalOf } from '../refusal.ts';

const lowerIsBetter = {
  estimate: -0.02627289253461898,
  standardError: 0.05449522422371774,
  degreesOfFreedom: 463.66615521938246,
  margin: 0.1,
  alpha: 0.05,
};
const higherIsBetter = {
  estimate: -0.06927555557031377,
  standardError: 0.09110186851825229,
  degreesOfFreedom: 98.13663039451812,
  margin: 0.02,
  alpha: 0.05,
};

describe('testNonInferiority', () => {
  it('matches the reference where lower is better', () => {
    const { t, p, bound, nonInferior } = testNonInferiority(lowerIsBetter, false);
    expect(t).toBeCloseTo(-2.317136856180908, 9);
    expect(p).toBeCloseTo(0.010465509873091547, 10);
    expect(bound).toBeCloseTo(0.06354322558136828, 10);
    expect(nonInferior).toBe(true);
  });

  it('matches the reference where higher is better', () => {
    const { t, p, bound, nonInferior } = testNonInferiority(higherIsBetter, true);
    expect(t).toBeCloseTo(-0.5408841374141672, 9);
    expect(p).toBeCloseTo(0.7050934653939754, 10);
    expect(bound).toBeCloseTo(-0.22055286419533182, 10);
    expect(nonInferior).toBe(false);
  });

  it('agrees with its own p-value, and mirrors', () => {
    const tests = fc.record({
      estimate: fc.double({ min: -3, max: 3, noNaN: true }),
      standardError: fc.double({ min: 0.01, max: 2, noNaN: true }),
      degreesOfFreedom: fc.double({ min: 1, max: 1e5, noNaN: true }),
      margin: fc.double({ min: 0.01, max: 2, noNaN: true }),
      alpha: fc.double({ min: 0.001, max: 0.3, noNaN: true }),
    });
    fc.assert(
      fc.property(tests, (test) => {
        const result = testNonInferiority(test, true);
        fc.pre(Math.abs(result.p - test.alpha) > 1e-9);
        expect(result.nonInferior).toBe(result.p < test.alpha);
        const mirror = testNonInferiority({ ...test, estimate: -test.estimate }, false);
        expect(mirror.p).toBeCloseTo(result.p, 12);
        expect(mirror.bound).toBeCloseTo(-result.bound, 12);
      }),
    );
  });
});

describe('testEquivalence', () => {
  it('takes the larger of both sides', () => {
    expect(testEquivalence(lowerIsBetter).p).toBeCloseTo(0.08837192444314017, 10);
    expect(testEquivalence(higherIsBetter).p).toBeCloseTo(0.7050934653939754, 10);
    expect(testEquivalence(lowerIsBetter).equivalent).toBe(false);
    expect(testEquivalence({ ...lowerIsBetter, margin: 0.3 }).equivalent).toBe(true);
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => testNonInferiority({ ...lowerIsBetter, standardError: 0 }, true))).toBe(
      'zero_variance',
    );
    expect(refusalOf(() => testNonInferiority({ ...lowerIsBetter, margin: 0 }, true))).toBe('out_of_range');
    expect(refusalOf(() => testEquivalence({ ...lowerIsBetter, estimate: Number.NaN }))).toBe('not_finite');
    expect(refusalOf(() => testEquivalence({ ...lowerIsBetter, degreesOfFreedom: 0 }))).toBe('too_few');
  });
});
