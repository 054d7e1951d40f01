// BG/NBD: the published CDNOW fit, single customers to ten digits, and what no parameters may break.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bgNbdConditionalPurchases,
  bgNbdExpectedPurchases,
  bgNbdLogLikelihood,
  bgNbdProbabilityAlive,
  bgNbdPurchaseProbability,
  fitBgNbd,
} from '../../../../domain/statistics/lifetime/bg-nbd.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';
import { cdnowPurchases } from './cdnow.ts';

const cdnow = { r: 0.242593, alpha: 4.413532, a: 0.792886, b: 2.425752 };

describe('fitBgNbd on CDNOW (Fader, Hardie and Lee 2005, table 2)', () => {
  const fit = fitBgNbd(cdnowPurchases);

  it('finds the published parameters and likelihood', () => {
    expect(fit.customers).toBe(2357);
    expectClose(fit.r, 0.2425929, 1e-3);
    expectClose(fit.alpha, 4.413532, 1e-3);
    expectClose(fit.a, 0.792886, 1e-3);
    expectClose(fit.b, 2.425753, 1e-3);
    expectClose(fit.logLikelihood, -9582.42556, 0, 1e-3);
    expect(fit.atBoundary).toBe(false);
  });

  it('predicts the worked customer: two purchases, the last in week 30.43 of 38.86', () => {
    const history = { repeats: 2, recency: 30.43, age: 38.86 };
    expectClose(bgNbdConditionalPurchases(fit, history, 39), 1.22591, 1e-3);
    expectClose(bgNbdProbabilityAlive(fit, history), 0.726609, 1e-3);
    expectClose(bgNbdExpectedPurchases(fit, 39), 1.195016, 1e-3);
  });
});

describe('single customers', () => {
  it('agrees with thirty-digit references', () => {
    const history = { repeats: 7, recency: 2.81, age: 10.81 };
    expectClose(bgNbdLogLikelihood(cdnow, history), -11.659098142887478, 1e-10);
    expectClose(bgNbdProbabilityAlive(cdnow, history), 0.04582695286061717, 1e-10);
    expectClose(bgNbdExpectedPurchases(cdnow, 1), 0.05318475535987746, 1e-10);
    expectClose(bgNbdConditionalPurchases(cdnow, history, 1), 0.021358462384494556, 1e-10);
    expectClose(bgNbdPurchaseProbability(cdnow, 1, 1), 0.044048035085463365, 1e-10);
  });

  it('gives a customer without repeat purchases a probability of 1, by the model', () => {
    expect(bgNbdProbabilityAlive(cdnow, { repeats: 0, recency: 0, age: 52 })).toBe(1);
  });

  it('keeps its digits where the closed form is 0/0: a = 1 and a + b = 1', () => {
    for (const [a, b] of [
      [1, 2.4],
      [0.4, 0.6],
    ] as const) {
      const at = bgNbdExpectedPurchases({ r: 0.3, alpha: 5, a, b }, 20);
      const below = bgNbdExpectedPurchases({ r: 0.3, alpha: 5, a: a - 1e-4, b }, 20);
      const above = bgNbdExpectedPurchases({ r: 0.3, alpha: 5, a: a + 1e-4, b }, 20);
      expectClose(at, (below + above) / 2, 1e-7);
    }
  });

  it('survives heavy buyers and long horizons', () => {
    const value = bgNbdConditionalPurchases(cdnow, { repeats: 900, recency: 100, age: 101 }, 500);
    expect(value).toBeGreaterThan(0);
    expect(Number.isFinite(value)).toBe(true);
  });
});

const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
const wide = fc.double({ min: 1, max: 40, noNaN: true });
const anyParameters = fc.record({ r: positive, alpha: wide, a: positive, b: positive });

describe('properties', () => {
  it('has purchase probabilities that add up to 1', () => {
    fc.assert(
      fc.property(anyParameters, fc.double({ min: 0.1, max: 5, noNaN: true }), (parameters, horizon) => {
        const rate = parameters.r / parameters.alpha;
        fc.pre(rate * horizon < 20);
        let sum = 0;
        for (let count = 0; count < 2000 && sum < 1 - 1e-9; count += 1) {
          sum += bgNbdPurchaseProbability(parameters, count, horizon);
        }
        expect(sum).toBeGreaterThan(1 - 1e-4);
        expect(sum).toBeLessThan(1 + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('expects more purchases over a longer time, and never more than of a customer who cannot leave', () => {
    fc.assert(
      fc.property(anyParameters, fc.double({ min: 0.01, max: 300, noNaN: true }), (parameters, horizon) => {
        const now = bgNbdExpectedPurchases(parameters, horizon);
        const later = bgNbdExpectedPurchases(parameters, horizon * 1.5);
        expect(now).toBeGreaterThan(0);
        // A customer sure to leave soon reaches the limit of what doubles can show.
        expect(later).toBeGreaterThanOrEqual(now * (1 - 1e-12));
        expect(now).toBeLessThanOrEqual(((parameters.r * horizon) / parameters.alpha) * (1 + 1e-9));
      }),
      { numRuns: 60 },
    );
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => fitBgNbd([]))).toBe('no_data');
    expect(refusalOf(() => fitBgNbd([{ repeats: 0, recency: 0, age: 9, customers: 5 }]))).toBe(
      'zero_variance',
    );
    expect(refusalOf(() => fitBgNbd([{ repeats: 1, recency: 10, age: 9, customers: 5 }]))).toBe(
      'contradictory_sums',
    );
    expect(
      refusalOf(() => bgNbdProbabilityAlive({ ...cdnow, a: 0 }, { repeats: 0, recency: 0, age: 1 })),
    ).toBe('out_of_range');
    expect(refusalOf(() => bgNbdExpectedPurchases(cdnow, Number.NaN))).toBe('not_finite');
    expect(refusalOf(() => bgNbdExpectedPurchases(cdnow, -1))).toBe('out_of_range');
  });
});
