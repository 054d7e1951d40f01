// What a demonstration thesis is: what its lead launches, what the market answers each day, and how its committee
// votes. The three stories are in stories/.

import type { Ballot } from '../../domain/gate.ts';
import type { GatedStage } from '../../domain/stage.ts';

/** One figure of one day, before it has a period and a key. */
export interface DailyFigure {
  readonly metric: string;
  readonly sum: number;
  readonly n?: number;
  readonly sumSquares?: number;
  readonly currency?: string;
  readonly arm?: string;
  readonly channel?: string;
}

/** Where a thesis is on a day of its life. */
export interface DayInLife {
  readonly stage: GatedStage;
  readonly round: number;
  /** Days since this round began, from 0. */
  readonly day: number;
  readonly rampStep: number;
}

export interface Story {
  readonly key: 'winner' | 'loser' | 'inconclusive';
  readonly owner: string;
  readonly launch: object;
  /** What is pushed for the day; a warehouse source gets its figures from `warehouse`. */
  readonly pushed: (day: DayInLife) => readonly DailyFigure[];
  readonly warehouse: ((day: DayInLife) => WarehouseDay | null) | null;
  /** Days on which the warehouse cannot be read. */
  readonly outage: (day: DayInLife) => boolean;
  /** Interviews to submit on this day, if any. */
  readonly interviews: (day: DayInLife) => Interviews | null;
  /** How the committee votes on a recommendation. */
  readonly votes: (gate: GateInStory) => CommitteeVote;
  readonly retex: {
    readonly summary: string;
    readonly learnings: readonly object[];
    readonly tags: readonly string[];
  };
}

export interface WarehouseDay {
  readonly spend: number;
  readonly newCustomers: number;
  readonly orders: number;
  readonly revenue: number;
}

export interface Interviews {
  readonly held: number;
  readonly withNeed: number;
  readonly method: string;
  readonly notes: string;
}

export interface GateInStory {
  readonly stage: GatedStage;
  readonly round: number;
  readonly extensions: number;
  readonly recommendation: string;
}

export interface CommitteeVote {
  readonly ballot: Ballot;
  readonly reason: string | null;
  readonly probability: number;
}

/** A little noise that is the same at every run: about -0.5 to 0.5, from two numbers. */
function ripple(seed: number, day: number): number {
  const wave = Math.sin(seed * 12.9898 + day * 78.233) * 43_758.5453;
  return wave - Math.floor(wave) - 0.5;
}

/** A whole number near `mean`, within `spread` of it as a fraction. */
export function near(mean: number, spread: number, seed: number, day: number): number {
  return Math.max(0, Math.round(mean * (1 + spread * 2 * ripple(seed, day))));
}

/** An amount in cents' precision. */
export function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A sample of `n` amounts in euros around a mean with a standard deviation, as sums. */
export function sample(metric: string, n: number, mean: number, deviation: number): DailyFigure {
  return {
    metric,
    currency: 'EUR',
    n,
    sum: cents(n * mean),
    sumSquares: cents(n * (mean * mean + deviation * deviation)),
  };
}

/** NPS answers as a sample of -1, 0 and 1. */
export function nps(promoters: number, passives: number, detractors: number): DailyFigure {
  return {
    metric: 'nps',
    n: promoters + passives + detractors,
    sum: promoters - detractors,
    sumSquares: promoters + detractors,
  };
}
