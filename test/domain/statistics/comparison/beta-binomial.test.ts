// Beta posteriors of two rates: a reference case, closed forms, symmetries and refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceAbove, compareRates } from '../../../../domain/statistics/comparison/beta-binomial.ts';
import { expectClose, expectIntervalClose } from '../close.ts';
import { refusalOf } from './refusal.ts';

const uniform = { prior: { alpha: 1, beta: 1 }, alpha: 0.05 };
const control = { n: 137, successes: 53 };
const treatment = { n: 137, successes: 52 };

describe('compareRates', () => {
  it('gives the figures of the reference', () => {
    const result = compareRates(control, treatment, uniform);
    expectClose(result.chanceToWin, 0.4507713794513528, 1e-11);
    expectClose(result.expectedLoss.keepControl, 0.019796796877611683, 1e-10);
    expectClose(result.expectedLoss.shipTreatment, 0.02699104148192824, 1e-10);
    expectIntervalClose(result.control.interval, [0.3094064350199727, 0.4706121552743864], 1e-12);
    expectClose(result.treatment.mean, 0.381294964028777, 1e-14);
  });

  it('has losses that differ by the means, and chances that add up to 1', () => {
    const arm = fc
      .record({ n: fc.integer({ min: 1, max: 5000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ n, share }) => ({ n, successes: Math.round(n * share) }));
    fc.assert(
      fc.property(arm, arm, (a, b) => {
        const forth = compareRates(a, b, uniform);
        const back = compareRates(b, a, uniform);
        const { keepControl, shipTreatment } = forth.expectedLoss;
        expectClose(keepControl - shipTreatment, forth.treatment.mean - forth.control.mean, 0, 1e-9);
        expectClose(forth.chanceToWin + back.chanceToWin, 1, 1e-9);
      }),
      { numRuns: 50 },
    );
  });

  it('answers from the prior alone, and keeps a chance of 1e-40', () => {
    expectClose(
      compareRates({ n: 0, successes: 0 }, { n: 0, successes: 0 }, uniform).chanceToWin,
      0.5,
      1e-12,
    );
    const hopeless = compareRates({ n: 1000, successes: 500 }, { n: 1000, successes: 200 }, uniform);
    expect(hopeless.chanceToWin).toBeGreaterThan(0);
    expect(hopeless.chanceToWin).toBeLessThan(1e-40);
  });

  it.each([
    ['contradictory_sums', { n: 10, successes: 11 }, uniform],
    ['not_finite', { n: 10, successes: Number.NaN }, uniform],
    ['out_of_range', control, { ...uniform, prior: { alpha: 0, beta: 1 } }],
    ['out_of_range', control, { ...uniform, alpha: 1 }],
  ])('refuses with %s', (code, arm, options) => {
    expect(refusalOf(() => compareRates(arm, treatment, options))).toBe(code);
  });
});

it('chanceAbove agrees with closed forms', () => {
  // B with beta(1, 1) above A with beta(a, 1): 1 - E[A] = 1 / (a + 1).
  expectClose(chanceAbove({ alpha: 3, beta: 1 }, { alpha: 1, beta: 1 }), 0.25, 1e-12);
  // The maximum of two uniforms is beta(2, 1), and of three beta(3, 1).
  expectClose(chanceAbove({ alpha: 2, beta: 1 }, { alpha: 3, beta: 1 }), 0.6, 1e-12);
  expectClose(chanceAbove({ alpha: 0.5, beta: 0.5 }, { alpha: 0.5, beta: 0.5 }), 0.5, 1e-9);
});
