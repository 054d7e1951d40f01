// Lambert's W on its lower branch, against 30-digit values and its own definition.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ImpossibleInput } from '../../../../domain/statistics/impossible.ts';
import { lambertWLower } from '../../../../domain/statistics/numerics/lambert-w.ts';
import { expectClose } from '../close.ts';

it.each([
  [-0.01, -6.472775124394005],
  [-1e-200, -466.6626251653469],
  [-0.3678, -1.0209272394094275],
])('W_-1(%s)', (x, expected) => {
  expectClose(lambertWLower(x), expected, 1e-12);
});

it('solves w e^w = x', () => {
  fc.assert(
    fc.property(fc.double({ min: -600, max: -1.01, noNaN: true }), (exponent) => {
      const w = lambertWLower(-Math.exp(exponent));
      expectClose(w + Math.log(-w), exponent, 1e-13);
    }),
  );
});

it.each([0, 0.5, -1 / Math.E, -1, Number.NaN])('refuses %s', (x) => {
  expect(() => lambertWLower(x)).toThrow(ImpossibleInput);
});
