// What a test will cost: known sample sizes, the price of looking daily, whole weeks, and refusals by field.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DesignRequest,
  designExperiment,
  type ExperimentDesign,
} from '../../../domain/experiment/design.ts';

const request: DesignRequest = {
  baseline: { kind: 'proportion', rate: 0.04 },
  minimumEffect: 0.1,
  alpha: 0.05,
  power: 0.8,
  arms: 2,
  dailyUnits: 3000,
  method: 'group_sequential',
};

function designed(change: Partial<DesignRequest> = {}): ExperimentDesign {
  const design = designExperiment({ ...request, ...change });
  if ('refused' in design) throw new Error(JSON.stringify(design.fields));
  return design;
}

function refusedFields(change: Partial<DesignRequest>): string[] {
  const design = designExperiment({ ...request, ...change });
  return 'refused' in design ? (design.fields ?? []).map(({ path }) => path) : [];
}

describe('size', () => {
  test('one look: the textbook size of a two-sided test with unpooled variances', () => {
    // (1.959964 + .841621)^2 (.04 .96 + .044 .956) / .004^2
    const spread = 0.04 * 0.96 + 0.044 * 0.956;
    const expected = ((1.959963985 + 0.841621234) ** 2 * spread) / 0.004 ** 2;
    expect(designed({ method: 'fixed_horizon' })).toMatchObject({
      unitsPerArm: Math.ceil(expected),
      totalUnits: 2 * Math.ceil(expected),
      weeks: 4,
      looks: 1,
    });
    const mean = designed({
      method: 'fixed_horizon',
      baseline: { kind: 'mean', mean: 50, standardDeviation: 25 },
      minimumEffect: 0.05,
    });
    // 2 (2.801585 25 / 2.5)^2
    expect(mean.unitsPerArm).toBe(Math.ceil(2 * (2.801585219 * 10) ** 2));
  });

  test('a mean that is adjusted needs 1 - rho^2 of the units, and fewer weeks', () => {
    const baseline = { kind: 'mean', mean: 50, standardDeviation: 40 } as const;
    const mean = { baseline, minimumEffect: 0.03, method: 'fixed_horizon', dailyUnits: 800 } as const;
    const [plain, adjusted] = [designed(mean), designed({ ...mean, covariateCorrelation: 0.6 })];
    // 2 (2.801585 40 / 1.5)^2, and .64 of it.
    const expected = 2 * ((2.801585219 * 40) / 1.5) ** 2;
    expect([plain.unitsPerArm, adjusted.unitsPerArm]).toEqual([
      Math.ceil(expected),
      Math.ceil(0.64 * expected),
    ]);
    expect([plain.weeks, adjusted.weeks]).toEqual([4, 3]);
    expect(adjusted.powerCurve[3]?.power).toBeGreaterThanOrEqual(0.8);
    expect(designed({ ...mean, covariateCorrelation: -0.6 })).toEqual(adjusted);
  });

  test('looking daily costs about a tenth with alpha t^2, and far more with an open end', () => {
    const planned = designed();
    expect(planned.inflation).toBeGreaterThan(1.08);
    expect(planned.inflation).toBeLessThan(1.11);
    expect(planned).toMatchObject({ weeks: 5, looks: 29, plannedUnits: 105_000 });
    expect(designed({ method: 'confidence_sequence' }).inflation).toBeGreaterThan(1.5);
  });

  test('more arms share alpha', () => {
    expect(designed({ arms: 4 }).unitsPerArm).toBeGreaterThan(1.2 * designed().unitsPerArm);
  });

  test('the cost is exact money for the units of whole weeks', () => {
    expect(designed({ costPerUnit: { amount: '0.35', currency: 'EUR' } }).cost).toEqual({
      amount: '36750',
      currency: 'EUR',
    });
    expect(designed().cost).toBeNull();
  });

  test('bounds fall week by week and the curve rises with the effect', () => {
    const { bounds, powerCurve } = designed();
    expect(bounds.map(({ week }) => week)).toEqual([1, 2, 3, 4, 5]);
    expect(bounds.every(({ bound }, index) => index === 0 || bound < (bounds[index - 1]?.bound ?? 0))).toBe(
      true,
    );
    const [none, , , minimum] = powerCurve;
    // Under no effect, half of alpha on this side.
    expect(none?.power).toBeCloseTo(0.025, 6);
    expect(minimum?.power).toBeGreaterThanOrEqual(0.8);
    expect(minimum?.expectedDays).toBeLessThan(25);
  });
});

describe('refusals', () => {
  test('name their fields', () => {
    expect(refusedFields({ alpha: 0 })).toEqual(['alpha']);
    expect(refusedFields({ power: 1 })).toEqual(['power']);
    expect(refusedFields({ arms: 1.5, dailyUnits: 0 })).toEqual(['arms', 'dailyUnits']);
    expect(refusedFields({ minimumEffect: 0 })).toEqual(['minimumEffect']);
    expect(refusedFields({ baseline: { kind: 'proportion', rate: 1 } })).toEqual(['baseline.rate']);
    expect(refusedFields({ baseline: { kind: 'proportion', rate: 0.9 } })).toEqual(['minimumEffect']);
    expect(refusedFields({ baseline: { kind: 'mean', mean: 0, standardDeviation: 0 } })).toEqual([
      'baseline.mean',
      'baseline.standardDeviation',
    ]);
    expect(refusedFields({ covariateCorrelation: 0.5 })).toEqual(['covariateCorrelation']);
    const mean = { kind: 'mean', mean: 50, standardDeviation: 40 } as const;
    for (const covariateCorrelation of [1, -1, Number.NaN]) {
      expect(refusedFields({ baseline: mean, covariateCorrelation })).toEqual(['covariateCorrelation']);
    }
    expect(refusedFields({ dailyUnits: 10 })).toEqual(['minimumEffect']);
  });
});

test('units that just fit a length do not make it the answer when its own looks need one more', () => {
  const tight = {
    baseline: { kind: 'proportion', rate: 0.21540912337169094 },
    minimumEffect: 0.05000000000000002,
    dailyUnits: 2000,
    arms: 5,
  } as const;
  expect(designed(tight)).toMatchObject({ weeks: 14, totalUnits: 13 * 7 * 2000 });
});

test('whatever is asked: the planned units suffice, and one week less would not', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.4, noNaN: true }),
      fc.double({ min: 0.05, max: 0.4, noNaN: true }),
      fc.integer({ min: 2000, max: 200_000 }),
      fc.integer({ min: 2, max: 5 }),
      (rate, minimumEffect, dailyUnits, arms) => {
        const design = designExperiment({
          ...request,
          baseline: { kind: 'proportion', rate },
          minimumEffect,
          dailyUnits,
          arms,
        });
        if ('refused' in design) return;
        expect(design.totalUnits).toBeLessThanOrEqual(design.plannedUnits);
        expect(design.days).toBeLessThanOrEqual(7 * design.weeks);
        // A week less has other looks, and they may need a few units more than those of the answer.
        const oneWeekLess = 7 * (design.weeks - 1) * dailyUnits;
        expect(design.weeks === 1 || 1.01 * design.totalUnits > oneWeekLess).toBe(true);
        expect(design.powerCurve[3]?.power).toBeGreaterThanOrEqual(0.8 - 1e-6);
      },
    ),
    { numRuns: 25 },
  );
});
