// What a campaign added, from a randomised holdout: people who could have been targeted and were kept out.
// Closed forms on the sums of both groups; allocation checks and stopping rules are elsewhere.
import { meanMoments, proportionMoments } from '../comparison/moments.ts';
import { ImpossibleInput, requireBetween } from '../impossible.ts';
import { normalCdf, normalQuantile } from '../numerics/special.ts';

/** Sums over the people of one group. */
export interface HoldoutGroup {
  readonly people: number;
  readonly conversions: number;
  /** Sum of revenue per person, any sign (refunds), and of its square. */
  readonly revenue: number;
  readonly revenueSquares: number;
}

export type Interval = readonly [lower: number, upper: number];

export interface HoldoutLift {
  /** Conversions among the treated that would not have happened otherwise, with a Wald interval. */
  readonly incrementalConversions: number;
  readonly incrementalConversionsInterval: Interval;
  /** Spend per incremental conversion; null when there is none to divide by, or no spend was given. */
  readonly costPerIncrementalConversion: number | null;
  readonly incrementalRevenue: number;
  readonly incrementalRevenueInterval: Interval;
  /** Incremental revenue over spend, with the chances that it is at most 0 and at most 1; null without spend. */
  readonly returnOnSpend: {
    readonly ratio: number;
    readonly interval: Interval;
    readonly chanceAtMostZero: number;
    readonly chanceAtMostOne: number;
  } | null;
  /** Revenue per person, treated over holdout, minus 1. */
  readonly relativeLift: number;
  readonly relativeLiftDelta: Interval;
  /** Fieller's interval; null when the data bound it on neither or only one side (baseline near 0). */
  readonly relativeLiftFieller: Interval | null;
  /** Share of the treated group's conversions that are incremental; null without a conversion there. */
  readonly incrementalShare: number | null;
}

/**
 * Incremental conversions, revenue, cost per incremental conversion and return on spend of a campaign, with
 * normal intervals at level 1 - `alpha`: an increment is (mean treated - mean holdout) * people treated.
 * `spend` is in the currency of revenue. Fieller: J. R. Statist. Soc. B 1954. Throws `too_few` below two
 * people in a group, `zero_variance` when nothing varies and `zero_baseline` when the holdout earned nothing.
 */
export function holdoutLift(
  treated: HoldoutGroup,
  holdout: HoldoutGroup,
  alpha: number,
  spend?: number,
): HoldoutLift {
  requireBetween('alpha', alpha, 0, 1);
  if (spend !== undefined) requireBetween('spend', spend, 0, Number.POSITIVE_INFINITY);
  const t = groupMoments(treated);
  const h = groupMoments(holdout);
  const z = -normalQuantile(alpha / 2);
  const n = treated.people;
  const conversions = (t.rate - h.rate) * n;
  const conversionsError = n * Math.sqrt(t.rateVariance + h.rateVariance);
  const revenue = (t.mean - h.mean) * n;
  const revenueError = n * Math.sqrt(t.meanVariance + h.meanVariance);
  if (revenueError === 0) throw new ImpossibleInput('zero_variance', 'revenue does not vary');
  if (h.mean === 0) throw new ImpossibleInput('zero_baseline', 'the holdout has no revenue');
  const relativeLift = t.mean / h.mean - 1;
  const relativeError =
    Math.sqrt(t.meanVariance + (h.meanVariance * t.mean ** 2) / h.mean ** 2) / Math.abs(h.mean);
  return {
    incrementalConversions: conversions,
    incrementalConversionsInterval: around(conversions, z * conversionsError),
    costPerIncrementalConversion: spend !== undefined && conversions > 0 ? spend / conversions : null,
    incrementalRevenue: revenue,
    incrementalRevenueInterval: around(revenue, z * revenueError),
    returnOnSpend: spend === undefined ? null : returnOnSpend(revenue, revenueError, spend, z),
    relativeLift,
    relativeLiftDelta: around(relativeLift, z * relativeError),
    relativeLiftFieller: fieller(t, h, z),
    incrementalShare: treated.conversions > 0 ? conversions / treated.conversions : null,
  };
}

interface GroupMoments {
  readonly rate: number;
  readonly rateVariance: number;
  readonly mean: number;
  /** Variance of the mean, not of a person; likewise for the rate. */
  readonly meanVariance: number;
}

function groupMoments({ people, conversions, revenue, revenueSquares }: HoldoutGroup): GroupMoments {
  const converted = proportionMoments({ n: people, successes: conversions });
  const earned = meanMoments({ n: people, sum: revenue, sumSquares: revenueSquares });
  return {
    rate: converted.mean,
    rateVariance: converted.variance / people,
    mean: earned.mean,
    meanVariance: earned.variance / people,
  };
}

function returnOnSpend(
  revenue: number,
  error: number,
  spend: number,
  z: number,
): HoldoutLift['returnOnSpend'] {
  const [lower, upper] = around(revenue, z * error);
  return {
    ratio: revenue / spend,
    interval: [lower / spend, upper / spend],
    chanceAtMostZero: normalCdf(-revenue / error),
    chanceAtMostOne: normalCdf((spend - revenue) / error),
  };
}

/** Roots of (h^2 - z^2 Vh) r^2 - 2 t h r + (t^2 - z^2 Vt) = 0, minus 1. */
function fieller(t: GroupMoments, h: GroupMoments, z: number): Interval | null {
  const a = h.mean ** 2 - z ** 2 * h.meanVariance;
  const b = t.mean * h.mean;
  const c = t.mean ** 2 - z ** 2 * t.meanVariance;
  const discriminant = b * b - a * c;
  if (a <= 0 || discriminant < 0) return null;
  const root = Math.sqrt(discriminant);
  return [(b - root) / a - 1, (b + root) / a - 1];
}

function around(centre: number, half: number): Interval {
  return [centre - half, centre + half];
}
