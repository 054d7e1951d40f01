// Whether a treatment is worse than control by more than its margin, or surely not: two one-sided questions for each
// guardrail and arm, readable at every look.

import type { MetricSeries } from '../experiment.ts';
import { METRICS, type Metric } from '../metric.ts';
import type { ExperimentPlan } from '../playbook.ts';
import type { Effect } from '../statistics/comparison/effect.ts';
import { marginEffect, type Standing } from './comparison.ts';
import { tunedUnits } from './decision.ts';
import { alwaysValid, criticalOf, holmLevels, pairOf, standingAt } from './judgement.ts';
import type { Schedule } from './schedule.ts';

export interface GuardrailJudgement {
  readonly series: MetricSeries;
  readonly arm: string;
  readonly margin: number;
  readonly look: number;
  readonly standing: Standing;
  /** What z had to exceed on the harmful and on the harmless side; null where nothing was tested. */
  readonly critical: { readonly harm: number; readonly harmless: number } | null;
  /** z against the margin: above 0 when better than the worst that is allowed. */
  readonly z: number | null;
  readonly nonInferiority: 'shown' | 'harm' | 'undecided';
  /** Always valid, against "worse by at least the margin"; adjusted over guardrails and arms. */
  readonly p: number | null;
  readonly logE: number | null;
}

/**
 * One-sided confidence sequences at the plan's alpha, Holm over guardrails and arms: once for "worse by more than
 * the margin" and once for "not worse by more", which are never both shown.
 */
export function judgeGuardrails(
  plan: ExperimentPlan,
  guardrails: readonly MetricSeries[],
  margins: ReadonlyMap<Metric, number>,
  schedule: Schedule,
): GuardrailJudgement[] {
  const drafts = guardrails.flatMap((series) =>
    plan.treatments.map((arm) => draftOf(plan, series, arm, margins.get(series.metric) ?? 0, schedule)),
  );
  const share = plan.alpha / drafts.length;
  const pOf = (alternative: 'greater' | 'lesser') =>
    drafts.map(({ effect, tuned }) =>
      effect === null || tuned === null
        ? 1
        : alwaysValid(effect, { alternative, tuned, share, level: share }).p,
    );
  const harmless = holmLevels(pOf('greater'), plan.alpha);
  const harm = holmLevels(pOf('lesser'), plan.alpha);
  return drafts.map(({ effect, tuned, ...draft }, index) => {
    const [onHarmless, onHarm] = [harmless[index], harm[index]];
    if (effect === null || tuned === null || onHarmless === undefined || onHarm === undefined) return draft;
    const fine = alwaysValid(effect, { alternative: 'greater', tuned, share, level: onHarmless.level });
    const bad = alwaysValid(effect, { alternative: 'lesser', tuned, share, level: onHarm.level });
    return {
      ...draft,
      critical: { harm: criticalOf(bad), harmless: criticalOf(fine) },
      z: effect.estimate / effect.standardError,
      nonInferiority: onHarm.reject ? 'harm' : onHarmless.reject ? 'shown' : 'undecided',
      p: onHarmless.adjusted,
      logE: fine.logE,
    };
  });
}

interface Draft extends GuardrailJudgement {
  /** Distance from the margin; null where there is nothing to test. */
  readonly effect: Effect | null;
  readonly tuned: number | null;
}

function draftOf(
  plan: ExperimentPlan,
  series: MetricSeries,
  arm: string,
  margin: number,
  schedule: Schedule,
): Draft {
  const pair = pairOf(plan, series, arm);
  const look = schedule.current;
  const standing = withBaseline(standingAt(plan, pair, schedule, look));
  const better = METRICS[series.metric].direction === 'lower' ? -1 : 1;
  return {
    ...{ series, arm, margin, look, standing },
    ...{ critical: null, z: null, nonInferiority: 'undecided', p: null, logE: null },
    effect: standing.state === 'ready' ? marginEffect(standing.comparison, margin, better) : null,
    tuned: tunedUnits(pair, schedule),
  };
}

/** A margin is a fraction of control's value: of nothing there is no fraction. */
function withBaseline(standing: Standing): Standing {
  if (standing.state !== 'ready' || standing.comparison.control.mean !== 0) return standing;
  return { state: 'impossible', why: 'zero_baseline', detail: 'the control mean is 0' };
}
