// Experiments for tests: a plan, and arms whose sums grow by the same amount each day.
import type {
  ArmLook,
  ArmReading,
  ExperimentData,
  ExperimentRequest,
  MetricSeries,
} from '../../domain/experiment.ts';
import type { Metric } from '../../domain/metric.ts';
import type { ExperimentPlan } from '../../domain/playbook.ts';

const DAY = 24 * 60 * 60 * 1000;

export const plan: ExperimentPlan = {
  kind: 'ab',
  control: 'control',
  treatments: ['treatment'],
  unit: 'visitor',
  primaryMetric: 'cvr',
  minimumEffect: '0.1',
  alpha: 0.05,
  power: 0.8,
  plannedUnits: 60_000,
  weights: { control: 0.5, treatment: 0.5 },
  method: 'group_sequential',
  grade: 'randomised',
};

/** Conversions of each day; `daily` visitors an arm and day. */
export function shares(days: readonly number[], daily = 1000): ArmLook[] {
  let sum = 0;
  return days.map((conversions, index) => {
    sum += conversions;
    return { n: (index + 1) * daily, sum, sumSquares: null };
  });
}

/** The same number of conversions every day. */
export function steady(days: number, conversions: number, daily = 1000): ArmLook[] {
  return shares(Array<number>(days).fill(conversions), daily);
}

/** A mean and standard deviation that stay the same every day. */
export function means(days: number, mean: number, sd: number, daily = 1000): ArmLook[] {
  return Array.from({ length: days }, (_unused, index) => {
    const n = (index + 1) * daily;
    return { n, sum: n * mean, sumSquares: n * mean * mean + (n - 1) * sd * sd };
  });
}

export function series(
  metric: Metric,
  kind: MetricSeries['kind'],
  arms: Record<string, readonly ArmLook[]>,
): MetricSeries {
  return { metric, kind, arms };
}

/** Data whose units are those of the first metric. */
export function data(...metrics: readonly [MetricSeries, ...MetricSeries[]]): ExperimentData {
  const [first] = metrics;
  const units = Object.fromEntries(
    Object.entries(first.arms).map(([arm, looks]) => [arm, looks.map(({ n }) => n)]),
  );
  return { looks: Object.values(units)[0]?.length ?? 0, units, metrics };
}

export function request(ageDays: number, more: Partial<ExperimentRequest> = {}): ExperimentRequest {
  return { ageMs: ageDays * DAY, guardrails: [], goals: ['cvr'], ...more };
}

/** Conversions a day of each arm, of 1,000 visitors. */
export function cvr(control: number, treatment: number, days: number): ExperimentData {
  return data(
    series('cvr', 'proportion', { control: steady(days, control), treatment: steady(days, treatment) }),
  );
}

/** The one reading of a read-out that must have just one. */
export function only(readings: readonly ArmReading[]): ArmReading {
  const [reading] = readings;
  if (reading === undefined || readings.length > 1) throw new Error(`${readings.length} readings`);
  return reading;
}
