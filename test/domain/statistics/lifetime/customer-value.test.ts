// Customer value over 12, 24 and 36 months, beside the naive formulas that it is compared with.
import { describe, expect, it } from 'vitest';
import {
  knownCustomerValue,
  monthlyDiscount,
  newCustomerValue,
  subscriberValue,
} from '../../../../domain/statistics/lifetime/customer-value.ts';
import {
  naiveDiscountedValue,
  naiveLifetime,
  naiveLifetimeValue,
} from '../../../../domain/statistics/lifetime/naive-value.ts';
import { sbgExpectedLifetime } from '../../../../domain/statistics/lifetime/shifted-beta-geometric.ts';
import { expectClose } from '../close.ts';
import { refusalOf } from '../refusal.ts';

const models = {
  purchases: { r: 0.242593, alpha: 4.413532, a: 0.792886, b: 2.425752 },
  spend: { p: 6.25, q: 3.74, v: 15.44 },
  unitsPerMonth: 30 / 7,
};
const terms = { monthlyDiscount: 0.01, marginRate: 1 };

describe('without a contract', () => {
  const history = { repeats: 7, recency: 2.81, age: 10.81 };
  const spend = { orders: 7, meanValue: 12.07 };

  it('agrees with the reference over twelve months, and grows with the horizon', () => {
    const [year, two, three] = knownCustomerValue(models, history, spend, terms);
    expectClose(year?.value, 7.94856370162483, 1e-10);
    expect([year?.months, two?.months, three?.months]).toEqual([12, 24, 36]);
    expect(two?.value).toBeGreaterThan(year?.value ?? Number.POSITIVE_INFINITY);
    expect(three?.value).toBeGreaterThan(two?.value ?? Number.POSITIVE_INFINITY);
  });

  it('takes the margin as a factor, and the population for a customer of unknown spend', () => {
    const [full] = knownCustomerValue(models, history, spend, terms);
    const [part] = knownCustomerValue(models, history, spend, { ...terms, marginRate: 0.3 });
    const [unknown] = knownCustomerValue(models, history, undefined, terms);
    expectClose(part?.value, 0.3 * (full?.value ?? 0), 1e-12);
    expect(unknown?.value).toBeGreaterThan(full?.value ?? Number.POSITIVE_INFINITY);
  });

  it('counts the first order of a new customer', () => {
    const [month] = newCustomerValue(models, { ...terms, horizons: [1] });
    expect(month?.value).toBeGreaterThan(35.2);
    expect(month?.value).toBeLessThan(50);
  });
});

describe('with a contract', () => {
  it('approaches the discounted expected lifetime', () => {
    const churn = { alpha: 2, beta: 10 };
    const [long] = subscriberValue(churn, 20, { monthlyDiscount: 0.02, marginRate: 0.5, horizons: [2000] });
    expectClose(long?.value, 10 * sbgExpectedLifetime(churn, 0.02), 1e-10);
  });

  it('pays the first month in full', () => {
    const [first] = subscriberValue({ alpha: 1, beta: 1 }, 20, { ...terms, horizons: [1] });
    expect(first?.value).toBe(20);
  });
});

describe('naive formulas', () => {
  const input = { averageRevenue: 50, marginRate: 0.6, churn: 0.05 };

  it('gives ARPA x margin / churn, and less once discounted or cut off', () => {
    expectClose(naiveLifetime(0.05), 20, 1e-15);
    expectClose(naiveLifetimeValue(input), 600, 1e-12);
    expectClose(naiveDiscountedValue(input, 0, 1e6), 600, 1e-12);
    expectClose(naiveDiscountedValue(input, 0.01, 2), 30 * (1 + 0.95 / 1.01), 1e-12);
  });

  it('understates a cohort whose churn falls with age', () => {
    // The first month loses 20%; the naive formula takes that for ever.
    const churn = { alpha: 0.5, beta: 2 };
    const naive = naiveDiscountedValue({ averageRevenue: 1, marginRate: 1, churn: 0.2 }, 0.01, 36);
    const [, , model] = subscriberValue(churn, 1, terms);
    expect(model?.value).toBeGreaterThan(1.5 * naive);
  });

  it('refuses a churn of nothing and a margin above 1', () => {
    expect(refusalOf(() => naiveLifetimeValue({ ...input, churn: 0 }))).toBe('out_of_range');
    expect(refusalOf(() => naiveLifetimeValue({ ...input, churn: 1.2 }))).toBe('out_of_range');
    expect(refusalOf(() => naiveLifetimeValue({ ...input, marginRate: 1.2 }))).toBe('out_of_range');
    expect(refusalOf(() => subscriberValue({ alpha: 1, beta: 1 }, 9, { ...terms, horizons: [] }))).toBe(
      'no_data',
    );
    expect(refusalOf(() => subscriberValue({ alpha: 1, beta: 1 }, 9, { ...terms, horizons: [1.5] }))).toBe(
      'out_of_range',
    );
  });

  it('compounds a monthly discount to the yearly one', () => {
    expectClose((1 + monthlyDiscount(0.1)) ** 12, 1.1, 1e-14);
  });
});
