// Unit economics over any sums at all: plain decimals or a reason, and sums that add up.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalOf, NOT_COMPUTABLE } from '../../domain/economics/figure.ts';
import { INPUT_NAMES, type InputName } from '../../domain/economics/observed-inputs.ts';
import { forecastEconomics } from '../../domain/economics.ts';
import { CURRENCY_PATTERN, difference, fromNumber, product, sum } from '../../domain/money.ts';
import { forecast, orders } from './economics-fixture.ts';

describe('whatever the sums', () => {
  const decimal = fc.oneof(
    fc.constant('0'),
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(
      (cents) =>
        `${cents / 100n}.${String(cents % 100n)
          .replace('-', '')
          .padStart(2, '0')}`,
    ),
  );
  const anyInputs = fc.record(
    Object.fromEntries(INPUT_NAMES.map((name) => [name, fc.option(decimal)])) as Record<
      InputName,
      fc.Arbitrary<string | null>
    >,
  );
  const anyMethod = fc.oneof(
    fc.constant(orders),
    fc.record({
      ltv: fc.constant('margin_over_churn' as const),
      monthlyRevenuePerCustomer: decimal,
      marginRate: decimal,
      monthlyChurn: decimal,
    }),
    fc.record({
      ltv: fc.constant('orders_over_horizon' as const),
      ordersPerCustomer: decimal,
      months: fc.double(),
    }),
  );

  test('a figure is a plain decimal of at most 10 decimals, or a reason of the catalogue', () => {
    fc.assert(
      fc.property(anyInputs, anyMethod, (given, method) => {
        const economics = forecastEconomics(given, method, 'EUR');
        expect(economics.currency).toMatch(CURRENCY_PATTERN);
        for (const figure of Object.values(economics.figures)) {
          if ('notComputable' in figure) expect(NOT_COMPUTABLE).toHaveProperty(figure.notComputable);
          else expect(decimalOf(figure)).toMatch(/^-?\d+(\.\d{1,10})?$/);
        }
      }),
    );
  });

  test('the stack adds up: CM3 and every cost together are the revenue', () => {
    fc.assert(
      fc.property(
        fc.record(
          Object.fromEntries(INPUT_NAMES.map((name) => [name, decimal])) as Record<InputName, typeof decimal>,
        ),
        (given) => {
          const cm3 = decimalOf(forecastEconomics(given, orders, 'EUR').figures.cm3) ?? 'none';
          const costs = [
            given.productCost,
            given.fulfilmentCost,
            given.paymentFees,
            given.serviceCost,
            given.spend,
          ];
          expect(difference(sum([cm3, ...costs]), given.revenue)).toBe('0');
        },
      ),
    );
  });

  test('CAC times customers gives the spend back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 6 }),
        (cents, customers) => {
          const spend = fromNumber(cents / 100);
          const cac = decimalOf(forecast({ spend, newCustomers: String(customers) }).figures.cac) ?? 'none';
          expect(Math.abs(Number(difference(product(cac, String(customers)), spend)))).toBeLessThan(1e-3);
        },
      ),
    );
  });
});
