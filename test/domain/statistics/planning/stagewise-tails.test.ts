// The tails at any drift agree with chances of stopping that were computed at that drift, and ascend with it.
import { describe, expect, it } from 'vitest';
import { boundaries } from '../../../../domain/statistics/planning/group-sequential.ts';
import { exitProbabilities } from '../../../../domain/statistics/planning/sequential-shape.ts';
import { stagewiseTails } from '../../../../domain/statistics/planning/stagewise-tails.ts';

const fractions = [0.1, 0.2, 0.35, 0.6, 0.8, 1];

describe.each([1, 2] as const)('a test of %i sides', (sides) => {
  const design = { alpha: 0.05, sides, spending: { kind: 'power', exponent: 2 } } as const;
  const criticalValues = boundaries(design, fractions).map(({ criticalValue }) => criticalValue);

  it.each([-6, -1, 0, 0.5, 2.8, 9])('agrees with exits computed at drift %d', (drift) => {
    for (const looks of [1, 3, 6]) {
      const z = 1.3;
      const taken = fractions.slice(0, looks);
      const { upperAt } = stagewiseTails({ sides, fractions: taken, criticalValues, z });
      // At the last look every path above z counts: there z takes the place of the bound.
      const bounds = [...criticalValues.slice(0, looks - 1), z];
      const { upper } = exitProbabilities(bounds, taken, sides, drift);
      const expected = upper.reduce((sum, chance) => sum + chance, 0);
      expect(Math.abs(upperAt(drift) - expected)).toBeLessThan(1e-9);
    }
  });

  it('ascends from 0 to 1, for outcomes however extreme', () => {
    for (const z of [-80, -3, 0, 4, 80]) {
      const { upperAt } = stagewiseTails({ sides, fractions, criticalValues, z });
      let before = 0;
      for (let drift = -300; drift <= 300; drift += 2.5) {
        const now = upperAt(drift);
        expect(now).toBeGreaterThanOrEqual(before - 1e-12);
        expect(now).toBeLessThanOrEqual(1 + 1e-12);
        before = now;
      }
      expect(before).toBeCloseTo(1, 12);
    }
  });

  it('gives both tails without drift, which add up to 1', () => {
    const { upperAt, pGreater, pLess } = stagewiseTails({ sides, fractions, criticalValues, z: 0.7 });
    expect(pGreater + pLess).toBeCloseTo(1, 12);
    expect(upperAt(0)).toBeCloseTo(pGreater, 12);
  });
});
