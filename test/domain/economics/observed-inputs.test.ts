// From a stage's evidence to the inputs of its economics: all arms together, one currency, nothing made up.
import { expect, test } from 'vitest';
import { INPUT_METRICS, inputsFrom } from '../../../domain/economics/observed-inputs.ts';
import { observedEconomics } from '../../../domain/economics.ts';
import type { EvidenceCell } from '../../../domain/evidence.ts';
import { isObserved } from '../../../domain/metric.ts';

function cellOf(changed: Partial<EvidenceCell> & Pick<EvidenceCell, 'metric' | 'sum'>): EvidenceCell {
  return {
    arm: '',
    n: null,
    sumSquares: null,
    currency: null,
    grade: 'attributed',
    observations: 3,
    missing: 1,
    from: '2026-09-01T00:00:00.000Z',
    to: '2026-09-04T00:00:00.000Z',
    ...changed,
  };
}

const method = { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 } as const;

test('the cell of all arms is the input, and other metrics are none', () => {
  const cells = [
    cellOf({ metric: 'spend', sum: '30', arm: 'control', currency: 'EUR' }),
    cellOf({ metric: 'spend', sum: '80', currency: 'EUR' }),
    cellOf({ metric: 'new_customers', sum: '4' }),
    cellOf({ metric: 'clicks', sum: '900' }),
  ];
  const inputs = inputsFrom({ cells }, 'EUR');
  expect(Object.keys(inputs)).toEqual(['spend', 'newCustomers']);
  expect(inputs.spend).toEqual({
    sum: '80',
    grade: 'attributed',
    present: 3,
    missing: 1,
    from: '2026-09-01T00:00:00.000Z',
    to: '2026-09-04T00:00:00.000Z',
    unusable: null,
  });
  expect(observedEconomics(inputs, method, 'EUR').figures.cac).toMatchObject({
    value: { amount: '20', currency: 'EUR' },
  });
});

test('an amount in another currency is there, and not used', () => {
  const inputs = inputsFrom({ cells: [cellOf({ metric: 'spend', sum: '80', currency: 'USD' })] }, 'EUR');
  expect(inputs.spend?.unusable).toBe('other_currency');
  expect(observedEconomics(inputs, method, 'EUR').stack.spend).toEqual({
    metric: 'spend',
    notComputable: 'other_currency',
  });
});

test('every input is a metric that a source can send', () => {
  for (const metric of Object.values(INPUT_METRICS)) expect(isObserved(metric)).toBe(true);
});
