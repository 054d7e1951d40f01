// Root finding: any bracketed root to double precision, and a refusal where there is no bracket.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brentRoot, expandBracket } from '../../../../domain/statistics/numerics/root.ts';
import { refusalOf } from '../refusal.ts';

describe('brentRoot', () => {
  it('finds textbook roots', () => {
    expect(brentRoot(Math.cos, 0, 3)).toBeCloseTo(Math.PI / 2, 15);
    expect(brentRoot((x) => x ** 3 - 2 * x - 5, 2, 3)).toBeCloseTo(2.0945514815423265, 14);
  });

  it('finds the root of a steep and of a flat function', () => {
    expect(brentRoot((x) => Math.expm1(80 * (x - 0.3)), 0, 1)).toBeCloseTo(0.3, 13);
    expect(brentRoot((x) => (x - 1) ** 9, 0, 3)).toBeCloseTo(1, 1);
  });

  it('accepts a root on the edge', () => {
    expect(brentRoot((x) => x, 0, 4)).toBe(0);
    expect(brentRoot((x) => x - 4, 0, 4)).toBe(4);
  });

  it('finds any root of a shifted sinh', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (root) => {
        expect(brentRoot((x) => Math.sinh(x - root), -6, 6)).toBeCloseTo(root, 12);
      }),
    );
  });

  it('refuses an interval without a change of sign', () => {
    expect(refusalOf(() => brentRoot((x) => x * x + 1, -1, 1))).toBe('no_convergence');
    expect(refusalOf(() => brentRoot(() => Number.NaN, -1, 1))).toBe('no_convergence');
  });
});

describe('expandBracket', () => {
  it('widens until the sign changes', () => {
    const [low, high] = expandBracket((x) => x - 100, 0, 1);
    expect(low).toBeLessThan(100);
    expect(high).toBeGreaterThan(100);
  });

  it('refuses a function that never changes sign', () => {
    expect(refusalOf(() => expandBracket(() => 1, 0, 1))).toBe('no_convergence');
  });
});
