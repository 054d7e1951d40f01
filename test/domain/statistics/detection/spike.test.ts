// Tail probabilities of a count, against references and against each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anscombeDistance,
  gammaPoissonUpperTail,
  negativeBinomialLowerTail,
  negativeBinomialUpperTail,
  poissonLowerTail,
  poissonUpperTail,
} from '../../../../domain/statistics/detection/spike.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

describe('tails of a count', () => {
  it('agrees with the references down to 1e-252', () => {
    expectClose(poissonUpperTail(9, 3.558), 0.010888863901936389, 1e-10);
    expectClose(poissonUpperTail(1346, 451.744), 2.3694947699201296e-252, 1e-8);
    expectClose(poissonUpperTail(407, 394.448), 0.27022698693251324, 1e-10);
    expectClose(negativeBinomialUpperTail(1423, 468.277, 10), 6.340201952597682e-6, 1e-9);
    expectClose(negativeBinomialUpperTail(3, 0.744, 0.5), 0.09140133177615997, 1e-10);
    expectClose(anscombeDistance(333, 123.302), 14.275086991774181, 1e-12);
  });

  it('is certain of at least nothing', () => {
    expect(poissonUpperTail(0, 4)).toBe(1);
    expect(negativeBinomialUpperTail(0, 4, 2)).toBe(1);
    expect(gammaPoissonUpperTail(0, [3, 4])).toBe(1);
  });

  it('widens the tail of a short history', () => {
    const known = poissonUpperTail(20, 8);
    const short = gammaPoissonUpperTail(20, [8, 8, 8]);
    const long = gammaPoissonUpperTail(
      20,
      Array.from({ length: 300 }, () => 8),
    );
    expect(short).toBeGreaterThan(long);
    expect(long).toBeGreaterThan(known);
  });

  it('splits certainty between the two tails', () => {
    const mean = fc.double({ min: 0.01, max: 1500, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1500 }),
        mean,
        fc.double({ min: 0.1, max: 90, noNaN: true }),
        (x, mu, k) => {
          expectClose(poissonLowerTail(x, mu) + poissonUpperTail(x + 1, mu), 1, 1e-9);
          expectClose(negativeBinomialLowerTail(x, mu, k) + negativeBinomialUpperTail(x + 1, mu, k), 1, 1e-9);
        },
      ),
    );
  });

  it('refuses what is not a count', () => {
    expect(refusalOf(() => poissonUpperTail(2.5, 4))).toBe('out_of_range');
    expect(refusalOf(() => poissonUpperTail(2, 0))).toBe('out_of_range');
    expect(refusalOf(() => poissonUpperTail(Number.NaN, 4))).toBe('not_finite');
    expect(refusalOf(() => gammaPoissonUpperTail(2, []))).toBe('no_data');
  });
});
