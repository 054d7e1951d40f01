// Unit economics by hand-computed examples, every reason for no figure, and what each figure rests on.
import { describe, expect, test } from 'vitest';
import {
  decimalOf,
  FIGURE_NAMES,
  FIGURES,
  type FigureName,
  NOT_COMPUTABLE,
} from '../../domain/economics/figure.ts';
import type { EconomicsMethod } from '../../domain/economics/method.ts';
import { INPUT_NAMES } from '../../domain/economics/observed-inputs.ts';
import {
  type BusinessInputs,
  differences,
  figureOf,
  isFigureMetric,
  METRIC_FIGURES,
  observedEconomics,
} from '../../domain/economics.ts';
import type { EvidenceGrade } from '../../domain/evidence.ts';
import { METRIC_NAMES, METRICS } from '../../domain/metric.ts';
import { churn, forecast, line, observedLines, orders, reasons } from './economics-fixture.ts';

describe('the figures', () => {
  test('follow their definitions, orders over a horizon', () => {
    const { figures } = forecast();
    const values = FIGURE_NAMES.map((name) => {
      const figure = figures[name];
      return [name, 'value' in figure ? figure.value : figure.notComputable, figure.definition];
    });
    expect(values).toEqual([
      ['cac', { amount: '40', currency: 'EUR' }, 'cac/1'],
      ['roas', { ratio: '3' }, 'roas/1'],
      ['cm1', { amount: '9600', currency: 'EUR' }, 'cm1/1'],
      ['cm2', { amount: '6000', currency: 'EUR' }, 'cm2/1'],
      ['cm3', { amount: '-2000', currency: 'EUR' }, 'cm3/1'],
      ['cm1Rate', { ratio: '0.4' }, 'cm1_rate/1'],
      ['cm2Rate', { ratio: '0.25' }, 'cm2_rate/1'],
      ['cm3Rate', { ratio: '-0.0833333333' }, 'cm3_rate/1'],
      // 15 EUR an order x 6 orders = 90 EUR; 7.50 EUR a month.
      ['ltv', { amount: '90', currency: 'EUR' }, 'ltv_orders_over_horizon/1'],
      ['ltvToCac', { ratio: '2.25' }, 'ltv_to_cac/1'],
      ['payback', { months: '5.3333333333' }, 'payback/1'],
    ]);
  });

  test('follow the naive method when the thesis declares it', () => {
    const { figures } = forecast({}, churn);
    expect(figures.ltv).toMatchObject({
      value: { amount: '240', currency: 'EUR' },
      definition: 'ltv_margin_over_churn/1',
      inputs: [],
    });
    expect(decimalOf(figures.ltvToCac)).toBe('6');
    expect(decimalOf(figures.payback)).toBe('3.3333333333');
  });

  test('keep amounts that a double would not', () => {
    const { figures } = forecast({ revenue: '90071992547409.93', productCost: '0.01' });
    expect(decimalOf(figures.cm1)).toBe('90071992547409.92');
  });

  test('an LTV to CAC is divided once, not from rounded parts', () => {
    const { figures } = forecast({ spend: '100', newCustomers: '3', orders: '7' });
    // (6000 x 6 / 7) / (100 / 3)
    expect(decimalOf(figures.ltvToCac)).toBe('154.2857142857');
  });
});

describe('a figure that cannot be computed says why', () => {
  test.each<[string, Partial<BusinessInputs>, EconomicsMethod, Partial<Record<FigureName, string>>]>([
    [
      'no customer',
      { newCustomers: '0' },
      orders,
      { cac: 'no_new_customers', ltvToCac: 'no_new_customers', payback: 'no_new_customers' },
    ],
    [
      'no spend',
      { spend: '0' },
      orders,
      { cac: 'no_spend', roas: 'no_spend', ltvToCac: 'no_spend', payback: 'no_spend' },
    ],
    [
      'a net credit',
      { spend: '-12.5' },
      churn,
      { cac: 'no_spend', roas: 'no_spend', ltvToCac: 'no_spend', payback: 'no_spend' },
    ],
    ['no order', { orders: '0' }, orders, { ltv: 'no_orders', ltvToCac: 'no_orders', payback: 'no_orders' }],
    ['no order, naive', { orders: '0' }, churn, {}],
    [
      'more refunds than sales',
      { revenue: '-1' },
      churn,
      { cm1Rate: 'no_revenue', cm2Rate: 'no_revenue', cm3Rate: 'no_revenue' },
    ],
    [
      'an unknown cost line',
      { paymentFees: null },
      churn,
      {
        cm2: 'missing_payment_fees',
        cm3: 'missing_payment_fees',
        cm2Rate: 'missing_payment_fees',
        cm3Rate: 'missing_payment_fees',
      },
    ],
    [
      'an unknown spend',
      { spend: null },
      churn,
      {
        cac: 'missing_spend',
        roas: 'missing_spend',
        cm3: 'missing_spend',
        cm3Rate: 'missing_spend',
        ltvToCac: 'missing_spend',
        payback: 'missing_spend',
      },
    ],
    ['a customer without margin', { productCost: '24000' }, orders, { payback: 'margin_not_positive' }],
    ['churn of zero', {}, { ...churn, monthlyChurn: '0' }, { ltv: 'churn_zero', ltvToCac: 'churn_zero' }],
    [
      'churn above one',
      {},
      { ...churn, monthlyChurn: '1.1' },
      { ltv: 'method_out_of_range', ltvToCac: 'method_out_of_range' },
    ],
    [
      'a horizon of no month',
      {},
      { ...orders, months: 0 },
      {
        ltv: 'method_out_of_range',
        ltvToCac: 'method_out_of_range',
        payback: 'method_out_of_range',
      },
    ],
  ])('%s', (_, changed, method, expected) => {
    expect(reasons(forecast(changed, method))).toEqual(expected);
  });

  test('theses that declare different methods have no lifetime value together', () => {
    expect(reasons(observedEconomics(observedLines(), null, 'EUR'))).toEqual({
      ltv: 'methods_differ',
      ltvToCac: 'methods_differ',
      payback: 'methods_differ',
    });
  });

  test('an amount in another currency is never used', () => {
    const economics = observedEconomics(
      observedLines({ spend: line('8000', { unusable: 'other_currency' }) }),
      orders,
      'EUR',
    );
    expect(reasons(economics)).toMatchObject({ cac: 'other_currency', cm3: 'other_currency' });
    expect(economics.stack.spend).toEqual({ metric: 'spend', notComputable: 'other_currency' });
    expect(decimalOf(economics.figures.cm2)).toBe('6000');
  });

  test('rows that only say "missing" are not a zero', () => {
    const economics = observedEconomics(
      observedLines({ spend: line('0', { present: 0, missing: 4 }) }),
      orders,
      'EUR',
    );
    expect(reasons(economics)).toMatchObject({ cac: 'missing_spend', roas: 'missing_spend' });
  });

  test('every reason has a sentence', () => {
    for (const { sentence } of Object.values(NOT_COMPUTABLE)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});

describe('what a figure rests on', () => {
  const economics = observedEconomics(
    observedLines({
      spend: line('8000', { grade: 'randomised', present: 9, missing: 3, from: '2026-08-30T00:00:00.000Z' }),
      newCustomers: line('200', { grade: 'quasi_experiment' }),
      serviceCost: line('720', { grade: 'declared' }),
    }),
    orders,
    'EUR',
  );

  test('its metrics, their weakest grade and the share that was there', () => {
    expect(economics.figures.cac).toMatchObject({
      inputs: ['spend', 'new_customers'],
      grade: 'quasi_experiment',
      coverage: {
        present: 19,
        expected: 22,
        share: '0.8636363636',
        absent: [],
        from: '2026-08-30T00:00:00.000Z',
        to: '2026-09-11T00:00:00.000Z',
      },
    });
    expect(economics.figures.cm3.grade).toBe('declared');
    expect(economics.figures.roas).toMatchObject({ inputs: ['revenue', 'spend'], grade: 'attributed' });
  });

  test('a lifetime value rests on what was declared, whatever the observations', () => {
    const strong = Object.fromEntries(INPUT_NAMES.map((name) => [name, line('1', { grade: 'randomised' })]));
    const { figures } = observedEconomics(strong, orders, 'EUR');
    expect(figures.ltv.grade).toBe<EvidenceGrade>('declared');
    expect(figures.payback.grade).toBe<EvidenceGrade>('declared');
    expect(figures.cac.grade).toBe<EvidenceGrade>('randomised');
  });

  test('a metric that nobody sent is named as absent', () => {
    const { spend, newCustomers } = observedLines();
    const partial = observedEconomics(
      { ...(spend && { spend }), ...(newCustomers && { newCustomers }) },
      orders,
      'EUR',
    );
    expect(partial.figures.roas.coverage).toMatchObject({ absent: ['revenue'], present: 10, share: '1' });
    expect(partial.figures.cac.coverage).toMatchObject({ absent: [] });
    expect(partial.coverage?.absent).toHaveLength(6);
  });

  test('nothing observed: no grade, no share, every figure with its reason', () => {
    const nothing = observedEconomics({}, orders, 'EUR');
    expect(nothing.grade).toBeNull();
    expect(nothing.coverage).toMatchObject({ present: 0, expected: 0, share: null, from: null, to: null });
    expect(Object.keys(reasons(nothing))).toEqual(FIGURE_NAMES);
  });

  test('a forecast is declared and covers nothing', () => {
    expect(forecast()).toMatchObject({ basis: 'forecast', grade: 'declared', coverage: null });
  });
});

describe('the catalogue', () => {
  test('every metric of form figure has its figure, in the same unit', () => {
    const figures = METRIC_NAMES.filter((name) => METRICS[name].shape.form === 'figure');
    expect(figures.filter(isFigureMetric).sort()).toEqual(Object.keys(METRIC_FIGURES).sort());
    expect(figures.filter((name) => !isFigureMetric(name))).toEqual([]);
    const units = { money: ['currency'], ratio: ['multiple', 'fraction'], months: ['months'] };
    for (const metric of figures.filter(isFigureMetric)) {
      expect(units[FIGURES[METRIC_FIGURES[metric]].unit]).toContain(METRICS[metric].unit);
    }
  });

  test('a criterion reads the figure behind its metric', () => {
    const economics = forecast();
    expect(figureOf('gross_margin', economics)).toBe(economics.figures.cm1Rate);
    expect(figureOf('contribution_margin', economics)).toBe(economics.figures.cm3);
    expect(isFigureMetric('ctr')).toBe(false);
  });
});

describe('observed against forecast', () => {
  test('the differences in money', () => {
    const actual = observedEconomics(observedLines({ spend: line('9000') }), orders, 'EUR');
    expect(differences(actual, forecast())).toEqual({
      spend: { definition: 'difference/1', value: { amount: '1000', currency: 'EUR' } },
      cac: { definition: 'difference/1', value: { amount: '5', currency: 'EUR' } },
      cm3: { definition: 'difference/1', value: { amount: '-1000', currency: 'EUR' } },
    });
  });

  test('without one of the two there is no difference but a reason', () => {
    const actual = observedEconomics(observedLines(), orders, 'EUR');
    expect(differences(actual, null).cac).toEqual({
      definition: 'difference/1',
      notComputable: 'no_forecast',
    });
    expect(differences(actual, forecast({ newCustomers: null })).cac).toEqual({
      definition: 'difference/1',
      notComputable: 'missing_new_customers',
    });
    expect(differences(observedEconomics({}, orders, 'EUR'), forecast()).spend).toEqual({
      definition: 'difference/1',
      notComputable: 'missing_spend',
    });
  });
});
