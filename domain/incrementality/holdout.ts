// A randomised holdout: people who could have been targeted and were kept out. Quotes what was added in conversions
// or in revenue, and what that cost.

import { cell, type EvidenceTable } from '../evidence.ts';
import { toNumber } from '../money.ts';
import type { ExperimentPlan } from '../playbook.ts';
import { type HoldoutGroup, holdoutLift } from '../statistics/incrementality/holdout.ts';
import { normalQuantile, normalSf } from '../statistics/numerics/special.ts';
import { type Found, type Increment, orImpossible } from './increment.ts';

/** Sums over the people of a group; revenue is null where it was not observed person by person. */
export interface HoldoutSums {
  readonly people: number;
  readonly conversions: number;
  readonly revenue: number | null;
  readonly revenueSquares: number | null;
}

export interface HoldoutTest {
  readonly kind: 'holdout';
  readonly treated: HoldoutSums;
  readonly holdout: HoldoutSums;
  /** What is quoted; the other one, when it is known, is the check. */
  readonly outcome: 'conversions' | 'revenue';
  readonly alpha: number;
  /** Spent on the treated, in the currency of revenue; null when unknown. */
  readonly spend: number | null;
}

/** The test that a stage observed: all its treatment arms against control; null without visitors in either. */
export function holdoutTest(
  { control, treatments, alpha }: ExperimentPlan,
  table: EvidenceTable,
  spend: number | null,
): HoldoutTest | null {
  const treated = sumsOf(table, treatments);
  const holdout = sumsOf(table, [control]);
  if (treated === null || holdout === null) return null;
  return { kind: 'holdout', treated, holdout, outcome: 'conversions', alpha, spend };
}

function sumsOf(table: EvidenceTable, arms: readonly string[]): HoldoutSums | null {
  let sums: HoldoutSums = { people: 0, conversions: 0, revenue: 0, revenueSquares: 0 };
  for (const arm of arms) {
    const [visitors, conversions] = [cell(table, 'visitors', arm), cell(table, 'conversions', arm)];
    if (visitors === null || conversions === null) return null;
    const people = toNumber(visitors.sum);
    const earned = cell(table, 'revenue_per_visitor', arm);
    // Revenue of other people than those counted could not be set beside their conversions.
    const known = earned?.n != null && earned.sumSquares !== null && toNumber(earned.n) === people;
    const plus = (total: number | null, more: string | null | undefined) =>
      total === null || !known || more == null ? null : total + toNumber(more);
    sums = {
      people: sums.people + people,
      conversions: sums.conversions + toNumber(conversions.sum),
      revenue: plus(sums.revenue, earned?.sum),
      revenueSquares: plus(sums.revenueSquares, earned?.sumSquares),
    };
  }
  return sums;
}

/** The outcome asked for, then the other one. Of conversions, `returnOnSpend` is conversions per unit of money. */
export function readHoldout(test: HoldoutTest): readonly [Found, ...Found[]] {
  const { treated, holdout, alpha, spend } = test;
  const groups = [treated, holdout].map(earning).filter((group) => group !== null);
  const [earningTreated, earningHoldout] = groups;
  const conversions = orImpossible('holdout', () => {
    const { incrementalConversions, incrementalConversionsInterval } =
      earningTreated === undefined || earningHoldout === undefined
        ? holdoutLift(counting(treated), counting(holdout), alpha)
        : holdoutLift(earningTreated, earningHoldout, alpha);
    const expected = (holdout.conversions / holdout.people) * treated.people;
    return shaped(incrementalConversions, incrementalConversionsInterval, { expected, alpha, spend });
  });
  if (earningTreated === undefined || earningHoldout === undefined) {
    if (test.outcome === 'conversions') return [conversions];
    const detail = 'revenue was not observed person by person';
    return [{ method: 'holdout', impossible: 'no_data', detail }, conversions];
  }
  const revenue = orImpossible('holdout', () => {
    const lift = holdoutLift(earningTreated, earningHoldout, alpha, spend ?? undefined);
    const expected = (earningHoldout.revenue / holdout.people) * treated.people;
    return shaped(lift.incrementalRevenue, lift.incrementalRevenueInterval, { expected, alpha, spend });
  });
  return test.outcome === 'conversions' ? [conversions, revenue] : [revenue, conversions];
}

function earning({ revenue, revenueSquares, ...sums }: HoldoutSums): HoldoutGroup | null {
  return revenue === null || revenueSquares === null ? null : { ...sums, revenue, revenueSquares };
}

/** Where no revenue is known, each conversion earns one: conversions are then all that the lift is asked for. */
function counting({ people, conversions }: HoldoutSums): HoldoutGroup {
  return { people, conversions, revenue: conversions, revenueSquares: conversions };
}

function shaped(
  increment: number,
  [lower, upper]: readonly [number, number],
  {
    expected,
    alpha,
    spend,
  }: { readonly expected: number; readonly alpha: number; readonly spend: number | null },
): Omit<Increment, 'method'> {
  const error = (upper - lower) / (-2 * normalQuantile(alpha / 2));
  return {
    increment,
    interval: { lower, upper },
    p: error > 0 ? 2 * normalSf(Math.abs(increment) / error) : null,
    relative: expected > 0 ? increment / expected : null,
    returnOnSpend:
      spend === null ? null : { ratio: increment / spend, lower: lower / spend, upper: upper / spend },
    doubts: [],
  };
}
