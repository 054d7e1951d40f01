// Difference-in-differences: all seven standard errors against statsmodels, and what must not change them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceInDifferences } from '../../../../domain/statistics/incrementality/difference-in-differences.ts';
import { refusalOf } from '../refusal.ts';

const wide = {
  y: [
    [3.87602, 5.37157, 6.42043, 6.49994, 6.5001, 6.85838],
    [5.97767, 6.95394, 8.90939, 10.51628, 10.76642, 9.88686],
    [3.7212, 5.29395, 5.44361, 4.08261, 4.92925, 6.92314],
    [8.70812, 8.36466, 10.45259, 8.38664, 8.95965, 9.70544],
    [7.91793, 7.83227, 8.35643, 7.9316, 8.21643, 7.26199],
    [12.59607, 13.30154, 14.04175, 12.01106, 10.86533, 11.77019],
  ],
  treatedUnits: [0, 1],
  firstPostPeriod: 3,
};
const twoByTwo = {
  y: [
    [10.34626, 9.10621],
    [13.65065, 12.69436],
    [7.49776, 5.57699],
    [14.7214, 13.43452],
    [6.35145, 5.16862],
    [4.65746, 5.17132],
  ],
  treatedUnits: [0, 1, 2],
  firstPostPeriod: 1,
};

describe('differenceInDifferences', () => {
  it('matches a regression with unit and period dummies', () => {
    const result = differenceInDifferences(wide, 'fixed_effects', 0.05);
    const { ols, hc0, hc1, hc2, hc3, cr0, cr1 } = result.standardErrors;
    expect(result.effect).toBeCloseTo(2.668725833333335, 10);
    expect(ols).toBeCloseTo(0.5721952074813383, 10);
    expect(hc0).toBeCloseTo(0.444241243032133, 10);
    expect(hc1).toBeCloseTo(0.5440821840642294, 10);
    expect(hc2).toBeCloseTo(0.5488674752382983, 10);
    expect(hc3).toBeCloseTo(0.678456608401991, 10);
    expect(cr1).toBeCloseTo(0.9704016737697209, 10);
    expect(cr0).toBeCloseTo(0.7335547144672893, 10);
    expect(result.p).toBeCloseTo(0.040304242965932234, 10);
    expect(result.lower).toBeCloseTo(0.17422891746981373, 9);
    expect(result.upper).toBeCloseTo(5.163222749196857, 9);
    expect(result.parameters).toBe(12);
  });

  it('matches the two-by-two regression', () => {
    const result = differenceInDifferences(twoByTwo, 'pooled', 0.05);
    const { ols, hc0, hc3, cr0, cr1 } = result.standardErrors;
    expect(result.effect).toBeCloseTo(-0.7204200000000003, 10);
    expect(ols).toBeCloseTo(4.964833602494201, 9);
    expect(hc0).toBeCloseTo(4.053769661311601, 9);
    expect(hc3).toBeCloseTo(6.0806544919674, 9);
    expect(cr1).toBeCloseTo(0.6817871098101859, 10);
    expect(cr0).toBeCloseTo(0.530770545130166, 10);
    expect(result.p).toBeCloseTo(0.3390221153445862, 10);
  });

  it('ignores levels of units and shocks of periods, and adds up effects', () => {
    const shift = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 6, maxLength: 6 });
    const before = differenceInDifferences(wide, 'fixed_effects', 0.05);
    fc.assert(
      fc.property(shift, shift, fc.double({ min: -5, max: 5, noNaN: true }), (levels, shocks, effect) => {
        const y = wide.y.map((row, unit) =>
          row.map((value, period) => {
            const lift = unit < 2 && period >= 3 ? effect : 0;
            return value + (levels[unit] ?? 0) + (shocks[period] ?? 0) + lift;
          }),
        );
        const after = differenceInDifferences({ ...wide, y }, 'fixed_effects', 0.05);
        expect(after.effect).toBeCloseTo(before.effect + effect, 9);
        expect(after.standardErrors.cr1).toBeCloseTo(before.standardErrors.cr1, 9);
      }),
    );
  });

  it('refuses panels that identify nothing', () => {
    const run = (change: Partial<typeof wide>) =>
      refusalOf(() => differenceInDifferences({ ...wide, ...change }, 'fixed_effects', 0.05));
    expect(run({ treatedUnits: [] })).toBe('too_few');
    expect(run({ treatedUnits: [0, 1, 2, 3, 4, 5] })).toBe('too_few');
    expect(run({ treatedUnits: [9] })).toBe('out_of_range');
    expect(run({ firstPostPeriod: 0 })).toBe('too_few');
    expect(run({ firstPostPeriod: 6 })).toBe('too_few');
    expect(run({ y: [[1, 2], [1]], treatedUnits: [0], firstPostPeriod: 1 })).toBe('contradictory_sums');
    expect(
      run({
        y: [
          [1, 2],
          [1, Number.NaN],
        ],
        treatedUnits: [0],
        firstPostPeriod: 1,
      }),
    ).toBe('not_finite');
    const constant = wide.y.map((row) => row.map(() => 4));
    expect(run({ y: constant })).toBe('zero_variance');
  });
});
