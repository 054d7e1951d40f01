// Turns daily sums by arm into what an experiment is read from: one cumulative look a day, the same days for every
// arm. A day on which an arm sent nothing keeps its total of the day before.

import { DAY } from '../duration.ts';
import type { ObservedCovariate } from '../evidence.ts';
import type { ArmLook, CovariateSums, ExperimentData, MetricSeries } from '../experiment.ts';
import { METRICS, type Metric, type MetricForm } from '../metric.ts';
import { type DecimalText, toNumber } from '../money.ts';
import type { ExperimentPlan } from '../playbook.ts';

/** The sums of one observed metric, one arm and one day. */
export interface DailySums {
  readonly metric: Metric;
  readonly arm: string;
  /** ISO date. */
  readonly day: string;
  readonly n: DecimalText | null;
  readonly sum: DecimalText;
  readonly sumSquares: DecimalText | null;
  /** Of the rows that have one: its sums, and how many units they are. */
  readonly covariate: (ObservedCovariate & { readonly n: DecimalText }) | null;
}

export function experimentData(
  plan: ExperimentPlan,
  metrics: readonly Metric[],
  daily: readonly DailySums[],
): ExperimentData {
  const days = [...new Set(daily.map(({ day }) => day))].sort();
  const arms = [plan.control, ...plan.treatments];
  const series = metrics
    .map((metric) => seriesOf(metric, arms, days, daily))
    .filter((found) => found !== null);
  const primary = series.find(({ metric }) => metric === plan.primaryMetric);
  const units = Object.fromEntries(arms.map((arm) => [arm, (primary?.arms[arm] ?? []).map(({ n }) => n)]));
  return {
    looks: days.length,
    days: days.map((day) => dayNumber(days[0] ?? day, day)),
    units,
    metrics: series,
  };
}

/** The first day is 1: a day without data is no look, but it passes. */
function dayNumber(first: string, day: string): number {
  return Math.round((Date.parse(day) - Date.parse(first)) / DAY) + 1;
}

function seriesOf(
  metric: Metric,
  arms: readonly string[],
  days: readonly string[],
  daily: readonly DailySums[],
): MetricSeries | null {
  const shape: MetricForm = METRICS[metric].shape;
  if (shape.form === 'ratio') {
    const top = cumulative(daily, shape.numerator, arms, days);
    const bottom = cumulative(daily, shape.denominator, arms, days);
    const looks = (arm: string): ArmLook[] =>
      days.map((_, index) => ({
        n: bottom[arm]?.[index]?.sum ?? 0,
        sum: top[arm]?.[index]?.sum ?? 0,
        sumSquares: null,
      }));
    return { metric, kind: 'proportion', arms: Object.fromEntries(arms.map((arm) => [arm, looks(arm)])) };
  }
  if (shape.form !== 'sample') return null;
  return { metric, kind: 'mean', arms: cumulative(daily, metric, arms, days) };
}

function cumulative(
  daily: readonly DailySums[],
  metric: string,
  arms: readonly string[],
  days: readonly string[],
): Record<string, ArmLook[]> {
  const byArmAndDay = new Map<string, DailySums>();
  for (const row of daily) if (row.metric === metric) byArmAndDay.set(`${row.arm}/${row.day}`, row);
  const looksOf = (arm: string): ArmLook[] => {
    let [n, sum, sumSquares] = [0, 0, 0];
    let covariate: CovariateSums | undefined;
    return days.map((day) => {
      const row = byArmAndDay.get(`${arm}/${day}`);
      n += row?.n == null ? 0 : toNumber(row.n);
      sum += row === undefined ? 0 : toNumber(row.sum);
      sumSquares += row?.sumSquares == null ? 0 : toNumber(row.sumSquares);
      covariate = withDay(covariate, row?.covariate ?? null);
      return { n, sum, sumSquares, ...(covariate === undefined ? {} : { covariate }) };
    });
  };
  return Object.fromEntries(arms.map((arm) => [arm, looksOf(arm)]));
}

function withDay(before: CovariateSums | undefined, day: DailySums['covariate']): CovariateSums | undefined {
  if (day === null) return before;
  return {
    n: (before?.n ?? 0) + toNumber(day.n),
    sum: (before?.sum ?? 0) + toNumber(day.sum),
    sumSquares: (before?.sumSquares ?? 0) + toNumber(day.sumSquares),
    sumOfProducts: (before?.sumOfProducts ?? 0) + toNumber(day.sumOfProducts),
  };
}
