// How the primary metric of one arm is decided: by the first look that crosses the boundary of the plan's method.
// The simulated A/A tests run through this very function, so that their false-positive rate is the product's.

import type { ArmLook, MetricSeries } from '../experiment.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { mixturePrecision, mixtureRadius } from '../statistics/comparison/confidence-sequence.ts';
import { tQuantile } from '../statistics/numerics/special.ts';
import type { BoundaryBook } from './boundaries.ts';
import { type Pair, standingOf, zOf } from './comparison.ts';
import type { Schedule } from './schedule.ts';

export interface DecisionRule {
  readonly method: ExperimentPlan['method'];
  /** Two-sided false-positive rate of this one comparison, over all looks together. */
  readonly alpha: number;
}

/** Both arms' cumulative sums of one metric, look by look. */
export interface PairSeries {
  readonly kind: MetricSeries['kind'];
  /** Whether the plan takes a covariate out, at every look that has one of every unit. */
  readonly adjusted: boolean;
  readonly control: readonly ArmLook[];
  readonly treatment: readonly ArmLook[];
}

export function pairAt({ control, treatment, ...how }: PairSeries, look: number): Pair {
  return { ...how, control: control[look], treatment: treatment[look] };
}

export interface Decision {
  /** Index of the look that decided, or of the last one read while nothing is decided. */
  readonly look: number;
  /** What |z| must exceed at that look; null when the method has no test there. */
  readonly critical: number | null;
  /** 1 when treatment is higher than control, -1 when lower, 0 while undecided. */
  readonly side: 1 | -1 | 0;
}

/**
 * Decides at the first look of the schedule whose |z| exceeds its critical value; later looks never undo it. A
 * look at which an arm has too few conversions spends its alpha and decides nothing.
 */
export function decide(
  rule: DecisionRule,
  pair: PairSeries,
  schedule: Schedule,
  book: BoundaryBook,
): Decision {
  switch (rule.method) {
    case 'group_sequential': {
      const bounds = book.criticalValues(rule.alpha, schedule.fractions);
      return firstCrossing(pair, schedule, (position) => bounds[position] ?? Number.POSITIVE_INFINITY);
    }
    case 'confidence_sequence': {
      const tuned = tunedUnits(pair, schedule);
      if (tuned === null) return { look: schedule.current, critical: null, side: 0 };
      const squared = mixturePrecision(tuned, rule.alpha) ** 2;
      return firstCrossing(pair, schedule, (_position, look) =>
        mixtureRadius(Math.max(pairUnits(pair, look), 1) * squared, rule.alpha),
      );
    }
    case 'fixed_horizon':
      return atPlannedEnd(rule, pair, schedule);
  }
}

/**
 * Units of both arms at which a confidence sequence should be tightest: those that the metric will have at the
 * planned end, going by its share of all units at the first look that counts. Fixed there and from counts alone, so
 * that the sequence stays valid; null when the metric has no unit at that look.
 */
export function tunedUnits(pair: PairSeries, { looks, fractions }: Schedule): number | null {
  const [look] = looks;
  const [fraction] = fractions;
  if (look === undefined || fraction === undefined) return null;
  const units = pairUnits(pair, look);
  return units > 0 && Number.isFinite(units) ? units / fraction : null;
}

function pairUnits({ control, treatment }: PairSeries, look: number): number {
  return (control[look]?.n ?? 0) + (treatment[look]?.n ?? 0);
}

function firstCrossing(
  pair: PairSeries,
  { looks, current }: Schedule,
  criticalAt: (position: number, look: number) => number,
): Decision {
  let critical: number | null = null;
  for (let position = 0; position < looks.length; position += 1) {
    const look = looks[position] as number;
    critical = criticalAt(position, look);
    const z = zOf(pairAt(pair, look));
    if (z !== null && Math.abs(z) > critical) return { look, critical, side: z > 0 ? 1 : -1 };
  }
  return { look: current, critical, side: 0 };
}

/** Student's two-sided test, once, at the look that closes the test. */
function atPlannedEnd({ alpha }: DecisionRule, pair: PairSeries, { closing, current }: Schedule): Decision {
  if (closing === null) return { look: current, critical: null, side: 0 };
  const standing = standingOf(pairAt(pair, closing));
  if (standing.state !== 'ready') return { look: closing, critical: null, side: 0 };
  const { estimate, standardError, degreesOfFreedom } = standing.comparison.effect;
  const critical = -tQuantile(alpha / 2, degreesOfFreedom);
  const z = estimate / standardError;
  return { look: closing, critical, side: Math.abs(z) > critical ? (z > 0 ? 1 : -1) : 0 };
}
