// The noncentral t: equal to the central one without shift, to the normal for many degrees of freedom.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noncentralTSf } from '../../../../domain/statistics/numerics/noncentral-t.ts';
import { normalSf, tSf } from '../../../../domain/statistics/numerics/special.ts';

describe('noncentralTSf', () => {
  it('is the central t without a shift', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }),
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        (t, df) => {
          expect(Math.abs(noncentralTSf(t, df, 0) - tSf(t, df))).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it('is P(Z > -shift) at t = 0, whatever the degrees of freedom', () => {
    for (const df of [0.7, 3, 90, 1e6]) expect(noncentralTSf(0, df, 1.3)).toBeCloseTo(normalSf(-1.3), 13);
  });

  it('tends to the shifted normal', () => {
    expect(noncentralTSf(2, 1e8, 1)).toBeCloseTo(normalSf(1), 7);
  });

  it('keeps its digits far from the mean', () => {
    // With one degree of freedom, T > t means Z + shift > t |Z'|; at t = 1 and no shift that is 1/4.
    expect(noncentralTSf(1, 1, 0)).toBeCloseTo(0.25, 14);
    expect(noncentralTSf(10, 30, 0) / tSf(10, 30)).toBeCloseTo(1, 4);
  });
});
