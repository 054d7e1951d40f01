// The two hypergeometric routines against closed forms and each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  logHypergeometric,
  unitHypergeometric,
} from '../../../../domain/statistics/numerics/hypergeometric.ts';
import { expectClose } from '../close.ts';

const parameter = fc.double({ min: 0.05, max: 60, noNaN: true });
const argument = fc.double({ min: 0, max: 0.98, noNaN: true });

describe('hypergeometric functions', () => {
  it('knows -ln(1 - z) / z and powers of 1 - z', () => {
    expectClose(unitHypergeometric(1, 2, 0.5), 2 * Math.LN2, 1e-15);
    expectClose(logHypergeometric(3, 2, 2, 0.9), -3 * Math.log(0.1), 1e-14);
    expect(logHypergeometric(3, 2, 5, 0)).toBe(0);
    expect(unitHypergeometric(3, 5, 0)).toBe(1);
  });

  it('stays in range where the function itself does not', () => {
    expectClose(logHypergeometric(900, 50, 50, 0.7), -900 * Math.log(0.3), 1e-12);
  });

  it('agrees between the series and the continued fraction', () => {
    fc.assert(
      fc.property(parameter, parameter, argument, (b, more, z) => {
        const c = b + more;
        expectClose(Math.log(unitHypergeometric(b, c, z)), logHypergeometric(1, b, c, z), 1e-10, 1e-12);
      }),
    );
  });
});
