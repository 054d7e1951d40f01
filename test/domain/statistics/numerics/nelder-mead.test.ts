// The minimiser: a curved valley, a forbidden region, and a start from nowhere.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimise } from '../../../../domain/statistics/numerics/nelder-mead.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

describe('minimise', () => {
  it("finds the end of Rosenbrock's valley", () => {
    const valley = ([x = 0, y = 0]: readonly number[]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    const { point, value } = minimise(valley, [[-1.2, 1]], { tolerance: 1e-14 });
    expect(value).toBeLessThan(1e-10);
    expectClose(point[0], 1, 1e-4);
    expectClose(point[1], 1, 1e-4);
  });

  it('finds the centre of any bowl', () => {
    const coordinate = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, (a, b, c) => {
        const bowl = ([x = 0, y = 0, z = 0]: readonly number[]) =>
          (x - a) ** 2 + 3 * (y - b) ** 2 + 0.2 * (z - c) ** 2 + (x - a) * (y - b);
        expect(minimise(bowl, [[0, 0, 0]]).value).toBeLessThan(1e-7);
      }),
      { numRuns: 50 },
    );
  });

  it('stays out of where the objective is infinite, and takes the better of two starts', () => {
    const wells = ([x = 0]: readonly number[]) =>
      x < -2 ? Number.POSITIVE_INFINITY : Math.min((x + 2) ** 2 + 1, (x - 3) ** 2);
    expectClose(minimise(wells, [[-1], [4]]).point[0], 3, 1e-4);
    expectClose(minimise(wells, [[-1.5]], { step: 0.1 }).value, 1, 1e-6);
  });

  it('refuses when no start has a value', () => {
    expect(refusalOf(() => minimise(() => Number.NaN, [[0]]))).toBe('no_convergence');
    expect(refusalOf(() => minimise(() => 0, []))).toBe('no_convergence');
  });
});
