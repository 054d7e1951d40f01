// What may be concluded about the primary metric and the other goals, arm by arm: a side, or none yet. Guardrails,
// which ask another question, are experiment/guardrails.ts; words and figures for people come later.

import type { ExperimentData, MetricSeries } from '../experiment.ts';
import type { ExperimentPlan } from '../playbook.ts';
import {
  type ConfidenceSequenceResult,
  confidenceSequence,
  mixturePrecision,
} from '../statistics/comparison/confidence-sequence.ts';
import type { Effect } from '../statistics/comparison/effect.ts';
import { adjustPValues } from '../statistics/comparison/multiplicity.ts';
import { type Alternative, tTest } from '../statistics/comparison/t-test.ts';
import { normalSf } from '../statistics/numerics/special.ts';
import type { BoundaryBook } from './boundaries.ts';
import { type Standing, standingOf } from './comparison.ts';
import { type Decision, decide, type PairSeries, pairAt, tunedUnits } from './decision.ts';
import type { Schedule } from './schedule.ts';
import { type MedianUnbiased, medianUnbiased } from './unbiased.ts';

export interface Judgement {
  readonly series: MetricSeries;
  readonly arm: string;
  readonly role: 'primary' | 'goal';
  readonly method: ExperimentPlan['method'];
  /** Index of the look that the figures are of. */
  readonly look: number;
  readonly standing: Standing;
  /** What |z| had to exceed; null where nothing was tested. */
  readonly critical: number | null;
  readonly side: Decision['side'];
  /** Nominal for a group-sequential look, always valid for a sequence; adjusted over goals and arms. */
  readonly p: number | null;
  readonly logE: number | null;
  /** Of a primary metric whose group-sequential test has stopped; null elsewhere. */
  readonly medianUnbiased: MedianUnbiased | null;
}

/** The primary metric of each treatment arm, by the plan's method, at alpha over the number of treatments. */
export function judgePrimary(
  plan: ExperimentPlan,
  found: readonly MetricSeries[],
  data: ExperimentData,
  schedule: Schedule,
  book: BoundaryBook,
): Judgement[] {
  const { method, treatments } = plan;
  const alpha = plan.alpha / treatments.length;
  return found.flatMap((series) =>
    treatments.map((arm) => {
      const pair = pairOf(plan, series, arm);
      const readable = plan.kind !== 'geo' && data.looks > 0;
      const decision: Decision = readable
        ? decide({ method, alpha }, pair, schedule, book)
        : { look: schedule.current, critical: null, side: 0 };
      const standing = standingAt(plan, pair, schedule, decision.look);
      const evidence = evidenceOf(method, alpha, standing, decision, tunedUnits(pair, schedule));
      const unbiased =
        readable && method === 'group_sequential'
          ? medianUnbiased(alpha, pair, schedule, decision, book)
          : null;
      return {
        ...{ series, arm, role: 'primary', method, standing },
        ...decision,
        ...evidence,
        medianUnbiased: unbiased,
      } as const;
    }),
  );
}

/**
 * The other goals at the look that is read, with Holm over goals and arms at the plan's alpha. They have no horizon
 * of their own, so that a group-sequential plan reads them by confidence sequences, valid at whatever look it stops.
 */
export function judgeGoals(
  plan: ExperimentPlan,
  goals: readonly MetricSeries[],
  schedule: Schedule,
): Judgement[] {
  const pairs = goals.flatMap((series) =>
    plan.treatments.map((arm) => ({ series, arm, pair: pairOf(plan, series, arm) })),
  );
  const share = plan.alpha / pairs.length;
  const method = plan.method === 'fixed_horizon' ? 'fixed_horizon' : 'confidence_sequence';
  const look = schedule.current;
  const drafts = pairs.map(({ series, arm, pair }) => {
    const standing = standingAt(plan, pair, schedule, look);
    const effect = testedEffect(method, standing, schedule);
    const tuned = tunedUnits(pair, schedule);
    const test = (level: number): Tested | null => {
      if (effect === null) return null;
      if (method === 'fixed_horizon') return { ...tTest(effect, { alpha: level, ...TWO_SIDED }), logE: null };
      return tuned === null ? null : alwaysValid(effect, { ...TWO_SIDED, tuned, share, level });
    };
    return { series, arm, standing, effect, test };
  });
  const holm = holmLevels(
    drafts.map(({ test }) => test(share)?.p ?? 1),
    plan.alpha,
  );
  return drafts.map(({ series, arm, standing, effect, test }, index) => {
    const { level, adjusted, reject } = holm[index] ?? NOT_REJECTED;
    const tested = test(level);
    return {
      ...{ series, arm, role: 'goal', method, look, standing },
      critical: tested === null ? null : criticalOf(tested),
      side: reject && effect !== null ? (effect.estimate > 0 ? 1 : -1) : 0,
      p: tested === null ? null : adjusted,
      logE: tested?.logE ?? null,
      medianUnbiased: null,
    };
  });
}

const TWO_SIDED = { alternative: 'two_sided' } as const;

type Tested = Pick<ConfidenceSequenceResult, 'estimate' | 'standardError' | 'interval' | 'p'> & {
  readonly logE: number | null;
};

export function pairOf(plan: ExperimentPlan, { kind, arms }: MetricSeries, arm: string): PairSeries {
  const { control, adjustment } = plan;
  return { kind, adjusted: adjustment === 'cuped', control: arms[control] ?? [], treatment: arms[arm] ?? [] };
}

/** Where the comparison stands at a look, given the plan's kind and whether any look counts yet. */
export function standingAt(
  plan: ExperimentPlan,
  pair: PairSeries,
  { looks }: Schedule,
  look: number,
): Standing {
  if (plan.kind === 'geo')
    return { state: 'impossible', why: 'markets', detail: 'a panel of markets is needed' };
  const standing = standingOf(pairAt(pair, look));
  const isBroken = standing.state === 'impossible' && standing.why !== 'zero_variance';
  return looks.length > 0 || isBroken ? standing : { state: 'waiting', waitingFor: 'days' };
}

/** The half width of an interval in standard errors: what |z| must exceed. */
export function criticalOf({ estimate, standardError, interval }: Tested): number {
  const [lower, upper] = interval;
  return (Number.isFinite(lower) ? estimate - lower : upper - estimate) / standardError;
}

/**
 * A confidence sequence tuned at level `share` and read at `level`: Holm moves the level with the other p-values,
 * and a mixture that moved along would no longer be one fixed in advance.
 */
export function alwaysValid(
  effect: Effect,
  {
    alternative,
    tuned,
    share,
    level,
  }: {
    readonly alternative: Alternative;
    readonly tuned: number;
    readonly share: number;
    readonly level: number;
  },
): ConfidenceSequenceResult {
  const rho = mixturePrecision(tuned, alternative === 'two_sided' ? share : 2 * share);
  const effectSize = effect.standardError * Math.sqrt(effect.n) * rho;
  return confidenceSequence(effect, { alpha: level, alternative, tuning: { effectSize } });
}

interface HolmLevel {
  readonly adjusted: number;
  readonly reject: boolean;
  /** The level at which Holm judged this p-value; an interval at it agrees with the verdict. */
  readonly level: number;
}

const NOT_REJECTED: HolmLevel = { adjusted: 1, reject: false, level: 1 };

/** Holm 1979, with the level of the last step for all that are rejected and of the next one for all that are not. */
export function holmLevels(pValues: readonly number[], alpha: number): HolmLevel[] {
  if (pValues.length === 0) return [];
  const { adjusted, reject } = adjustPValues('holm', pValues, alpha);
  const open = reject.filter((rejected) => !rejected).length;
  return pValues.map((_p, index) => {
    const rejected = reject[index] ?? false;
    return { adjusted: adjusted[index] ?? 1, reject: rejected, level: alpha / (rejected ? open + 1 : open) };
  });
}

/** The effect, where the method has a test at the look that is read. */
function testedEffect(
  method: ExperimentPlan['method'],
  standing: Standing,
  schedule: Schedule,
): Effect | null {
  const isOpen = method !== 'fixed_horizon' || schedule.closing !== null;
  return isOpen && standing.state === 'ready' ? standing.comparison.effect : null;
}

function evidenceOf(
  method: ExperimentPlan['method'],
  alpha: number,
  standing: Standing,
  { critical }: Decision,
  tuned: number | null,
): Pick<Judgement, 'p' | 'logE'> {
  if (standing.state !== 'ready' || critical === null) return { p: null, logE: null };
  const { effect } = standing.comparison;
  if (method === 'confidence_sequence' && tuned !== null) {
    const { p, logE } = alwaysValid(effect, { ...TWO_SIDED, tuned, share: alpha, level: alpha });
    return { p, logE };
  }
  if (method === 'fixed_horizon') return { p: tTest(effect, { alpha, ...TWO_SIDED }).p, logE: null };
  return { p: 2 * normalSf(Math.abs(effect.estimate / effect.standardError)), logE: null };
}
