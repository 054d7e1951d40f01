// From a sealed plan and the arms' sums to one read-out for the committee: health first, then a verdict for each
// metric and arm that stays honest however often it is looked at. Pure; gathers no data and estimates nothing
// itself (domain/statistics does), and never throws for data that cannot be compared: the reading says so.

import { type EvidenceGrade, weakestGrade } from './evidence.ts';
import { type BoundaryBook, createBoundaryBook } from './experiment/boundaries.ts';
import { judgeGuardrails } from './experiment/guardrails.ts';
import { type ExperimentHealth, healthOf } from './experiment/health.ts';
import { judgeGoals, judgePrimary } from './experiment/judgement.ts';
import { GRADE_OF_KIND } from './experiment/plan-check.ts';
import { type ArmReading, readingOf } from './experiment/reading.ts';
import { daysLeft, fractionAt, type Schedule, scheduleOf } from './experiment/schedule.ts';
import type { Metric } from './metric.ts';
import type { ExperimentPlan } from './playbook.ts';
import type { Sums } from './statistics/comparison/moments.ts';
import { type EffectPrior, scepticalPrior } from './statistics/comparison/shrinkage.ts';

export type { BoundaryBook } from './experiment/boundaries.ts';
export { createBoundaryBook } from './experiment/boundaries.ts';
export type { ArmReading } from './experiment/reading.ts';

/** Sums of one arm up to and including a look. Of a proportion: `n` the denominator, `sum` the numerator. */
export interface ArmLook {
  readonly n: number;
  readonly sum: number;
  /** Null for proportions, which need none. */
  readonly sumSquares: number | null;
  /** Sums of the units whose value before the test is known, and how many of the `n` they are. */
  readonly covariate?: CovariateSums;
}

export interface CovariateSums extends Sums {
  readonly n: number;
  readonly sumOfProducts: number;
}

/** One metric by arm: one entry a look, the same looks for every arm. */
export interface MetricSeries {
  readonly metric: Metric;
  readonly kind: 'proportion' | 'mean';
  readonly arms: Readonly<Record<string, readonly ArmLook[]>>;
}

export interface ExperimentData {
  readonly looks: number;
  /** Units of each arm up to and including each look: for allocation and information. */
  readonly units: Readonly<Record<string, readonly number[]>>;
  readonly metrics: readonly MetricSeries[];
  /** Day of the test on which each look was taken, from 1 and ascending; looks are daily when left out. */
  readonly days?: readonly number[];
}

export interface ExperimentRequest {
  /** Age of the test, in milliseconds of the thesis's time. */
  readonly ageMs: number;
  /** Margins are fractions of control's value; of two for one metric, the smaller counts. */
  readonly guardrails: readonly { readonly metric: Metric; readonly margin: number }[];
  /** Metrics to compare beside the primary one, which may be named again. */
  readonly goals: readonly Metric[];
  /** What is believed of the relative effect beforehand; sceptical when left out. */
  readonly prior?: EffectPrior;
}

export interface ExperimentReadOut {
  readonly health: ExperimentHealth;
  /** Nothing more is to be learnt: the planned end is reached, or the primary metric is decided. */
  readonly complete: boolean;
  readonly informationFraction: number;
  /** Whole days to the planned units at the pace of the last week; null when over or when no unit comes in. */
  readonly daysLeft: number | null;
  readonly grade: EvidenceGrade;
  readonly method: ExperimentPlan['method'];
  readonly readings: readonly ArmReading[];
}

/**
 * Reads an experiment out as of its last look. The primary metric is decided by the plan's method: at the first
 * look that crosses its boundary, alpha shared over the treatment arms (Bonferroni). Other goals are read at the
 * last look by confidence sequences with Holm over goals and arms; guardrails by one-sided ones, with Holm over
 * guardrails and arms. A `book` that is kept between read-outs spares solving the same boundaries again.
 */
export function readExperiment(
  plan: ExperimentPlan,
  data: ExperimentData,
  request: ExperimentRequest,
  book: BoundaryBook = createBoundaryBook(),
): ExperimentReadOut {
  const schedule = scheduleOf(plan, data, request.ageMs);
  const health = healthOf(plan, data, request.ageMs, schedule);
  const readings = data.looks === 0 ? [] : readArms(plan, data, request, { schedule, health, book });
  return {
    health,
    complete: schedule.closing !== null || isDecided(readings),
    informationFraction: fractionAt(plan, data, schedule.current),
    daysLeft: schedule.closing !== null || isDecided(readings) ? null : daysLeft(plan, data, schedule),
    grade: weakestGrade([plan.grade, GRADE_OF_KIND[plan.kind]]),
    method: plan.method,
    readings,
  };
}

interface Circumstances {
  readonly schedule: Schedule;
  readonly health: ExperimentHealth;
  readonly book: BoundaryBook;
}

function readArms(
  plan: ExperimentPlan,
  data: ExperimentData,
  request: ExperimentRequest,
  { schedule, health, book }: Circumstances,
): ArmReading[] {
  const seriesOf = (metric: Metric) => data.metrics.filter((series) => series.metric === metric);
  const margins = marginsOf(request);
  const goals = [...new Set(request.goals)].filter((metric) => metric !== plan.primaryMetric);
  const alone = [...margins.keys()].filter(
    (metric) => metric !== plan.primaryMetric && !goals.includes(metric),
  );
  const judged = [
    ...judgePrimary(plan, seriesOf(plan.primaryMetric), data, schedule, book),
    ...judgeGoals(plan, goals.flatMap(seriesOf), schedule),
  ];
  const guarded = judgeGuardrails(plan, [...margins.keys()].flatMap(seriesOf), margins, schedule);
  const onlyGuarded = guarded.filter(({ series }) => alone.includes(series.metric));
  const context = { plan, data, schedule, health, prior: request.prior ?? scepticalPrior };
  return [
    ...judged.map((judgement) => {
      const guard = guarded.find(({ series, arm }) => series === judgement.series && arm === judgement.arm);
      return readingOf(context, judgement, guard ?? null);
    }),
    ...onlyGuarded.map((guard) => readingOf(context, null, guard)),
  ];
}

function marginsOf({ guardrails }: ExperimentRequest): Map<Metric, number> {
  const margins = new Map<Metric, number>();
  for (const { metric, margin } of guardrails) {
    margins.set(metric, Math.min(margin, margins.get(metric) ?? margin));
  }
  return margins;
}

/** Whether the primary metric asks for nothing more: one arm is better, or every arm has its verdict. */
function isDecided(readings: readonly ArmReading[]): boolean {
  const primary = readings.filter(({ role }) => role === 'primary');
  if (primary.some(({ verdict }) => verdict === 'better')) return true;
  return primary.length > 0 && primary.every(({ verdict }) => verdict === 'worse');
}
