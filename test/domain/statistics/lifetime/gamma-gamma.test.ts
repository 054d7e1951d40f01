// Gamma-gamma: the published CDNOW fit, and the pull of a customer's mean towards that of all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitGammaGamma,
  gammaGammaConditionalMean,
  gammaGammaLogLikelihood,
  gammaGammaPopulationMean,
} from '../../../../domain/statistics/lifetime/gamma-gamma.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';
import { cdnowSpend } from './cdnow.ts';

const published = { p: 6.25, q: 3.74, v: 15.44 };

describe('gamma-gamma', () => {
  it('finds the published parameters of CDNOW (Fader and Hardie 2013)', () => {
    const fit = fitGammaGamma(cdnowSpend);
    expect(fit.customers).toBe(946);
    expectClose(fit.p, 6.248802, 2e-3);
    expectClose(fit.q, 3.744589, 2e-3);
    expectClose(fit.v, 15.447749, 2e-3);
    expectClose(fit.logLikelihood, -4055.9232435, 0, 1e-3);
  });

  it('agrees with thirty-digit references', () => {
    const spend = { orders: 7, meanValue: 12.07 };
    expectClose(gammaGammaConditionalMean(published, spend), 13.434340718434072, 1e-12);
    expectClose(gammaGammaPopulationMean(published), 35.21897810218978, 1e-12);
    expectClose(gammaGammaLogLikelihood(published, spend), -4.047184834646713, 1e-10);
  });

  it('keeps the expected order value between the customer and the population', () => {
    const value = fc.double({ min: 0.5, max: 900, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), value, (orders, meanValue) => {
        const all = gammaGammaPopulationMean(published);
        const expected = gammaGammaConditionalMean(published, { orders, meanValue });
        expect(expected).toBeGreaterThanOrEqual(Math.min(all, meanValue) - 1e-9);
        expect(expected).toBeLessThanOrEqual(Math.max(all, meanValue) + 1e-9);
      }),
    );
  });

  it('refuses refunds, equal spenders, empty tables and an infinite mean', () => {
    expect(refusalOf(() => gammaGammaConditionalMean(published, { orders: 1, meanValue: -5 }))).toBe(
      'out_of_range',
    );
    const same = { orders: 2, meanValue: 30, customers: 4 };
    expect(refusalOf(() => fitGammaGamma([same, { ...same, orders: 3 }]))).toBe('zero_variance');
    expect(refusalOf(() => fitGammaGamma([]))).toBe('no_data');
    expect(refusalOf(() => gammaGammaPopulationMean({ p: 6, q: 0.9, v: 15 }))).toBe('out_of_range');
  });
});
