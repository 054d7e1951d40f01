// What a randomised experiment added, in conversions and money, and every reason for which that cannot be told.
import { describe, expect, test } from 'vitest';
import { DAY } from '../../../domain/duration.ts';
import { incrementalEconomics } from '../../../domain/economics/incremental.ts';
import type { EvidenceCell, EvidenceTable } from '../../../domain/evidence.ts';
import { type ExperimentReadOut, readExperiment } from '../../../domain/experiment.ts';
import type { Metric } from '../../../domain/metric.ts';
import type { ExperimentPlan } from '../../../domain/playbook.ts';
import { data, means, plan, series, steady } from '../experiment-fixture.ts';

const AT = '2026-06-21T00:00:00.000Z';

/** Twenty days of 1,000 visitors an arm: 5% and 6% of them convert, at revenues of 2.00 and 2.40 a visitor. */
function readOut(treated = 60): ExperimentReadOut {
  const arms = data(
    series('cvr', 'proportion', { control: steady(20, 50), treatment: steady(20, treated) }),
    series('revenue_per_visitor', 'mean', { control: means(20, 2, 9), treatment: means(20, 2.4, 9) }),
  );
  return readExperiment(plan, arms, {
    ageMs: 20 * DAY,
    goals: ['cvr', 'revenue_per_visitor'],
    guardrails: [],
  });
}

function summed(metric: Metric, arm: string, sum: number, rest: Partial<EvidenceCell> = {}): EvidenceCell {
  return {
    ...{ metric, arm, sum: String(sum), n: null, sumSquares: null, currency: null, grade: 'randomised' },
    ...{ observations: 20, missing: 0, from: AT, to: AT },
    ...rest,
  };
}

const EUR = { currency: 'EUR' };

const SUMS: EvidenceCell[] = [
  ...['control', 'treatment'].map((arm) => summed('visitors', arm, 20_000)),
  summed('conversions', 'control', 1000),
  summed('conversions', 'treatment', 1200),
  summed('revenue_per_visitor', 'control', 40_000, { ...EUR, n: '20000' }),
  summed('revenue_per_visitor', 'treatment', 48_000, { ...EUR, n: '20000' }),
];

function increments(
  cells: readonly EvidenceCell[] = SUMS,
  changes: { readonly plan?: Partial<ExperimentPlan>; readonly experiment?: ExperimentReadOut } = {},
) {
  const table: EvidenceTable = { cells };
  const experiment = changes.experiment ?? readOut();
  const read = incrementalEconomics(
    { ...plan, ...changes.plan },
    { experiment, table, currency: 'EUR', at: AT },
  );
  const [arm] = read?.arms ?? [];
  if (arm === undefined) throw new Error('no arm was read');
  return arm;
}

const SPEND = [
  summed('spend', 'control', 1000, EUR),
  summed('spend', 'treatment', 3000, EUR),
  summed('spend', '', 4000, EUR),
];

describe('the arms of a test', () => {
  test('raw is what was measured, shrunken is less, and both have their interval', () => {
    const { conversions, revenue } = increments();
    expect(conversions).toMatchObject({ raw: { value: { count: '200' } } });
    expect(revenue).toMatchObject({ raw: { value: { amount: '8000', currency: 'EUR' } } });
    const [cvr] = readOut().readings;
    const lift = cvr?.shrunken;
    expect(conversions).toHaveProperty('shrunken.value.count', expect.stringMatching(/^1\d\d(\.\d+)?$/));
    expect(Number(JSON.parse(JSON.stringify(conversions)).shrunken.lower.count)).toBeCloseTo(
      1000 * (lift?.lower ?? 0),
      6,
    );
    expect(Number(JSON.parse(JSON.stringify(conversions)).raw.upper.count)).toBeCloseTo(
      1000 * (cvr?.interval?.upper ?? 0),
      6,
    );
  });

  test('cost is what the arm had beyond control, over what it added', () => {
    const { costPerAcquisition, roas } = increments([...SUMS, ...SPEND]);
    expect(costPerAcquisition).toMatchObject({ raw: { value: { amount: '10', currency: 'EUR' } } });
    expect(roas).toMatchObject({ raw: { value: { ratio: '4' } } });
  });

  test('a cost has no upper limit where nothing may have been added, and none at all where nothing was', () => {
    const undecided = increments([...SUMS, ...SPEND], { experiment: readOut(51) });
    expect(undecided.costPerAcquisition).toMatchObject({ shrunken: { upper: null } });
    const worse = increments([...SUMS, ...SPEND], { experiment: readOut(45) });
    expect(worse.costPerAcquisition).toMatchObject({ notComputable: 'no_increment' });
    expect(worse.conversions).toHaveProperty('raw.value.count', '-100');
  });

  test.each([
    ['no spend by arm', [summed('spend', '', 4000, EUR)], 'missing_spend'],
    ['spend of the arm alone', [summed('spend', 'treatment', 3000, EUR)], 'missing_spend'],
    ['spend declared missing', SPEND.map((cell) => ({ ...cell, observations: 0 })), 'missing_spend'],
    ['another currency', SPEND.map((cell) => ({ ...cell, currency: 'USD' })), 'other_currency'],
    ['no more than control', SPEND.map((cell) => ({ ...cell, sum: '1000' })), 'no_spend'],
  ])('%s: no cost', (_what, spend, reason) => {
    expect(increments([...SUMS, ...spend]).costPerAcquisition).toMatchObject({ notComputable: reason });
  });
});

test('a holdout had no spend: all of it was spent on the treated', () => {
  const { costPerAcquisition } = increments([...SUMS, summed('spend', '', 4000, EUR)], {
    plan: { kind: 'holdout' },
  });
  expect(costPerAcquisition).toMatchObject({ raw: { value: { amount: '20' } } });
});

test('without revenue person by person there is no return, and without a healthy test there is nothing', () => {
  const withoutRevenue = SUMS.filter(({ metric }) => metric !== 'revenue_per_visitor');
  expect(increments([...withoutRevenue, ...SPEND]).roas).toMatchObject({ notComputable: 'missing_revenue' });
  const { health, ...rest } = readOut();
  const broken = { ...rest, health: { ...health, healthy: false } };
  expect(increments(SUMS, { experiment: broken }).conversions).toMatchObject({
    notComputable: 'broken_experiment',
  });
  const early = { ...rest, health, readings: [] };
  expect(increments(SUMS, { experiment: early }).conversions).toMatchObject({ notComputable: 'no_lift' });
});

test('markets and days have an increment of their own, not one of arms', () => {
  const sources = { experiment: readOut(), table: { cells: SUMS }, currency: 'EUR', at: AT };
  expect(incrementalEconomics({ ...plan, kind: 'geo' }, sources)).toBeNull();
});
