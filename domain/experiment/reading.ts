// One metric of one arm, as the committee gets it: figures, verdict and sentence of one look, in one JSON document.
// Shapes what the judgements concluded and concludes nothing of its own.

import type { ExperimentData, MetricSeries } from '../experiment.ts';
import { METRICS, type Metric } from '../metric.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { type Posterior, posteriorOf } from '../statistics/comparison/bayesian.ts';
import type { Effect } from '../statistics/comparison/effect.ts';
import { type EffectPrior, type Shrunken, shrinkEstimate } from '../statistics/comparison/shrinkage.ts';
import type { ReadAdjustment } from './adjustment.ts';
import { type RelativeInterval, relativeEffect, relativeInterval, type Standing } from './comparison.ts';
import type { GuardrailJudgement } from './guardrails.ts';
import type { ExperimentHealth } from './health.ts';
import type { Judgement } from './judgement.ts';
import { dayOf, fractionAt, type Schedule } from './schedule.ts';
import type { MedianUnbiased } from './unbiased.ts';
import { type Sentence, sentenceOf } from './words.ts';

export type Verdict = 'better' | 'worse' | 'undecided' | 'impossible';

export interface ArmReading {
  readonly metric: Metric;
  readonly arm: string;
  readonly role: 'primary' | 'goal' | 'guardrail';
  /** Units of this arm and of control together, in the metric's own unit of counting. */
  readonly n: number;
  /** Relative lift over |control|, raw; null without one, or when control is not told apart from 0. */
  readonly estimate: number | null;
  /** Treatment minus control, in the metric's unit. */
  readonly absolute: number | null;
  /** Of the relative lift, at the level of the verdict; null where nothing was tested or the lift is unbounded. */
  readonly interval: RelativeInterval | null;
  /** The relative lift after allowing for the winner's curse: what money decisions use. */
  readonly shrunken: Shrunken | null;
  /** Of a group-sequential test that has stopped: treatment minus control, allowing for when it stopped. */
  readonly medianUnbiased: MedianUnbiased | null;
  /** The estimate, signed so that higher is better. */
  readonly goodness: number | null;
  readonly method: ExperimentPlan['method'] | 'one_sided_confidence_sequence';
  /** Number of the look that the figures are of, from 1: the deciding one, or else the last. */
  readonly look: number;
  readonly informationFraction: number;
  /** What |z| (of a guardrail: z) had to exceed at that look. */
  readonly bound: number | null;
  /** Standard errors between the arms, or, of a guardrail, from its margin. */
  readonly z: number | null;
  /** Group-sequential: nominal, for the bound of this look only. Else always valid and adjusted. */
  readonly p: number | null;
  readonly logE: number | null;
  /** What the plan's adjustment came to; null when the plan has none, or where arms were not compared. */
  readonly adjustment: ReadAdjustment | null;
  /** A description of what to believe, never a rule for when to stop. */
  readonly posterior: Posterior | null;
  /** Of a guardrail alone: `worse` once harm is shown, else `undecided`. */
  readonly verdict: Verdict;
  readonly nonInferiority: 'shown' | 'harm' | 'undecided' | null;
  readonly margin: number | null;
  readonly sentence: Sentence;
}

export interface ReadingContext {
  readonly plan: ExperimentPlan;
  readonly data: ExperimentData;
  readonly schedule: Schedule;
  readonly health: ExperimentHealth;
  readonly prior: EffectPrior;
}

/** The document of a goal, of a guardrail, or of a metric that is both, for which the goal's figures are shown. */
export function readingOf(
  context: ReadingContext,
  goal: Judgement,
  guard: GuardrailJudgement | null,
): ArmReading;
export function readingOf(context: ReadingContext, goal: null, guard: GuardrailJudgement): ArmReading;
export function readingOf(
  context: ReadingContext,
  goal: Judgement | null,
  guard: GuardrailJudgement | null,
): ArmReading {
  const subject = goal ?? guard;
  if (subject === null) throw new TypeError('a reading is of a goal or of a guardrail');
  const { plan, data, schedule, health } = context;
  const { series, arm, look, standing } = subject;
  const { metric } = series;
  const better = METRICS[metric].direction === 'lower' ? -1 : 1;
  const figures = figuresOf(context, standing, better);
  const draft = {
    ...{ metric, arm, role: goal?.role ?? ('guardrail' as const) },
    n: unitsOf(series, plan.control, look) + unitsOf(series, arm, look),
    ...figures,
    adjustment: adjustmentIn(plan, series, standing),
    medianUnbiased: goal?.medianUnbiased ?? null,
    interval: figures.estimate === null ? null : intervalOf(standing, goal, guard, better),
    look: look + 1,
    informationFraction: fractionAt(plan, data, look),
    ...(goal === null ? guardrailTest(guard) : goalTest(goal)),
    verdict: health.healthy ? verdictOf(goal, guard, better) : 'undecided',
    nonInferiority: guard === null ? null : health.healthy ? guard.nonInferiority : 'undecided',
    margin: guard?.margin ?? null,
  } as const;
  const sentence = sentenceOf({
    ...draft,
    control: plan.control,
    standing,
    day: dayOf(data, look),
    closed: schedule.closing !== null,
    unhealthy: !health.healthy,
  });
  return { ...draft, sentence };
}

function adjustmentIn(
  plan: ExperimentPlan,
  { kind }: MetricSeries,
  standing: Standing,
): ReadAdjustment | null {
  if (plan.adjustment !== 'cuped' || standing.state !== 'ready') return null;
  const { adjustment } = standing.comparison;
  if (adjustment !== null) return { method: 'cuped', varianceReduction: adjustment.varianceReduction };
  return { method: 'none', why: kind === 'mean' ? 'missing_covariate' : 'not_a_mean' };
}

type Figures = Pick<ArmReading, 'estimate' | 'absolute' | 'goodness' | 'shrunken' | 'posterior'>;

const NO_FIGURES: Figures = {
  estimate: null,
  absolute: null,
  goodness: null,
  shrunken: null,
  posterior: null,
};

function figuresOf({ plan, prior }: ReadingContext, standing: Standing, better: 1 | -1): Figures {
  if (standing.state !== 'ready') return NO_FIGURES;
  const { comparison } = standing;
  const relative = relativeEffect(comparison);
  const absolute = comparison.effect.estimate;
  if (relative === null) return { ...NO_FIGURES, absolute };
  return {
    estimate: relative.estimate,
    absolute,
    // 0 - x, so that no lift reads 0 and not -0, which JSON does not keep.
    goodness: better === 1 ? relative.estimate : 0 - relative.estimate,
    shrunken: shrinkEstimate(relative, prior, plan.alpha),
    posterior: posterior(relative, prior, plan.alpha, better),
  };
}

function posterior(effect: Effect, { mean, sd }: EffectPrior, alpha: number, better: 1 | -1): Posterior {
  return posteriorOf(effect, {
    alpha,
    prior: { kind: 'normal', unit: 'relative', mean, variance: sd * sd },
    better: better === 1 ? 'higher' : 'lower',
  });
}

function intervalOf(
  standing: Standing,
  goal: Judgement | null,
  guard: GuardrailJudgement | null,
  better: 1 | -1,
): RelativeInterval | null {
  if (standing.state !== 'ready') return null;
  if (goal !== null) {
    const { critical } = goal;
    return critical === null
      ? null
      : relativeInterval(standing.comparison, { lower: critical, upper: critical });
  }
  if (guard?.critical == null) return null;
  // Harm is seen from the good end of the interval, harmlessness from the bad end.
  const { harm, harmless } = guard.critical;
  const critical = better === 1 ? { lower: harmless, upper: harm } : { lower: harm, upper: harmless };
  return relativeInterval(standing.comparison, critical);
}

type Test = Pick<ArmReading, 'method' | 'bound' | 'z' | 'p' | 'logE'>;

function goalTest({ method, standing, critical, p, logE }: Judgement): Test {
  const effect = standing.state === 'ready' ? standing.comparison.effect : null;
  const z = effect === null ? null : effect.estimate / effect.standardError;
  return { method, bound: critical, z, p, logE };
}

function guardrailTest(guard: GuardrailJudgement | null): Test {
  const { critical = null, z = null, p = null, logE = null } = guard ?? {};
  return { method: 'one_sided_confidence_sequence', bound: critical?.harmless ?? null, z, p, logE };
}

function verdictOf(goal: Judgement | null, guard: GuardrailJudgement | null, better: 1 | -1): Verdict {
  if ((goal ?? guard)?.standing.state === 'impossible') return 'impossible';
  if (goal === null) return guard?.nonInferiority === 'harm' ? 'worse' : 'undecided';
  if (goal.side === 0) return 'undecided';
  return goal.side === better ? 'better' : 'worse';
}

function unitsOf({ arms }: MetricSeries, arm: string, look: number): number {
  return arms[arm]?.[look]?.n ?? 0;
}
