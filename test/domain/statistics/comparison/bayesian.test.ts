// The Gaussian posterior against reference values, and the identities that tie its figures together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { posteriorOf } from '../../../../domain/statistics/comparison/bayesian.ts';
import { type Effect, effectOf } from '../../../../domain/statistics/comparison/effect.ts';
import { meanMoments, proportionMoments } from '../../../../domain/statistics/comparison/moments.ts';
import { expectClose, expectIntervalClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

const flat = { kind: 'flat' } as const;

function effectWith(estimate: number, standardError: number, baseline = 2): Effect {
  return { difference: 'relative', estimate, standardError, degreesOfFreedom: 98, n: 100, baseline };
}

describe('against the reference', () => {
  it('a proper prior on the relative lift', () => {
    const effect = effectOf(
      proportionMoments({ n: 118_748, successes: 5920 }),
      proportionMoments({ n: 23_749, successes: 1178 }),
      'relative',
    );
    const prior = { kind: 'normal', unit: 'relative', mean: 0, variance: 0.09 } as const;
    const result = posteriorOf(effect, { alpha: 0.1, prior, better: 'higher' });
    expectClose(result.mean, -0.004989347117865001, 1e-11);
    expectClose(result.chanceToWin, 0.4356169948480018, 1e-11);
    expectIntervalClose(result.interval, [-0.055619749814939626, 0.045641055579209604], 1e-11);
    expectClose(result.expectedLoss.keepControl, 0.009946174289664211, 1e-10);
    expectClose(result.expectedLoss.shipTreatment, 0.01493552140752921, 1e-10);
  });

  it('a relative prior on an absolute difference of a metric to lower', () => {
    const effect = effectOf(
      proportionMoments({ n: 4629, successes: 42 }),
      proportionMoments({ n: 2314, successes: 27 }),
      'absolute',
    );
    const prior = { kind: 'normal', unit: 'relative', mean: -0.05, variance: 1 } as const;
    const result = posteriorOf(effect, { alpha: 0.1, prior, better: 'lower' });
    expectClose(result.mean, 0.0023583032685074007, 1e-11);
    expectClose(result.chanceToWin, 0.17539794856308744, 1e-11);
    expectClose(result.expectedLoss.keepControl, 0.00023883242525806622, 1e-10);
    expectClose(result.expectedLoss.shipTreatment, 0.002597135693765467, 1e-10);
  });

  it('keeps a loss of 1e-270, which a truncated normal mean would lose', () => {
    const control = meanMoments({ n: 91_919, sum: 918_626.7395236442, sumSquares: 10_013_033.614645801 });
    const treatment = meanMoments({ n: 91_919, sum: 964_571.5225241771, sumSquares: 10_946_495.485793088 });
    const effect = effectOf(control, treatment, 'relative');
    const result = posteriorOf(effect, { alpha: 0.05, prior: flat, better: 'higher' });
    expectClose(result.expectedLoss.shipTreatment, 3.866190191442974e-270, 1e-7);
  });
});

describe('properties', () => {
  const estimate = fc.double({ min: -1, max: 1, noNaN: true });
  const error = fc.double({ min: 1e-3, max: 1, noNaN: true });

  it('the two losses differ by the posterior mean', () => {
    fc.assert(
      fc.property(estimate, error, (mean, sd) => {
        const { expectedLoss } = posteriorOf(effectWith(mean, sd), {
          alpha: 0.05,
          prior: flat,
          better: 'higher',
        });
        expectClose(expectedLoss.keepControl - expectedLoss.shipTreatment, mean, 1e-9, 1e-12);
      }),
    );
  });

  it('what is better higher and better lower share the chance and swap the losses', () => {
    fc.assert(
      fc.property(estimate, error, (mean, sd) => {
        const up = posteriorOf(effectWith(mean, sd), { alpha: 0.05, prior: flat, better: 'higher' });
        const down = posteriorOf(effectWith(mean, sd), { alpha: 0.05, prior: flat, better: 'lower' });
        expectClose(up.chanceToWin + down.chanceToWin, 1, 1e-14);
        expect(down.expectedLoss.keepControl).toBe(up.expectedLoss.shipTreatment);
      }),
    );
  });

  it('a prior pulls the estimate towards its mean, and less so the wider it is', () => {
    fc.assert(
      fc.property(estimate, error, fc.double({ min: 1e-4, max: 10, noNaN: true }), (mean, sd, variance) => {
        const shrunk = (factor: number) =>
          posteriorOf(effectWith(mean, sd), {
            alpha: 0.05,
            prior: { kind: 'normal', unit: 'relative', mean: 0, variance: variance * factor },
            better: 'higher',
          });
        expect(Math.abs(shrunk(1).mean)).toBeLessThanOrEqual(Math.abs(mean) * (1 + 1e-12));
        expect(Math.abs(shrunk(1).mean)).toBeLessThanOrEqual(Math.abs(shrunk(4).mean) * (1 + 1e-12));
        expect(shrunk(1).standardDeviation).toBeLessThanOrEqual(sd * (1 + 1e-12));
      }),
    );
  });

  it('an absolute prior on a relative lift is divided by the baseline', () => {
    const absolute = { kind: 'normal', unit: 'absolute', mean: 0.4, variance: 0.04 } as const;
    const relative = { kind: 'normal', unit: 'relative', mean: 0.2, variance: 0.01 } as const;
    const judged = (prior: typeof absolute | typeof relative) =>
      posteriorOf(effectWith(0.1, 0.1, -2), { alpha: 0.05, prior, better: 'higher' });
    expectClose(judged(absolute).mean, judged(relative).mean, 1e-14);
  });
});

it('refuses a prior without a positive variance, and alpha outside of (0, 1)', () => {
  const prior = { kind: 'normal', unit: 'relative', mean: 0, variance: 0 } as const;
  const options = { alpha: 0.05, prior, better: 'higher' } as const;
  expect(refusalOf(() => posteriorOf(effectWith(0.1, 0.1), options))).toBe('out_of_range');
  const notFinite = { ...options, prior: { ...prior, variance: Number.NaN } };
  expect(refusalOf(() => posteriorOf(effectWith(0.1, 0.1), notFinite))).toBe('not_finite');
  expect(refusalOf(() => posteriorOf(effectWith(0.1, 0.1), { ...options, prior: flat, alpha: 0 }))).toBe(
    'out_of_range',
  );
});
