// The special functions against 30 to 50-digit values, and above all the detours around the library's traps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  betaSf,
  chiSquareCdf,
  chiSquareSf,
  digamma,
  erfc,
  erfcx,
  gammaP,
  gammaQ,
  hyp2f1,
  logBeta,
  logGamma,
  logNormalCdf,
  normalCdf,
  normalPdf,
  normalQuantile,
  normalSf,
  regularisedBeta,
  tCdf,
  tQuantile,
  tSf,
} from '../../../../domain/statistics/numerics/special.ts';
import { expectClose } from '../close.ts';

describe('detour a: the normal quantile', () => {
  it.each([
    [1e-300, -37.0470962993612],
    [1e-200, -30.20559417957964],
    [1e-16, -8.222082216130435],
    [0.025, -1.959963984540054],
    [0.5, 0],
    [0.975, 1.959963984540054],
  ])('normalQuantile(%s)', (p, expected) => {
    expectClose(normalQuantile(p), expected, 2e-13, 1e-16);
  });

  it('inverts the distribution function over the whole lower half', () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 0, noNaN: true }), (x) => {
        expectClose(normalQuantile(normalCdf(x)), x, 1e-12, 1e-14);
      }),
    );
  });
});

describe('detour b: upper tails keep their digits', () => {
  it('of the normal', () => {
    expectClose(normalSf(12), 1.776482112077679e-33, 1e-13);
    expect(1 - normalCdf(12)).toBe(0);
  });

  it.each([
    [20, 7.5, 4.422075355975723e-8],
    [8, 1_234_000, 6.22628515878487e-16],
    [30, 90_000, 4.609426210728592e-197],
    [37, 5000.3, 2.1381787980319632e-265],
    [37, 1e9, 5.72825842877757e-300],
  ])('of Student t: tSf(%s, %s)', (t, df, expected) => {
    expectClose(tSf(t, df), expected, 1e-12);
  });

  it('of chi-square', () => {
    expectClose(chiSquareSf(600, 1), 1.674167984691788e-132, 1e-12);
    expectClose(chiSquareSf(600, 200), 1.4110215102111522e-41, 1e-12);
    expect(1 - chiSquareCdf(600, 200)).toBe(0);
    expect([chiSquareSf(0, 3), chiSquareCdf(-1, 3)]).toEqual([1, 0]);
  });

  it('of beta', () => {
    expectClose(betaSf(0.25, 1, 400), 0.75 ** 400, 1e-12);
    expect([betaSf(0, 2, 3), betaSf(1, 2, 3), betaCdf(0, 2, 3), betaCdf(1, 2, 3)]).toEqual([1, 0, 0, 1]);
  });
});

describe('detour c: the incomplete gamma of a large order', () => {
  it.each([
    [500, 480, 0.1862819731903246, 0.8137180268096754],
    [950, 1011.6, 0.975448270642904, 0.024551729357095993],
    [1000, 1010, 0.6276789447369947, 0.3723210552630053],
    [2000, 1955.3, 0.15875210594983316, 0.8412478940501669],
    [5e5, 5.01e5, 0.9212813386138704, 0.07871866138612964],
    [1e6, 9.9e5, 5.446644693010809e-24, 1],
  ])('P(%s, %s)', (a, x, lower, upper) => {
    expectClose(gammaP(a, x), lower, 1e-12);
    expectClose(gammaQ(a, x), upper, 1e-12);
  });

  it('meets the library at the order from which it takes over', () => {
    for (const share of [0.8, 0.95, 1, 1.05, 1.2]) {
      expectClose(gammaP(500, 500 * share), gammaP(499.9999999, 499.9999999 * share), 1e-7);
    }
  });

  it('has tails that sum to 1, and grows with x', () => {
    const order = fc.double({ min: 400, max: 1e6, noNaN: true });
    const share = fc.double({ min: 0.9, max: 1.1, noNaN: true });
    fc.assert(
      fc.property(order, share, (a, factor) => {
        expectClose(gammaP(a, a * factor) + gammaQ(a, a * factor), 1, 1e-12);
        expect(gammaP(a, a * factor * 1.001)).toBeGreaterThanOrEqual(gammaP(a, a * factor));
      }),
      { numRuns: 60 },
    );
  });

  it('knows both ends', () => {
    expect([gammaP(1000, 0), gammaQ(1000, 0), gammaP(1000, -1)]).toEqual([0, 1, Number.NaN]);
  });
});

describe('the other functions', () => {
  it('Student t', () => {
    expectClose(tQuantile(0.025, 25), -2.0595385527532977, 1e-14);
    expectClose(tQuantile(1e-10, 1), -3183098861.837907, 1e-12);
    expectClose(tCdf(1, 1), 0.75, 1e-14);
  });

  it('beta quantile, sharper than the library alone', () => {
    expectClose(betaQuantile(0.000001, 0.5, 0.5), 2.46740110027031e-12, 1e-12);
    expectClose(betaQuantile(0.5, 150, 1300), 0.10326595369002356, 1e-13);
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
    expect(regularisedBeta(0.3, 2, 5)).toBe(betaCdf(0.3, 2, 5));
  });

  it('beta quantile inverts the distribution function', () => {
    const shape = fc.double({ min: 0.5, max: 500, noNaN: true });
    fc.assert(
      fc.property(shape, shape, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (a, b, p) => {
        expectClose(betaCdf(betaQuantile(p, a, b), a, b), p, 1e-9);
      }),
    );
  });

  it('single values', () => {
    expectClose(logNormalCdf(-38), -726.5572160188201, 1e-13);
    expectClose(logNormalCdf(6), -9.865876455243758e-10, 1e-13);
    expectClose(normalPdf(0), 0.3989422804014327, 1e-15);
    expectClose(logGamma(10_000), 82099.71749644238, 1e-14);
    expectClose(digamma(0.9), -0.7549269499470513, 1e-14);
    expectClose(logBeta(2, 3), Math.log(1 / 12), 1e-14);
    expectClose(hyp2f1(1, 4.8, 5.5, 0.95), 9.004325875131546, 1e-13);
    expectClose(erfc(1), 0.15729920705028513, 1e-14);
    expectClose(erfcx(25), 0.02254957243264136, 1e-14);
  });
});
