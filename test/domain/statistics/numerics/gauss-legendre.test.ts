// Quadrature: exact for polynomials of its degree, accurate for the smooth functions it is used on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussLegendre, integrate } from '../../../../domain/statistics/numerics/gauss-legendre.ts';
import { normalPdf } from '../../../../domain/statistics/numerics/special.ts';

describe('gaussLegendre', () => {
  it('gives the known three-point rule', () => {
    const { nodes, weights } = gaussLegendre(3);
    expect(nodes[0]).toBeCloseTo(-Math.sqrt(0.6), 15);
    expect(nodes[1]).toBeCloseTo(0, 15);
    expect(weights[0]).toBeCloseTo(5 / 9, 15);
    expect(weights[1]).toBeCloseTo(8 / 9, 15);
  });

  it('integrates powers up to 2n - 1 exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 79 }), (n, power) => {
        fc.pre(power <= 2 * n - 1);
        const exact = power % 2 === 1 ? 0 : 2 / (power + 1);
        expect(integrate((x) => x ** power, -1, 1, 2, n)).toBeCloseTo(exact, 13);
      }),
    );
  });
});

describe('integrate', () => {
  it('gives a normal density its whole mass', () => {
    expect(integrate(normalPdf, -9, 9, 2)).toBeCloseTo(1, 14);
  });

  it('gives 0 on an empty interval', () => {
    expect(integrate(Math.exp, 2, 2, 1)).toBe(0);
  });
});
