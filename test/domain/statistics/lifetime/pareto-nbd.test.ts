// Pareto/NBD: the published CDNOW fit, single customers to ten digits, on both sides of alpha = beta.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitParetoNbd,
  paretoNbdConditionalPurchases,
  paretoNbdExpectedPurchases,
  paretoNbdLogLikelihood,
  paretoNbdProbabilityAlive,
} from '../../../../domain/statistics/lifetime/pareto-nbd.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';
import { cdnowPurchases } from './cdnow.ts';

describe('fitParetoNbd', () => {
  it('finds the published parameters of CDNOW (Fader, Hardie and Lee 2005, table 2)', () => {
    const fit = fitParetoNbd(cdnowPurchases);
    expectClose(fit.r, 0.553276, 2e-3);
    expectClose(fit.alpha, 10.57761, 2e-3);
    expectClose(fit.s, 0.606213, 2e-3);
    expectClose(fit.beta, 11.6679, 2e-3);
    expectClose(fit.logLikelihood, -9594.97393, 0, 1e-3);
  });

  it('refuses a table in which nobody came back', () => {
    expect(refusalOf(() => fitParetoNbd([{ repeats: 0, recency: 0, age: 9, customers: 5 }]))).toBe(
      'zero_variance',
    );
  });
});

describe('single customers', () => {
  it('agrees with thirty-digit references where customers leave slowly (alpha < beta)', () => {
    const parameters = { r: 0.5533, alpha: 10.5776, s: 0.6061, beta: 11.6656 };
    const history = { repeats: 7, recency: 2.81, age: 10.81 };
    expectClose(paretoNbdLogLikelihood(parameters, history), -13.662192043860731, 1e-10);
    expectClose(paretoNbdProbabilityAlive(parameters, history), 0.24646901769861457, 1e-10);
    expectClose(paretoNbdExpectedPurchases(parameters, 1), 0.051008855217852644, 1e-10);
    expectClose(paretoNbdConditionalPurchases(parameters, history, 1), 0.0858971514953403, 1e-10);
  });

  it('agrees with them for beta above alpha, one purchase and a long silence', () => {
    const parameters = { r: 1.2, alpha: 6.3, s: 0.8, beta: 14.2 };
    const history = { repeats: 1, recency: 54.56, age: 72.1 };
    expectClose(paretoNbdLogLikelihood(parameters, history), -8.410703415843688, 1e-10);
    expectClose(paretoNbdConditionalPurchases(parameters, history, 39), 0.7389606766277014, 1e-10);
  });

  it('is continuous at alpha = beta and at s = 1', () => {
    const history = { repeats: 4, recency: 9, age: 20 };
    const at = (alpha: number, s: number) =>
      paretoNbdConditionalPurchases({ r: 0.7, alpha, s, beta: 8 }, history, 10);
    expectClose(at(8, 0.6), (at(8 - 1e-5, 0.6) + at(8 + 1e-5, 0.6)) / 2, 1e-8);
    expectClose(at(6, 1), (at(6, 1 - 1e-5) + at(6, 1 + 1e-5)) / 2, 1e-8);
  });

  it('believes less in a customer the longer they stay away', () => {
    const positive = fc.double({ min: 0.05, max: 50, noNaN: true });
    const parameters = fc.record({ r: positive, alpha: positive, s: positive, beta: positive });
    fc.assert(
      fc.property(
        parameters,
        fc.integer({ min: 0, max: 150 }),
        positive,
        positive,
        (model, repeats, recency, silence) => {
          const last = repeats === 0 ? 0 : recency;
          const sooner = paretoNbdProbabilityAlive(model, { repeats, recency: last, age: last + silence });
          const later = paretoNbdProbabilityAlive(model, { repeats, recency: last, age: last + 2 * silence });
          expect(sooner).toBeLessThanOrEqual(1);
          expect(later).toBeGreaterThanOrEqual(0);
          expect(later).toBeLessThanOrEqual(sooner + 1e-12);
        },
      ),
    );
  });
});
