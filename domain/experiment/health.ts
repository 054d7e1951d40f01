// Whether the experiment itself can be believed: allocation first, then age and sample. It reads no metric's effect. A
// broken allocation makes a test unhealthy, whatever its metrics say; a young or a small test is only not ready.

import type { ExperimentData } from '../experiment.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { chiSquareSrm, srmEvidence } from '../statistics/comparison/srm.ts';
import { ImpossibleInput } from '../statistics/impossible.ts';
import { standingOf } from './comparison.ts';
import { pairAt } from './decision.ts';
import {
  contradictoryUnits,
  HEALTHY,
  idleArms,
  TOO_FEW_CONVERSIONS,
  TOO_FEW_UNITS,
  tooYoung,
  unplannedShares,
} from './health-words.ts';
import { pairOf } from './judgement.ts';
import { MINIMUM_DAYS, type Schedule } from './schedule.ts';
import type { Sentence } from './words.ts';

/** False-alarm rate of the allocation check over all looks together. */
const SRM_ALPHA = 0.001;

const DAY_MS = 24 * 60 * 60 * 1000;

export type HealthCode =
  | 'sample_ratio_mismatch'
  | 'contradictory_units'
  | 'no_units'
  | 'too_young'
  | 'too_few_conversions'
  | 'too_few_units';

export interface HealthProblem {
  readonly code: HealthCode;
  /** Whether the test is broken, rather than not ready yet. */
  readonly blocking: boolean;
  readonly sentence: Sentence;
}

/** Sample ratio mismatch: did the arms get the shares of units that the plan promised? */
export interface AllocationCheck {
  /** Largest ln of the evidence against the allocation at any look so far, and its always-valid p. */
  readonly logEvidence: number;
  readonly p: number;
  /** Chi-square p of the last look alone: a description, not a rule. */
  readonly chiSquareP: number;
  readonly mismatch: boolean;
}

export interface ExperimentHealth {
  /** False: no verdict may be taken from this test. */
  readonly healthy: boolean;
  readonly sentence: Sentence;
  readonly problems: readonly HealthProblem[];
  /** Null where arms have no promised shares (markets, before and after) or no unit has come in. */
  readonly srm: AllocationCheck | null;
  readonly ageDays: number;
  readonly minimumAgeDays: number;
  /** Units by arm at the look that is read. */
  readonly units: Readonly<Record<string, number>>;
}

export function healthOf(
  plan: ExperimentPlan,
  data: ExperimentData,
  ageMs: number,
  schedule: Schedule,
): ExperimentHealth {
  const arms = [plan.control, ...plan.treatments];
  const units = Object.fromEntries(arms.map((arm) => [arm, data.units[arm]?.[schedule.current] ?? 0]));
  const allocation = checkAllocation(plan, data, schedule);
  const broken =
    typeof allocation === 'string' ? contradiction(allocation) : mismatch(plan, units, allocation);
  const problems = [...broken, ...readiness(plan, data, ageMs, schedule)];
  return {
    healthy: broken.length === 0,
    sentence: problems[0]?.sentence ?? HEALTHY,
    problems,
    srm: typeof allocation === 'string' ? null : allocation,
    ageDays: Math.floor(ageMs / DAY_MS),
    minimumAgeDays: MINIMUM_DAYS,
    units,
  };
}

/** The check over all looks up to the one read; words when the units themselves cannot be. */
function checkAllocation(
  { kind, control, treatments, weights }: ExperimentPlan,
  { units }: ExperimentData,
  { current }: Schedule,
): AllocationCheck | string | null {
  if (kind === 'geo' || kind === 'prepost') return null;
  const arms = [control, ...treatments];
  const shares = arms.map((arm) => weights[arm] ?? 0);
  const countsAt = (look: number) => arms.map((arm) => units[arm]?.[look] ?? 0);
  let logEvidence = Number.NEGATIVE_INFINITY;
  try {
    for (let look = 0; look <= current; look += 1) {
      const counts = countsAt(look);
      if (counts.some((count) => count !== 0)) {
        logEvidence = Math.max(logEvidence, srmEvidence(counts, shares).logEvidence);
      }
    }
    if (logEvidence === Number.NEGATIVE_INFINITY) return null;
    return {
      logEvidence,
      p: Math.min(1, Math.exp(-logEvidence)),
      chiSquareP: chiSquareSrm(countsAt(current), shares).p,
      mismatch: logEvidence > -Math.log(SRM_ALPHA),
    };
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    return problem.message;
  }
}

function contradiction(why: string): HealthProblem[] {
  return [{ code: 'contradictory_units', blocking: true, sentence: contradictoryUnits(why) }];
}

function mismatch(
  { weights }: ExperimentPlan,
  units: Readonly<Record<string, number>>,
  srm: AllocationCheck | null,
): HealthProblem[] {
  if (srm === null || !srm.mismatch) return [];
  const total = Object.values(units).reduce((sum, count) => sum + count, 0);
  const shares = Object.entries(units).map(([arm, count]) => ({
    arm,
    got: count / total,
    planned: weights[arm] ?? 0,
  }));
  return [{ code: 'sample_ratio_mismatch', blocking: true, sentence: unplannedShares(shares) }];
}

function readiness(
  plan: ExperimentPlan,
  data: ExperimentData,
  ageMs: number,
  schedule: Schedule,
): HealthProblem[] {
  const problems: HealthProblem[] = [];
  const report = (code: HealthCode, sentence: Sentence) => problems.push({ code, blocking: false, sentence });
  const idle = [plan.control, ...plan.treatments].filter(
    (arm) => !((data.units[arm]?.[schedule.current] ?? 0) > 0),
  );
  if (idle.length > 0) report('no_units', idleArms(idle));
  if (schedule.looks.length === 0) report('too_young', tooYoung(Math.floor(ageMs / DAY_MS)));
  const primary = data.metrics.find(({ metric }) => metric === plan.primaryMetric);
  if (primary === undefined || idle.length > 0) return problems;
  const isShort = plan.treatments.some((arm) => {
    const standing = standingOf(pairAt(pairOf(plan, primary, arm), schedule.current));
    return standing.state === 'waiting' && standing.waitingFor !== 'units';
  });
  if (!isShort) return problems;
  if (primary.kind === 'mean') report('too_few_units', TOO_FEW_UNITS);
  else report('too_few_conversions', TOO_FEW_CONVERSIONS);
  return problems;
}
