// Fits the lifetime model that a thesis declares, once, when its contract is made: the contract then holds the value.
// Bounds what may be fitted, and says in words why a table cannot be.

import { type DecimalText, fromNumber, toNumber } from '../money.ts';
import type { Report } from '../playbook/fault-report.ts';
import { ImpossibleInput } from '../statistics/impossible.ts';
import { fitBgNbd } from '../statistics/lifetime/bg-nbd.ts';
import { monthlyDiscount, newCustomerValue, subscriberValue } from '../statistics/lifetime/customer-value.ts';
import { fitGammaGamma } from '../statistics/lifetime/gamma-gamma.ts';
import { fitSbg } from '../statistics/lifetime/shifted-beta-geometric.ts';
import type {
  EconomicsMethod,
  EconomicsTerms,
  LifetimeFit,
  PurchaseTerms,
  SubscriptionTerms,
} from './method.ts';

/** Renewals of a cohort, and rows of a table: a fit is to take a fraction of a second. */
export const MOST_RENEWALS = 120;
export const MOST_CELLS = 250;

/** The method with what was fitted, the same for the same tables; null when a table cannot be fitted. */
export function fittedMethod(terms: EconomicsTerms, report: Report): EconomicsMethod | null {
  switch (terms.ltv) {
    case 'shifted_beta_geometric': {
      const fit = attempted('cohort', report, () => fitSubscription(terms));
      return fit === null ? null : { ...terms, fit };
    }
    case 'bg_nbd_gamma_gamma': {
      const fit = fitPurchases(terms, report);
      return fit === null ? null : { ...terms, fit };
    }
    default:
      return terms;
  }
}

function fitSubscription(terms: SubscriptionTerms): LifetimeFit {
  const { cohort, periodMonths, revenuePerPeriod, marginRate, yearlyDiscount, months } = terms;
  requireAtMost(cohort.alive.length, MOST_RENEWALS, 'renewals');
  const { alpha, beta, atBoundary } = fitSbg(cohort);
  const periods = months / periodMonths;
  // The model and its sum know only periods: one of several months has the rate that its months compound to.
  const discount = (1 + monthlyDiscount(toNumber(yearlyDiscount))) ** periodMonths - 1;
  const [at] = subscriberValue({ alpha, beta }, toNumber(revenuePerPeriod), {
    monthlyDiscount: discount,
    marginRate: toNumber(marginRate),
    horizons: [periods],
  });
  return fitOf(at?.value, { alpha, beta }, atBoundary);
}

const UNITS_PER_MONTH = { day: 365.25 / 12, week: 365.25 / 84, month: 1 } as const;

function fitPurchases(terms: PurchaseTerms, report: Report): LifetimeFit | null {
  const purchases = attempted('purchases', report, () => {
    requireAtMost(terms.purchases.length, MOST_CELLS, 'rows');
    return fitBgNbd(terms.purchases);
  });
  const spend = attempted('spend', report, () => {
    requireAtMost(terms.spend.length, MOST_CELLS, 'rows');
    return fitGammaGamma(terms.spend.map((row) => ({ ...row, meanValue: toNumber(row.meanValue) })));
  });
  if (purchases === null || spend === null) return null;
  return attempted('spend', report, () => {
    const models = { purchases, spend, unitsPerMonth: UNITS_PER_MONTH[terms.unit] };
    const [at] = newCustomerValue(models, {
      monthlyDiscount: monthlyDiscount(toNumber(terms.yearlyDiscount)),
      marginRate: toNumber(terms.marginRate),
      horizons: [terms.months],
    });
    const { r, alpha, a, b } = purchases;
    const { p, q, v } = spend;
    return fitOf(at?.value, { r, alpha, a, b, p, q, v }, purchases.atBoundary || spend.atBoundary);
  });
}

function fitOf(
  value: number | undefined,
  parameters: Readonly<Record<string, number>>,
  atBoundary: boolean,
): LifetimeFit {
  if (value === undefined) throw new ImpossibleInput('no_data', 'no horizon was asked for');
  const texts = Object.entries(parameters).map(([name, number]): [string, DecimalText] => [
    name,
    fromNumber(number),
  ]);
  return { value: fromNumber(value), parameters: Object.fromEntries(texts), atBoundary };
}

function requireAtMost(length: number, most: number, what: string): void {
  if (length > most) throw new ImpossibleInput('out_of_range', `${length} ${what}, expected at most ${most}`);
}

function attempted<T>(path: string, report: Report, read: () => T): T | null {
  try {
    return read();
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    report(path, `Cannot be fitted: ${problem.message}.`);
    return null;
  }
}
