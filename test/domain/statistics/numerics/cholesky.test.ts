// Symmetric systems: solved, or refused when singular.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, solveCholesky, tryCholesky } from '../../../../domain/statistics/numerics/cholesky.ts';
import { refusalOf } from '../refusal.ts';

describe('cholesky', () => {
  it('solves a small system', () => {
    const factor = cholesky(Float64Array.from([4, 2, 2, 3]), 2);
    const [first, second] = solveCholesky(factor, [8, 7]);
    expect(first).toBeCloseTo(1.25, 14);
    expect(second).toBeCloseTo(1.5, 14);
  });

  it('solves any well-conditioned system', () => {
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 16, maxLength: 16 });
    const solutions = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(entries, solutions, (b, x) => {
        const at = (row: number, column: number) => b[row * 4 + column] ?? 0;
        const a = Float64Array.from({ length: 16 }, (_unused, index) => {
          const [row, column] = [Math.floor(index / 4), index % 4];
          const product = [0, 1, 2, 3].reduce((sum, k) => sum + at(row, k) * at(column, k), 0);
          return product + (row === column ? 1 : 0);
        });
        const right = [0, 1, 2, 3].map((row) =>
          x.reduce((sum, value, column) => sum + (a[row * 4 + column] ?? 0) * value, 0),
        );
        const solved = solveCholesky(cholesky(a, 4), right);
        for (const [index, value] of x.entries()) expect(solved[index]).toBeCloseTo(value, 9);
      }),
    );
  });

  it('refuses a singular matrix', () => {
    const singular = Float64Array.from([1, 2, 2, 4]);
    expect(tryCholesky(singular, 2)).toBeUndefined();
    expect(refusalOf(() => cholesky(singular, 2))).toBe('zero_variance');
  });
});
