// The effect of a group-sequential test that has stopped, freed of the bias of having stopped on a good day. Describes
// the outcome beside the verdict, which it follows and never changes.

import { BOUNDARY_CEILING } from '../statistics/planning/group-sequential.ts';
import type { BoundaryBook } from './boundaries.ts';
import { standingOf, zOf } from './comparison.ts';
import { type Decision, type PairSeries, pairAt } from './decision.ts';
import type { Schedule } from './schedule.ts';

/** Treatment minus control, in the metric's unit. */
export interface MedianUnbiased {
  /** As often above the true effect as below it. */
  readonly estimate: number;
  /** Interval at the level of the verdict: without 0 exactly when the test has shown a difference. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * By stagewise ordering, from the looks up to the deciding or the closing one; null while the test runs, and where
 * the arms cannot be compared. A look at which they could not be compared stopped nothing, whatever its bound.
 */
export function medianUnbiased(
  alpha: number,
  pair: PairSeries,
  { looks, fractions, closing }: Schedule,
  { look, side }: Decision,
  book: BoundaryBook,
): MedianUnbiased | null {
  const taken = looks.indexOf(look) + 1;
  if (taken === 0 || (side === 0 && closing === null)) return null;
  const standing = standingOf(pairAt(pair, look));
  if (standing.state !== 'ready') return null;
  const { estimate, standardError } = standing.comparison.effect;
  const criticalValues = book
    .criticalValues(alpha, fractions)
    .slice(0, taken - 1)
    .map((value, position) => (zOf(pairAt(pair, looks[position] ?? -1)) === null ? BOUNDARY_CEILING : value));
  const path = { sides: 2, fractions: fractions.slice(0, taken), criticalValues } as const;
  const drift = book.stagewise(alpha, { ...path, z: estimate / standardError });
  const unit = standardError * Math.sqrt(fractions[taken - 1] ?? 1);
  return { estimate: drift.estimate * unit, lower: drift.lower * unit, upper: drift.upper * unit };
}
