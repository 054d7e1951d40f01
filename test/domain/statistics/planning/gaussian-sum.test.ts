// The fast sum of a normal kernel is the plain one, near the nodes, far from them, and for kernels of any width.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalPdf } from '../../../../domain/statistics/numerics/special.ts';
import { gaussianSum, panelGrid, sourceOf } from '../../../../domain/statistics/planning/gaussian-sum.ts';

describe('panelGrid', () => {
  it('integrates exactly what twelve points a panel can', () => {
    const { nodes, weights, panels } = panelGrid(-1, 2, 1);
    expect(panels).toBe(3);
    const integral = (power: number) =>
      nodes.reduce((sum, node, index) => sum + (weights[index] ?? 0) * node ** power, 0);
    expect(integral(0)).toBeCloseTo(3, 13);
    expect(integral(23)).toBeCloseTo((2 ** 24 - 1) / 24, 6);
  });
});

describe('gaussianSum', () => {
  const plain = (grid: ReturnType<typeof panelGrid>, masses: Float64Array, deviation: number, x: number) =>
    grid.nodes.reduce(
      (sum, node, index) => sum + (masses[index] ?? 0) * normalPdf((x - node) / deviation),
      0,
    );

  it('is the plain sum', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (from, deviation, x) => {
          const grid = panelGrid(from, from + 2, 3 * deviation);
          const masses = grid.nodes.map((node, index) => (grid.weights[index] ?? 0) * Math.exp(-node));
          const fast = gaussianSum(sourceOf(grid, masses, deviation), x, 38.5);
          const slow = plain(grid, masses, deviation, x);
          expect(Math.abs(fast - slow)).toBeLessThanOrEqual(1e-11 * slow + 1e-290);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves out panels beyond the reach, and is 0 when all are', () => {
    const grid = panelGrid(0, 10, 1);
    const source = sourceOf(grid, grid.weights, 0.5);
    expect(gaussianSum(source, -10, 8.5)).toBe(0);
    expect(gaussianSum(source, 20, 8.5)).toBe(0);
    // Deep inside, the kernel integrates to its width.
    expect(gaussianSum(source, 5, 8.5)).toBeCloseTo(0.5, 12);
  });
});
