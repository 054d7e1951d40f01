// Synthetic control: weights, gaps, placebo and ridge correction against a checked active-set solution.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  placeboTest,
  ridgeAugmented,
  syntheticControl,
} from '../../../../domain/statistics/incrementality/synthetic-control.ts';
import { refusalOf } from '../refusal.ts';

const input = {
  treated: [
    51.87, 54.4928, 56.8621, 58.1913, 56.3287, 55.9151, 53.0857, 54.2111, 55.7705, 55.9576, 54.1613, 52.8768,
    50.4101, 47.7516,
  ],
  donors: [
    [
      53.424, 53.5185, 56.6554, 57.5286, 56.507, 54.7111, 52.7577, 53.2531, 54.7649, 54.8953, 52.4534,
      52.2949, 49.9449, 47.4561,
    ],
    [
      51.9085, 50.8006, 51.452, 52.8656, 52.3774, 51.8797, 49.6729, 49.3323, 51.7444, 51.0038, 49.0619,
      49.3494, 47.9428, 45.9357,
    ],
    [
      54.6296, 58.6814, 61.6664, 63.2133, 64.9161, 61.8696, 60.5748, 61.9098, 61.6241, 64.0069, 61.1443,
      60.385, 59.6536, 55.1006,
    ],
    [
      52.0498, 55.7905, 58.3593, 58.5049, 59.0399, 57.3621, 56.697, 58.4512, 57.8365, 58.7096, 57.6163,
      58.114, 58.1834, 56.7429,
    ],
    [
      53.4081, 54.7596, 55.5275, 57.6785, 58.0673, 56.7133, 55.5174, 55.62, 56.3118, 58.4228, 56.0892,
      55.7622, 55.2123, 52.9389,
    ],
  ],
  prePeriods: 10,
  periodWeights: [
    0.506846, 1.851415, 0.831787, 0.374479, 0.210444, 2.876912, 0.826785, 0.448715, 0.075248, 1.99737,
  ],
};

function expectAll(computed: readonly (number | null)[], expected: readonly number[], digits: number): void {
  for (const [index, value] of expected.entries()) expect(computed[index]).toBeCloseTo(value, digits);
}

describe('syntheticControl', () => {
  it('matches the reference', () => {
    const result = syntheticControl(input);
    expectAll(
      result.weights,
      [0.5770202688046802, 0.11843846168918669, 0.08726674321349459, 0.21727452629263852, 0.0],
      9,
    );
    expect(result.weights[4]).toBe(0);
    expect(result.objective).toBeCloseTo(2.269091281102874, 9);
    expect(result.unique).toBe(true);
    expectAll(
      result.gap.slice(10),
      [0.2293908524284518, -1.0395783863154762, -1.9349371705508318, -2.209321852117789],
      8,
    );
    expect(result.effect).toBeCloseTo(-1.2386116391389113, 8);
    expect(result.rmspePre).toBeCloseTo(0.615243254490372, 9);
    expect(result.rmspeRatio).toBeCloseTo(2.5387099253269327, 8);
  });

  it('finds the weights that made the treated, whatever the level of the data', () => {
    const levels = fc.constantFrom(0, 1e3, 1e6);
    const shares = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(levels, shares, (level, raw) => {
        const total = raw.reduce((sum, share) => sum + share, 0);
        const donors = input.donors.map((row) => row.map((value) => value + level));
        const noise = (period: number) => (period % 2 === 0 ? 1e-3 : -1e-3);
        const treated = input.treated.map((_unused, period) =>
          donors.reduce((sum, row, j) => sum + ((raw[j] ?? 0) / total) * (row[period] ?? 0), noise(period)),
        );
        const { weights } = syntheticControl({ treated, donors, prePeriods: 10 });
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
        expectAll(
          weights,
          raw.map((share) => share / total),
          2,
        );
      }),
    );
  });

  it('refuses the impossible', () => {
    const run = (change: object) => refusalOf(() => syntheticControl({ ...input, ...change }));
    expect(run({ donors: [] })).toBe('no_data');
    expect(run({ prePeriods: 14 })).toBe('too_few');
    expect(run({ donors: [[1, 2]] })).toBe('contradictory_sums');
    expect(run({ periodWeights: [1] })).toBe('out_of_range');
    expect(run({ treated: input.treated.map(() => Number.NaN) })).toBe('not_finite');
    expect(run({ treated: input.donors[0] })).toBe('zero_variance');
  });
});

describe('placeboTest', () => {
  it('matches the reference', () => {
    const { ratios, p } = placeboTest(input, syntheticControl(input).rmspeRatio);
    expectAll(
      ratios,
      [2.3363568685767264, 0.7064735321983237, 0.5707798518859987, 4.098495061694272, 2.633388836342811],
      7,
    );
    expect(p).toBe(0.5);
  });

  it('is as small as the number of donors allows for an enormous effect', () => {
    const treated = input.treated.map((value, period) => value + (period >= 10 ? 500 : 0));
    const lifted = { ...input, treated };
    expect(placeboTest(lifted, syntheticControl(lifted).rmspeRatio).p).toBeCloseTo(1 / 6, 15);
  });

  it('needs two donors', () => {
    expect(refusalOf(() => placeboTest({ ...input, donors: input.donors.slice(0, 1) }, 1))).toBe('too_few');
  });
});

describe('ridgeAugmented', () => {
  const { weights } = syntheticControl(input);

  it('matches the reference', () => {
    const result = ridgeAugmented(input, weights, 10);
    expectAll(
      result.weights,
      [
        0.6023524875206493, 0.11918156954297236, 0.04650090811411994, 0.2806167180932131,
        -0.04865168327094912,
      ],
      8,
    );
    expect(result.effect).toBeCloseTo(-1.1231831208996539, 8);
  });

  it('tends to the plain weights, and keeps their sum', () => {
    const stiff = ridgeAugmented(input, weights, 1e12);
    expectAll(stiff.weights, weights, 9);
    const loose = ridgeAugmented(input, weights, 0.1);
    expect(loose.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  it('refuses a penalty of 0', () => {
    expect(refusalOf(() => ridgeAugmented(input, weights, 0))).toBe('out_of_range');
  });
});
