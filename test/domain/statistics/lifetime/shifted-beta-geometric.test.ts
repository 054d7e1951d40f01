// Shifted-beta-geometric: the two published cohorts, their projection, and the discounted lifetimes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitSbg,
  sbgChurnProbabilities,
  sbgExpectedLifetime,
  sbgLogLikelihood,
  sbgResidualLifetime,
  sbgRetention,
  sbgSurvival,
} from '../../../../domain/statistics/lifetime/shifted-beta-geometric.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

describe('the published cohorts (Fader and Hardie 2007), fitted on seven years', () => {
  it('finds Regular: .704, 1.182, with 17.0% left after twelve years', () => {
    const fit = fitSbg({ initial: 1000, alive: [631, 468, 382, 326, 289, 262, 241] });
    expectClose(fit.alpha, 0.70408, 0, 5e-4);
    expectClose(fit.beta, 1.18204, 0, 5e-4);
    expectClose(fit.logLikelihood, -1680.265, 0, 1e-2);
    const survival = sbgSurvival(fit, 12).map((share) => Number((100 * share).toFixed(1)));
    expect(survival).toEqual([62.7, 47.4, 38.8, 33.2, 29.2, 26.2, 23.9, 22.0, 20.4, 19.1, 18.0, 17.0]);
  });

  it('finds High End: .668, 3.806, with 37.8% left after twelve years', () => {
    const fit = fitSbg({ initial: 1000, alive: [869, 743, 653, 593, 551, 517, 491] });
    expectClose(fit.alpha, 0.66809, 0, 5e-4);
    expectClose(fit.beta, 3.8061, 0, 5e-4);
    expectClose(fit.logLikelihood, -1611.158, 0, 1e-2);
    expectClose(sbgSurvival(fit, 12).at(-1), 0.378, 0, 5e-4);
  });

  it('finds a flat likelihood at the edge, where one churn rate for all fits as well', () => {
    const alive = [900, 810, 729, 656, 590];
    const fit = fitSbg({ initial: 1000, alive });
    expect(fit.atBoundary).toBe(true);
    expectClose(fit.alpha / (fit.alpha + fit.beta), 0.1, 1e-2);
    expect(fit.logLikelihood).toBeGreaterThanOrEqual(
      sbgLogLikelihood({ alpha: 1000, beta: 9000 }, { initial: 1000, alive }),
    );
  });
});

describe('closed forms', () => {
  const highEnd = { alpha: 0.668, beta: 3.806 };

  it('agrees with thirty-digit references', () => {
    expectClose(sbgChurnProbabilities(highEnd, 4)[3], 0.05986589546166448, 1e-13);
    expectClose(sbgRetention(highEnd, 4)[3], 0.9106234947819106, 1e-13);
    expectClose(sbgSurvival(highEnd, 4)[3], 0.6099510247186952, 1e-13);
    expectClose(sbgExpectedLifetime(highEnd, 0.1), 5.9225964076127635, 1e-12);
    expectClose(sbgResidualLifetime(highEnd, 2, 0.1), 5.9017531677530215, 1e-12);
  });

  it('adds up to what a long sum of discounted survival gives', () => {
    const parameter = fc.double({ min: 0.1, max: 30, noNaN: true });
    fc.assert(
      fc.property(
        parameter,
        parameter,
        fc.double({ min: 0.02, max: 0.5, noNaN: true }),
        (alpha, beta, discount) => {
          const periods = Math.ceil(35 / Math.log1p(discount));
          const sum = sbgSurvival({ alpha, beta }, periods).reduce(
            (total, alive, index) => total + alive / (1 + discount) ** (index + 1),
            1,
          );
          expectClose(sbgExpectedLifetime({ alpha, beta }, discount), sum, 1e-11);
        },
      ),
    );
  });

  it('takes a month at a small discount, and no discount where the sum is finite', () => {
    expectClose(sbgExpectedLifetime({ alpha: 3, beta: 6 }, 1e-9), 4, 1e-6);
    expect(sbgExpectedLifetime({ alpha: 3, beta: 6 }, 0)).toBe(4);
    expect(refusalOf(() => sbgExpectedLifetime({ alpha: 0.7, beta: 6 }, 0))).toBe('out_of_range');
  });
});

describe('refusals', () => {
  it('names what is impossible', () => {
    expect(refusalOf(() => fitSbg({ initial: 0, alive: [0, 0] }))).toBe('no_data');
    expect(refusalOf(() => fitSbg({ initial: 10, alive: [5] }))).toBe('too_few');
    expect(refusalOf(() => fitSbg({ initial: 10, alive: [5, 6] }))).toBe('contradictory_sums');
    expect(refusalOf(() => fitSbg({ initial: 10, alive: [10, 10] }))).toBe('zero_variance');
    expect(refusalOf(() => fitSbg({ initial: 10, alive: [0, 0] }))).toBe('zero_variance');
    expect(refusalOf(() => sbgResidualLifetime({ alpha: 1, beta: 1 }, 0, 0.1))).toBe('out_of_range');
    expect(refusalOf(() => sbgSurvival({ alpha: -1, beta: 1 }, 3))).toBe('out_of_range');
  });
});
