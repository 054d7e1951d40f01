// What past theses say about how large effects are: the prior that draws an estimate towards what comparable tests
// delivered, metric by metric. It decides nothing; verdicts do not depend on a prior.

import {
  type BoundaryBook,
  type ExperimentData,
  type ExperimentReadOut,
  type ExperimentRequest,
  readExperiment,
} from '../experiment.ts';
import type { Metric } from '../metric.ts';
import type { ExperimentPlan } from '../playbook.ts';
import {
  type EffectPrior,
  type Estimate,
  MINIMUM_HISTORY,
  priorFromHistory,
  type Shrunken,
} from '../statistics/comparison/shrinkage.ts';

/** What one thesis, now closed, found of a metric: the lift of each arm, as its last read-out had it. */
export interface PastEffect {
  readonly thesisId: string;
  readonly metric: Metric;
  readonly lifts: readonly Pick<Shrunken, 'raw' | 'weight' | 'prior'>[];
}

export type EffectPriors = Readonly<Partial<Record<Metric, EffectPrior>>>;

/** The prior of each metric of which at least `MINIMUM_HISTORY` past theses have an estimate. */
export function priorsFrom(past: readonly PastEffect[]): EffectPriors {
  const priors: Partial<Record<Metric, EffectPrior>> = {};
  for (const metric of new Set(past.map((effect) => effect.metric))) {
    const estimates = past.flatMap((effect) => (effect.metric === metric ? estimateOf(effect) : []));
    if (estimates.length >= MINIMUM_HISTORY) priors[metric] = priorFromHistory(estimates);
  }
  return priors;
}

/** Reads an experiment out, each metric by its own prior; a metric without one by the sceptical prior. */
export function readWithHistory(
  plan: ExperimentPlan,
  data: ExperimentData,
  request: Omit<ExperimentRequest, 'prior'>,
  { priors, boundaries }: { readonly priors: EffectPriors; readonly boundaries: BoundaryBook },
): ExperimentReadOut {
  const read = readExperiment(plan, data, request, boundaries);
  // One prior holds for one read-out: a lift of revenue must not be drawn towards lifts of conversion.
  const own = new Map<Metric, ExperimentReadOut['readings']>();
  for (const metric of new Set(read.readings.map((reading) => reading.metric))) {
    const prior = priors[metric];
    if (prior === undefined) continue;
    const { readings } = readExperiment(plan, data, { ...request, prior }, boundaries);
    own.set(
      metric,
      readings.filter((reading) => reading.metric === metric),
    );
  }
  if (own.size === 0) return read;
  const seen = new Map<Metric, number>();
  const readings = read.readings.map((reading) => {
    const index = seen.get(reading.metric) ?? 0;
    seen.set(reading.metric, index + 1);
    return own.get(reading.metric)?.[index] ?? reading;
  });
  return { ...read, readings };
}

/**
 * One estimate a thesis, so that many arms do not count as many theses: the mean of its arms, with the largest of
 * their standard errors, as arms share their control. None without a lift that varies.
 */
function estimateOf({ lifts }: PastEffect): Estimate[] {
  const errors = lifts.map(standardErrorOf);
  const standardError = Math.max(...errors);
  if (lifts.length === 0 || !Number.isFinite(standardError) || standardError <= 0) return [];
  return [{ estimate: lifts.reduce((sum, { raw }) => sum + raw, 0) / lifts.length, standardError }];
}

/** The standard error that was shrunken with: the weight is sd^2 / (sd^2 + se^2). */
function standardErrorOf({ weight, prior }: PastEffect['lifts'][number]): number {
  return prior.sd * Math.sqrt((1 - weight) / weight);
}
