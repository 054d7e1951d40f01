// Alpha spending: nothing at the start, everything at the end, never backwards.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphaSpent, type SpendingFunction } from '../../../../domain/statistics/planning/spending.ts';
import { refusalOf } from '../refusal.ts';

const functions: readonly SpendingFunction[] = [
  { kind: 'obrien_fleming' },
  { kind: 'pocock' },
  { kind: 'power', exponent: 2 },
  { kind: 'power', exponent: 0.5 },
  { kind: 'hwang_shih_decani', gamma: -4 },
  { kind: 'hwang_shih_decani', gamma: 1 },
  { kind: 'hwang_shih_decani', gamma: 0 },
];

describe('alphaSpent', () => {
  it('matches the reference', () => {
    const spend = (spending: SpendingFunction, alpha: number, sides: 1 | 2, t: number) =>
      alphaSpent({ spending, alpha, sides }, t);
    expect(spend({ kind: 'obrien_fleming' }, 0.025, 1, 0.5)).toBeCloseTo(0.001525322757989, 14);
    expect(spend({ kind: 'obrien_fleming' }, 0.025, 1, 1 / 60) / 1.6052181707190665e-67).toBeCloseTo(1, 9);
    expect(spend({ kind: 'pocock' }, 0.025, 1, 0.05)).toBeCloseTo(0.00206055282197526, 14);
    expect(spend({ kind: 'power', exponent: 3 }, 0.025, 2, 0.518)).toBeCloseTo(0.00347479580000005, 14);
    expect(spend({ kind: 'hwang_shih_decani', gamma: -4 }, 0.05, 1, 0.5)).toBeCloseTo(
      0.00596014610110585,
      14,
    );
  });

  it('goes from 0 to alpha without stepping back', () => {
    const time = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...functions),
        fc.constantFrom(1, 2),
        time,
        time,
        (spending, sides, a, b) => {
          const design = { alpha: 0.05, sides, spending } as const;
          const [early, late] = [Math.min(a, b), Math.max(a, b)];
          expect(alphaSpent(design, early)).toBeLessThanOrEqual(alphaSpent(design, late) * (1 + 1e-12));
          expect(alphaSpent(design, late)).toBeLessThanOrEqual(0.05 * (1 + 1e-12));
          expect(alphaSpent(design, 0)).toBe(0);
          expect(alphaSpent(design, 1.2)).toBe(0.05);
        },
      ),
    );
  });

  it('refuses parameters without a meaning', () => {
    const design = { alpha: 0.05, sides: 2, spending: { kind: 'power', exponent: 0 } } as const;
    expect(refusalOf(() => alphaSpent(design, 0.5))).toBe('out_of_range');
    expect(refusalOf(() => alphaSpent({ ...design, alpha: 0 }, 0.5))).toBe('out_of_range');
    expect(refusalOf(() => alphaSpent(design, Number.NaN))).toBe('not_finite');
  });
});
