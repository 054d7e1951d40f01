// Simplex least squares: optimal by the conditions that define an optimum, also for dependent vectors.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastNormOnSimplex } from '../../../../domain/statistics/numerics/simplex-least-squares.ts';
import { refusalOf } from '../refusal.ts';

const coordinate = fc.integer({ min: -50, max: 50 });

/** Largest gain that any single vector still offers, relative to the scale: 0 at the optimum. */
function violation(vectors: readonly (readonly number[])[], weights: readonly number[]): number {
  const point = (vectors[0] ?? []).map((_unused, axis) =>
    vectors.reduce((sum, vector, j) => sum + (weights[j] ?? 0) * (vector[axis] ?? 0), 0),
  );
  const product = (vector: readonly number[]) =>
    vector.reduce((sum, value, axis) => sum + value * (point[axis] ?? 0), 0);
  const scale = Math.max(
    1,
    ...vectors.map((vector) => vector.reduce((sum, value) => sum + value * value, 0)),
  );
  return Math.max(...vectors.map((vector) => product(point) - product(vector))) / scale;
}

describe('leastNormOnSimplex', () => {
  it('projects the origin on a segment', () => {
    const { weights, objective, unique } = leastNormOnSimplex([
      [2, 0],
      [0, 1],
    ]);
    expect(weights[0]).toBeCloseTo(0.2, 14);
    expect(weights[1]).toBeCloseTo(0.8, 14);
    expect(objective).toBeCloseTo(0.8, 14);
    expect(unique).toBe(true);
  });

  it('gives a useless vector exactly 0', () => {
    expect(leastNormOnSimplex([[1], [3]]).weights).toEqual([1, 0]);
  });

  it('says when other weights do as well', () => {
    expect(leastNormOnSimplex([[1], [1]]).unique).toBe(false);
    expect(leastNormOnSimplex([[1], [-1], [2]]).unique).toBe(false);
  });

  it('meets the optimality conditions for any vectors, more vectors than axes included', () => {
    const sets = fc
      .integer({ min: 1, max: 4 })
      .chain((axes) =>
        fc.array(fc.array(coordinate, { minLength: axes, maxLength: axes }), { minLength: 1, maxLength: 12 }),
      );
    fc.assert(
      fc.property(sets, (vectors) => {
        const { weights } = leastNormOnSimplex(vectors);
        expect(weights.every((weight) => weight >= 0)).toBe(true);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        expect(violation(vectors, weights)).toBeLessThan(1e-8);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses an empty set', () => {
    expect(refusalOf(() => leastNormOnSimplex([]))).toBe('no_data');
  });
});
