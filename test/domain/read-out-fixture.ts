// Evidence for the tests of reading out: cells by metric, the economics made of them, and hand-made readings of arms.
import type { Criterion, Rule } from '../../domain/criterion.ts';
import { DAY } from '../../domain/duration.ts';
import { inputsFrom } from '../../domain/economics/observed-inputs.ts';
import { observedEconomics } from '../../domain/economics.ts';
import type { EvidenceCell, EvidenceGrade } from '../../domain/evidence.ts';
import type { ArmReading, ExperimentReadOut } from '../../domain/experiment.ts';
import { isMonetary, type Metric } from '../../domain/metric.ts';
import type { StageEvidence } from '../../domain/read-out.ts';
import { day, euros } from '../support/small-contract.ts';

type Sums = Partial<Pick<EvidenceCell, 'n' | 'sumSquares' | 'grade'>> & { readonly sum: string };

export type Observed = Readonly<Partial<Record<Metric, string | Sums>>>;

/** Ten days of a stage, 100 EUR spent, with these sums observed. */
export function evidenceOf(observed: Observed, changes: Partial<StageEvidence> = {}): StageEvidence {
  const table = { cells: Object.entries(observed).map(([metric, sums]) => cellOf(metric as Metric, sums)) };
  const method = { ltv: 'orders_over_horizon', ordersPerCustomer: '6', months: 12 } as const;
  return {
    table,
    economics: observedEconomics(inputsFrom(table, 'EUR'), method, 'EUR'),
    experiment: null,
    error: null,
    elapsed: 10 * DAY,
    spend: euros('100'),
    thesisSpend: euros('100'),
    ...changes,
  };
}

function cellOf(metric: Metric, sums: string | Sums): EvidenceCell {
  const given = typeof sums === 'string' ? { sum: sums } : sums;
  return {
    metric,
    arm: '',
    n: null,
    sumSquares: null,
    currency: isMonetary(metric) ? 'EUR' : null,
    grade: 'attributed',
    observations: 10,
    missing: 0,
    from: day(0),
    to: day(10),
    ...given,
  };
}

type Changes = Partial<Omit<Criterion, 'rule'>>;

export function threshold(
  metric: Metric,
  rule: Omit<Extract<Rule, { kind: 'threshold' }>, 'kind'>,
  changes: Changes = {},
): Criterion {
  return criterion(metric, { kind: 'threshold', ...rule }, changes);
}

export function criterion(metric: Metric, rule: Rule, changes: Changes = {}): Criterion {
  const common = { id: 'c-1', role: 'success', minimumSample: 0, minimumAge: 'PT0S', failures: 1 } as const;
  return { ...common, metric, rule, onFail: 'kill', ...changes };
}

/** One arm read by hand: undecided, no harm tested, unless the test says otherwise. */
export function reading(arm: string, changes: Partial<ArmReading> = {}): ArmReading {
  return {
    metric: 'cvr',
    arm,
    role: 'primary',
    n: 10_000,
    estimate: 0.02,
    absolute: 0.001,
    interval: null,
    shrunken: null,
    medianUnbiased: null,
    adjustment: null,
    goodness: changes.estimate ?? 0.02,
    method: 'group_sequential',
    look: 10,
    informationFraction: 0.5,
    bound: 2.5,
    z: 1,
    p: 0.3,
    logE: null,
    posterior: null,
    verdict: 'undecided',
    nonInferiority: null,
    margin: null,
    sentence: { en: `Of ${arm}.`, fr: `De ${arm}.` },
    ...changes,
  };
}

export function experiment(
  readings: readonly ArmReading[],
  changes: Partial<ExperimentReadOut> = {},
): ExperimentReadOut {
  return {
    health: {
      healthy: true,
      sentence: { en: 'The test is healthy.', fr: 'Le test est sain.' },
      problems: [],
      srm: null,
      ageDays: 10,
      minimumAgeDays: 7,
      units: {},
    },
    complete: false,
    informationFraction: 0.5,
    daysLeft: 10,
    grade: 'randomised' satisfies EvidenceGrade,
    method: 'group_sequential',
    readings,
    ...changes,
  };
}
