// Sizes for rates and for relative changes of a mean, and the days that they take.
import { describe, expect, it } from 'vitest';
import {
  durationInDays,
  fullWeeks,
  proportionSizes,
  relativeSize,
} from '../../../../domain/statistics/planning/sample-size.ts';
import { refusalOf } from '../refusal.ts';

const rates = {
  alpha: 0.1,
  alternative: 'two-sided',
  ratio: 1,
  controlRate: 0.03,
  treatmentRate: 0.033,
  power: 0.8,
} as const;

const relative = {
  alpha: 0.05,
  power: 0.95,
  baselineMean: 5,
  baselineSd: 30,
  relativeEffect: 0.01,
  covariateCorrelation: 0,
  dailyUnits: 500,
  allocation: 0.5,
  arms: 2,
};

describe('proportionSizes', () => {
  it('matches the three textbook formulas', () => {
    const sizes = proportionSizes(rates);
    expect(sizes.effectSize).toBeCloseTo(0.017180540752754936, 14);
    expect(sizes.arcsine).toBeCloseTo(41889.191224037786, 2);
    expect(sizes.pooled).toBeCloseTo(41913.60040669557, 6);
    expect(sizes.unpooled).toBeCloseTo(41911.55547586192, 6);
  });

  it('matches with unequal arms, one-sided', () => {
    const sizes = proportionSizes({
      alpha: 0.01,
      alternative: 'larger',
      ratio: 2,
      controlRate: 0.01,
      treatmentRate: 0.0105,
      power: 0.9,
    });
    expect(sizes.arcsine / 792219.1033635442).toBeCloseTo(1, 9);
    expect(sizes.pooled / 794168.4397208644).toBeCloseTo(1, 12);
    expect(sizes.unpooled / 785956.230079613).toBeCloseTo(1, 12);
  });

  it('refuses equal and impossible rates', () => {
    expect(refusalOf(() => proportionSizes({ ...rates, treatmentRate: 0.03 }))).toBe('out_of_range');
    expect(refusalOf(() => proportionSizes({ ...rates, controlRate: 0 }))).toBe('out_of_range');
  });
});

describe('relativeSize', () => {
  it('rounds units, days and weeks up', () => {
    const size = relativeSize(relative);
    expect(size.perArmExact).toBeCloseTo(9356191.208726019, 3);
    expect(size).toMatchObject({ perArm: 9356192, total: 18712384, days: 74850, daysInFullWeeks: 74851 });
  });

  it('shares alpha between the arms and credits the covariate', () => {
    const size = relativeSize({
      alpha: 0.01,
      power: 0.8,
      baselineMean: 20,
      baselineSd: 4,
      relativeEffect: 0.01,
      covariateCorrelation: 0.7,
      dailyUnits: 80000,
      allocation: 1,
      arms: 3,
    });
    expect(size.perArmExact).toBeCloseTo(5431.57479578887, 8);
    expect(size).toMatchObject({ perArm: 5432, total: 16296, days: 1, daysInFullWeeks: 7 });
  });

  it('refuses what has no size', () => {
    expect(refusalOf(() => relativeSize({ ...relative, baselineMean: 0 }))).toBe('zero_baseline');
    expect(refusalOf(() => relativeSize({ ...relative, baselineSd: 0 }))).toBe('zero_variance');
    expect(refusalOf(() => relativeSize({ ...relative, relativeEffect: 0 }))).toBe('out_of_range');
    expect(refusalOf(() => relativeSize({ ...relative, arms: 1 }))).toBe('out_of_range');
    expect(refusalOf(() => relativeSize({ ...relative, allocation: 1.5 }))).toBe('out_of_range');
    expect(refusalOf(() => relativeSize({ ...relative, dailyUnits: 0 }))).toBe('out_of_range');
  });
});

describe('durations', () => {
  it('take at least a day, and whole weeks', () => {
    expect(durationInDays(1, 1000, 1)).toBe(1);
    expect(durationInDays(1001, 1000, 1)).toBe(2);
    expect(fullWeeks(7)).toBe(7);
    expect(fullWeeks(8)).toBe(14);
  });
});
