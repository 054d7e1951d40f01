// What a thesis has spent, as its read-outs told it. A read-out knows the present round only; seats, automatic
// decisions and envelopes go by what the whole stage or the whole thesis has spent.

import { add, type Currency, type Money, zero } from '../money.ts';

export interface Spend {
  /** In the stages before the present one. */
  readonly stages: Money;
  /** In the earlier rounds of the present stage. */
  readonly rounds: Money;
  /** In the present round, by its last read-out. */
  readonly round: Money;
}

export function nothingSpent(currency: Currency): Spend {
  const nothing = zero(currency);
  return { stages: nothing, rounds: nothing, round: nothing };
}

/** What the present stage has spent, all its rounds together. */
export function stageSpend({ rounds, round }: Spend): Money {
  return add(rounds, round);
}

/** What the thesis has spent, all its stages together. */
export function thesisSpend(spend: Spend): Money {
  return add(spend.stages, stageSpend(spend));
}

/** What the thesis had spent when the present round began. */
export function spentBeforeRound({ stages, rounds }: Spend): Money {
  return add(stages, rounds);
}

export function spendInNextRound(spend: Spend): Spend {
  return { ...spend, rounds: stageSpend(spend), round: zero(spend.round.currency) };
}

export function spendInNextStage(spend: Spend): Spend {
  return { ...nothingSpent(spend.round.currency), stages: thesisSpend(spend) };
}
