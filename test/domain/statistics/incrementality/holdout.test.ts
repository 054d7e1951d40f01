// Holdout lift: the reference's numbers, null where a figure does not exist, and invariance to the currency.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdoutLift } from '../../../../domain/statistics/incrementality/holdout.ts';
import { refusalOf } from '../refusal.ts';

const treated = { people: 10817, conversions: 867, revenue: 51198.35, revenueSquares: 4568727.9283 };
const holdout = { people: 569, conversions: 45, revenue: 2751.3199999999997, revenueSquares: 242521.6972 };
const thinTreated = { people: 1419, conversions: 8, revenue: 460.18, revenueSquares: 46238.0866 };
const thinHoldout = { people: 200, conversions: 4, revenue: 231.18, revenueSquares: 17160.992400000003 };

describe('holdoutLift', () => {
  it('matches the reference', () => {
    const lift = holdoutLift(treated, holdout, 0.1, 27070.94);
    expect(lift.incrementalConversions).toBeCloseTo(11.525483304042247, 8);
    expect(lift.incrementalConversionsInterval[0]).toBeCloseTo(-195.06161550276903, 7);
    expect(lift.costPerIncrementalConversion).toBeCloseTo(2348.7900060994066, 5);
    expect(lift.incrementalRevenue).toBeCloseTo(-1105.742161687164, 6);
    expect(lift.incrementalRevenueInterval[1]).toBeCloseTo(14263.937881240534, 5);
    expect(lift.returnOnSpend?.ratio).toBeCloseTo(-0.04084609406570899, 10);
    expect(lift.returnOnSpend?.interval[0]).toBeCloseTo(-0.6086017775745822, 10);
    expect(lift.returnOnSpend?.chanceAtMostZero).toBeCloseTo(0.5470992198333156, 10);
    expect(lift.returnOnSpend?.chanceAtMostOne).toBeCloseTo(0.9987170132397332, 10);
    expect(lift.relativeLift).toBeCloseTo(-0.02114064341789923, 11);
    expect(lift.relativeLiftFieller?.[0]).toBeCloseTo(-0.24665413038517625, 10);
    expect(lift.relativeLiftFieller?.[1]).toBeCloseTo(0.3794082388727198, 10);
    expect(lift.relativeLiftDelta[0]).toBeCloseTo(-0.3090917651230129, 10);
    expect(lift.incrementalShare).toBeCloseTo(0.013293521688630072, 11);
  });

  it('gives null for a cost without an increment and an interval without bounds', () => {
    const lift = holdoutLift(thinTreated, thinHoldout, 0.05, 2871.82);
    expect(lift.costPerIncrementalConversion).toBeNull();
    expect(lift.relativeLiftFieller).toBeNull();
    expect(lift.incrementalConversions).toBeCloseTo(-20.38, 10);
  });

  it('gives null for everything that needs the spend', () => {
    const lift = holdoutLift(treated, holdout, 0.1);
    expect(lift.returnOnSpend).toBeNull();
    expect(lift.costPerIncrementalConversion).toBeNull();
  });

  it('does not depend on the currency', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (rate) => {
        const convert = (group: typeof treated) => ({
          ...group,
          revenue: group.revenue * rate,
          revenueSquares: group.revenueSquares * rate * rate,
        });
        const before = holdoutLift(treated, holdout, 0.1, 100);
        const after = holdoutLift(convert(treated), convert(holdout), 0.1, 100 * rate);
        expect(after.returnOnSpend?.ratio).toBeCloseTo(before.returnOnSpend?.ratio ?? 0, 8);
        expect(after.relativeLiftFieller?.[0]).toBeCloseTo(before.relativeLiftFieller?.[0] ?? 0, 8);
        expect(after.incrementalRevenue / rate).toBeCloseTo(before.incrementalRevenue, 6);
      }),
    );
  });

  it('refuses the impossible', () => {
    expect(refusalOf(() => holdoutLift({ ...treated, people: 0 }, holdout, 0.1))).toBe('no_data');
    expect(refusalOf(() => holdoutLift({ ...treated, conversions: -1 }, holdout, 0.1))).toBe(
      'contradictory_sums',
    );
    expect(refusalOf(() => holdoutLift({ ...treated, revenueSquares: 1 }, holdout, 0.1))).toBe(
      'contradictory_sums',
    );
    const poor = { ...holdout, revenue: 0 };
    expect(refusalOf(() => holdoutLift(treated, poor, 0.1))).toBe('zero_baseline');
    const idle = { people: 10, conversions: 0, revenue: 0, revenueSquares: 0 };
    expect(refusalOf(() => holdoutLift(idle, idle, 0.1))).toBe('zero_variance');
    expect(refusalOf(() => holdoutLift(treated, holdout, 0.1, 0))).toBe('out_of_range');
  });
});
