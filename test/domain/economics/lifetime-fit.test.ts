// The lifetime models that a launch may declare: fitted to published tables, valued at a horizon, refused by field.
import { describe, expect, test } from 'vitest';
import { DEFINITIONS } from '../../../domain/economics/figure.ts';
import { fittedMethod, MOST_CELLS } from '../../../domain/economics/lifetime-fit.ts';
import type { EconomicsTerms, PurchaseTerms, SubscriptionTerms } from '../../../domain/economics/method.ts';
import { observedEconomics } from '../../../domain/economics.ts';
import { CMO_CYCLE } from '../../../domain/playbook/cmo-cycle.ts';
import { isRefusal } from '../../../domain/refusal.ts';
import { contractFrom, type Launch } from '../../../domain/thesis/launch.ts';
import { cdnowPurchases, cdnowSpend } from '../statistics/lifetime/cdnow.ts';

/** Fader and Hardie 2007, table 1: customers left of 1,000 at each yearly renewal. */
const REGULAR = [631, 468, 382, 326, 289, 262, 241];
const HIGH_END = [869, 743, 653, 593, 551, 517, 491];

function subscription(changes: Partial<SubscriptionTerms> = {}): SubscriptionTerms {
  return {
    ltv: 'shifted_beta_geometric',
    cohort: { initial: 1000, alive: REGULAR },
    periodMonths: 12,
    revenuePerPeriod: '100',
    marginRate: '0.5',
    yearlyDiscount: '0.1',
    months: 36,
    ...changes,
  };
}

/** CDNOW in coarse rows: recency by eight weeks, age by six; its customers, not its detail. */
function purchases(): PurchaseTerms {
  const rows = new Map<string, number>();
  for (const { repeats, recency, age, customers } of cdnowPurchases) {
    const watched = Math.round(age / 6) * 6;
    const last = repeats === 0 ? 0 : Math.min(watched, Math.max(1, Math.round(recency / 8) * 8));
    const name = JSON.stringify([repeats, last, watched]);
    rows.set(name, (rows.get(name) ?? 0) + customers);
  }
  const orders = new Map<string, number>();
  for (const { orders: number, meanValue, customers } of cdnowSpend) {
    const name = JSON.stringify([number, Math.max(5, Math.round(meanValue / 10) * 10)]);
    orders.set(name, (orders.get(name) ?? 0) + customers);
  }
  return {
    ltv: 'bg_nbd_gamma_gamma',
    purchases: [...rows].map(([name, customers]) => {
      const [repeats = 0, recency = 0, age = 0]: number[] = JSON.parse(name);
      return { repeats, recency, age, customers };
    }),
    unit: 'week',
    spend: [...orders].map(([name, customers]) => {
      const [number = 0, meanValue = 0]: number[] = JSON.parse(name);
      return { orders: number, meanValue: String(meanValue), customers };
    }),
    ...{ marginRate: '0.3', yearlyDiscount: '0.1', months: 12 },
  };
}

function fitOf(terms: EconomicsTerms) {
  const faults: string[] = [];
  const method = fittedMethod(terms, (path, message) => faults.push(`${path}: ${message}`));
  if (method === null || !('fit' in method)) throw new Error(faults.join('; ') || 'nothing was fitted');
  return method.fit;
}

function faultsOf(terms: EconomicsTerms): string[] {
  const paths: string[] = [];
  expect(fittedMethod(terms, (path) => paths.push(path))).toBeNull();
  return paths;
}

describe('subscriptions', () => {
  test('the parameters are the published ones', () => {
    const regular = fitOf(subscription()).parameters;
    expect(Number(regular.alpha)).toBeCloseTo(0.704, 3);
    expect(Number(regular.beta)).toBeCloseTo(1.182, 3);
    const highEnd = fitOf(subscription({ cohort: { initial: 1000, alive: HIGH_END } })).parameters;
    expect(Number(highEnd.alpha)).toBeCloseTo(0.668, 3);
    expect(Number(highEnd.beta)).toBeCloseTo(3.806, 3);
  });

  test('three yearly payments: at once, then for those who renew, discounted', () => {
    const { value, atBoundary } = fitOf(subscription());
    const [alpha, beta] = [0.70408, 1.18205];
    const first = beta / (alpha + beta);
    const second = (first * (beta + 1)) / (alpha + beta + 1);
    expect(Number(value)).toBeCloseTo(50 * (1 + first / 1.1 + second / 1.21), 2);
    expect(atBoundary).toBe(false);
  });

  test('a longer horizon and a shorter renewal are worth more', () => {
    const value = (changes: Partial<SubscriptionTerms>) => Number(fitOf(subscription(changes)).value);
    expect(value({ months: 12 })).toBe(50);
    expect(value({ months: 24 })).toBeGreaterThan(50);
    expect(value({ periodMonths: 3, months: 12 })).toBeGreaterThan(50);
  });

  test('a cohort that cannot be is refused by its field', () => {
    expect(faultsOf(subscription({ cohort: { initial: 1000, alive: [631, 700] } }))).toEqual(['cohort']);
    expect(faultsOf(subscription({ cohort: { initial: 1000, alive: [631] } }))).toEqual(['cohort']);
    expect(faultsOf(subscription({ cohort: { initial: 1000, alive: [1000, 1000] } }))).toEqual(['cohort']);
  });
});

describe('purchases without a contract', () => {
  test('CDNOW in coarse rows comes near the published parameters', () => {
    const { parameters, value } = fitOf(purchases());
    expect(Number(parameters.r)).toBeCloseTo(0.243, 1);
    expect(Number(parameters.q)).toBeGreaterThan(1);
    // A first order of some 35, and about 1.2 repeats in a year, at a margin of 30%.
    expect(Number(value)).toBeGreaterThan(0.3 * 35);
    expect(Number(value)).toBeLessThan(0.3 * 35 * 3);
  });

  test('the same tables give the same figure, to the last digit', () => {
    expect(fitOf(purchases())).toEqual(fitOf(purchases()));
  });

  test('tables that are too long, or that nobody came back in, are refused by their fields', () => {
    const terms = purchases();
    const once = terms.purchases.map((row) => ({ ...row, repeats: 0, recency: 0 }));
    expect(faultsOf({ ...terms, purchases: once })).toEqual(['purchases']);
    const same = terms.spend.map((row) => ({ ...row, meanValue: '20' }));
    expect(faultsOf({ ...terms, purchases: once, spend: same })).toEqual(['purchases', 'spend']);
    const row = { repeats: 1, recency: 1, age: 2, customers: 1 };
    const long = Array.from({ length: MOST_CELLS + 1 }, () => row);
    expect(faultsOf({ ...terms, purchases: long })).toEqual(['purchases']);
  });
});

describe('a thesis that declares one', () => {
  const launch: Launch = {
    ...{ title: 'Boxes', statement: 'People subscribe.', portfolio: 'boxes', market: 'Lyon' },
    ...{ channels: [], tags: [], currency: 'EUR', sources: [], terms: {}, businessCase: {} },
    economics: subscription(),
  };

  test('has the value in its contract, and an amendment keeps it', () => {
    const contract = contractFrom(launch, CMO_CYCLE, 1);
    if (isRefusal(contract)) throw new Error(JSON.stringify(contract));
    expect(contract.economics).toMatchObject({ ltv: 'shifted_beta_geometric', cohort: { initial: 1000 } });
    const amended = contractFrom({ ...contract, terms: {} }, CMO_CYCLE, 2);
    expect(amended).toMatchObject({ version: 2, economics: contract.economics });
  });

  test('is refused with the path of the table that cannot be fitted', () => {
    const economics = subscription({ cohort: { initial: 10, alive: [10, 12] } });
    expect(contractFrom({ ...launch, economics }, CMO_CYCLE, 1)).toMatchObject({
      refused: 'invalid_input',
      fields: [{ path: 'economics.cohort' }],
    });
  });

  test('reads its lifetime value as declared evidence, and shows no table beside it', () => {
    const method = fittedMethod(subscription(), () => undefined);
    const { figures, method: shown } = observedEconomics({}, method, 'EUR');
    expect(figures.ltv).toMatchObject({ definition: 'ltv_shifted_beta_geometric/1', grade: 'declared' });
    expect(figures.ltv).toHaveProperty('value.amount', fitOf(subscription()).value);
    expect(shown).toMatchObject({ ltv: 'shifted_beta_geometric', fit: { atBoundary: false } });
    expect(shown).not.toHaveProperty('cohort');
  });

  test('the naive formulas are called so, and the fitted ones are not', () => {
    const naive = Object.entries(DEFINITIONS).filter(([, text]) => text.includes('naive'));
    expect(naive.map(([id]) => id)).toEqual(['ltv_margin_over_churn/1', 'ltv_orders_over_horizon/1']);
  });
});
