// A randomised holdout: people who could have been targeted and were kept out. Quotes what was added in conversions
// or in revenue, and what that cost.

import { type Found, type Increment, orImpossible } from './incrementality-increment.ts';
import { type HoldoutGroup, holdoutLift } from './statistics/incrementality/holdout.ts';
import { normalQuantile, normalSf } from './statistics/numerics/special.ts';

export interface HoldoutTest {
  readonly kind: 'holdout';
  readonly treated: HoldoutGroup;
  readonly holdout: HoldoutGroup;
  /** What is quoted; the other one is the check. */
  readonly outcome: 'conversions' | 'revenue';
  readonly alpha: number;
  /** Spent on the treated, in the currency of revenue; null when unknown. */
  readonly spend: number | null;
}

/** The outcome asked for, then the other one. Of conversions, `returnOnSpend` is conversions per unit of money. */
export function readHoldout(test: HoldoutTest): readonly [Found, Found] {
  const { treated, holdout, alpha, spend } = test;
  const lift = () => holdoutLift(treated, holdout, alpha, spend ?? undefined);
  const conversions = orImpossible('holdout', () => {
    const { incrementalConversions, incrementalConversionsInterval } = lift();
    const expected = (holdout.conversions / holdout.people) * treated.people;
    return shaped(incrementalConversions, incrementalConversionsInterval, { expected, alpha, spend });
  });
  const revenue = orImpossible('holdout', () => {
    const { incrementalRevenue, incrementalRevenueInterval } = lift();
    const expected = (holdout.revenue / holdout.people) * treated.people;
    return shaped(incrementalRevenue, incrementalRevenueInterval, { expected, alpha, spend });
  });
  return test.outcome === 'conversions' ? [conversions, revenue] : [revenue, conversions];
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
