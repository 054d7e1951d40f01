// A business whose figures can be computed by hand, as a plan and as observed, for the tests of its economics.
import { FIGURE_NAMES, type FigureName } from '../../domain/economics/figure.ts';
import type { EconomicsMethod } from '../../domain/economics/method.ts';
import {
  INPUT_NAMES,
  type ObservedInputs,
  type ObservedLine,
} from '../../domain/economics/observed-inputs.ts';
import { type BusinessInputs, forecastEconomics, type UnitEconomics } from '../../domain/economics.ts';

export const orders = {
  ltv: 'orders_over_horizon',
  ordersPerCustomer: '6',
  months: 12,
} as const satisfies EconomicsMethod;

export const churn = {
  ltv: 'margin_over_churn',
  monthlyRevenuePerCustomer: '30',
  marginRate: '0.4',
  monthlyChurn: '0.05',
} as const satisfies EconomicsMethod;

/** 200 customers for 8,000 EUR; 400 orders of 60 EUR that leave 15 EUR each before spend. */
const inputs: BusinessInputs = {
  spend: '8000',
  newCustomers: '200',
  orders: '400',
  revenue: '24000',
  productCost: '14400',
  fulfilmentCost: '2400',
  paymentFees: '480',
  serviceCost: '720',
};

export function forecast(
  changed: Partial<BusinessInputs> = {},
  method: EconomicsMethod = orders,
): UnitEconomics {
  return forecastEconomics({ ...inputs, ...changed }, method, 'EUR');
}

export function line(amount: string, changed: Partial<ObservedLine> = {}): ObservedLine {
  return {
    sum: amount,
    grade: 'attributed',
    present: 10,
    missing: 0,
    from: '2026-09-01T00:00:00.000Z',
    to: '2026-09-11T00:00:00.000Z',
    unusable: null,
    ...changed,
  };
}

export function observedLines(changed: ObservedInputs = {}): ObservedInputs {
  return {
    ...Object.fromEntries(INPUT_NAMES.map((name) => [name, line(inputs[name] ?? '0')])),
    ...changed,
  };
}

export function reasons(economics: UnitEconomics): Partial<Record<FigureName, string>> {
  const entries = FIGURE_NAMES.map((name) => [name, economics.figures[name]] as const);
  return Object.fromEntries(
    entries.flatMap(([name, figure]) => ('notComputable' in figure ? [[name, figure.notComputable]] : [])),
  );
}
