// Gate policy and everything a gate says: seats, quorum, threshold, silence, votes, decisions. A gate is a pure
// function of its policy, its votes and the time.

import type { Duration, Instant } from './duration.ts';
import type { Metric } from './metric.ts';
import type { DecimalText, Money } from './money.ts';

export const DECISIONS = ['advance', 'advance_with_conditions', 'refine', 'extend', 'hold', 'kill'] as const;

export type Decision = (typeof DECISIONS)[number];

/** What the rules can recommend: conditions are a matter for people. */
export const RECOMMENDATIONS = ['advance', 'refine', 'extend', 'hold', 'kill'] as const;

export type Recommendation = (typeof RECOMMENDATIONS)[number];

/** A vote is a decision, or an abstention: it counts for the quorum and for no decision. */
export const BALLOTS = [...DECISIONS, 'abstain'] as const;

export type Ballot = (typeof BALLOTS)[number];

export const GATE_MODES = ['committee', 'auto_kill', 'auto'] as const;

export type GateMode = (typeof GATE_MODES)[number];

/** What a deadline without a decision means. There is no advance in this list, and there never will be. */
export const SILENCES = ['kill', 'hold', 'escalate'] as const;

export type Silence = (typeof SILENCES)[number];

/** A function at the table (`growth`, `finance`, `legal`) and how many of its holders may vote. */
export interface Seat {
  readonly seat: string;
  readonly count: number;
  /** A holder's vote for another course blocks a decision, and nothing is decided while the seat can still vote. */
  readonly veto: boolean;
  /** The seat exists only once the thesis has spent more than this; absent: always. */
  readonly aboveSpend?: Money;
}

export type Threshold =
  | { readonly kind: 'majority' }
  | { readonly kind: 'unanimity' }
  | { readonly kind: 'at_least'; readonly votes: number };

export interface GatePolicy {
  readonly mode: GateMode;
  /** Name of the committee whose members hold the seats. */
  readonly committee: string;
  readonly seats: readonly Seat[];
  /**
   * Votes (abstentions included) needed before anything is decided. Once recusals leave fewer votes than this, all that
   * are left are needed, and never less than 1. The owner's own seat counts as recused.
   */
  readonly quorum: number;
  readonly threshold: Threshold;
  /** Business time from opening to deadline. */
  readonly deadline: Duration;
  /** Business time before the deadline at which those who have not voted are reminded. */
  readonly reminders: readonly Duration[];
  readonly onSilence: Silence;
  /** Who decides after an escalation, and by when; silence there means hold. Required when silence escalates. */
  readonly escalation?: { readonly committee: string; readonly deadline: Duration };
  /** How long a hold by silence lasts before the gate is asked again. */
  readonly silentHold: Duration;
  /** In mode `auto`: rules decide only while the thesis has spent less than this. */
  readonly autoBelow?: Money;
  /** A seat that must have voted for a decision that goes against the recommendation; while it is not in force, none may. */
  readonly againstRecommendation?: { readonly seat: string };
}

/** When people work: a time zone, the working days and the days off. */
export interface BusinessCalendar {
  /** IANA zone, for example `Europe/Paris`. */
  readonly timeZone: string;
  /** ISO weekdays, 1 = Monday. */
  readonly workingDays: readonly number[];
  /** ISO country whose public holidays are days off, or null. */
  readonly holidaysOf: string | null;
  /** Further days off, ISO dates. */
  readonly daysOff: readonly string[];
}

/** A member who may sit in a seat. A seat may have more members than votes: the first `count` to vote hold it. */
export interface SeatHolder {
  readonly seat: string;
  readonly member: string;
}

/** A committee as it stood when the gate opened. */
export interface Committee {
  readonly name: string;
  readonly holders: readonly SeatHolder[];
  readonly calendar: BusinessCalendar;
}

export interface Condition {
  readonly id: string;
  /** Member who answers for it. */
  readonly owner: string;
  readonly due: Instant;
  readonly text: string;
  /** A figure that meets the condition by itself; null for one that its owner declares met. */
  readonly metric: {
    readonly metric: Metric;
    readonly comparison: 'at_least' | 'at_most';
    readonly bound: DecimalText;
  } | null;
}

export interface Vote {
  readonly member: string;
  readonly seat: string;
  readonly ballot: Ballot;
  readonly reason: string | null;
  readonly conditions: readonly Condition[];
  /** For `hold`: until when. */
  readonly holdUntil: Instant | null;
  /** The voter's probability that the thesis succeeds, 0 to 1, scored at retex; null when not given. */
  readonly probability: number | null;
  /** The voter's expected contribution margin, scored at retex; null when not given. */
  readonly expectedMargin: Money | null;
  readonly evidenceHash: string;
  readonly at: Instant;
}

export interface Delegation {
  readonly from: string;
  readonly to: string;
  readonly seat: string;
  readonly until: Instant;
}

/** A gate while it is open: plain data inside the thesis's state. */
export interface Gate {
  readonly id: string;
  readonly policy: GatePolicy;
  readonly committee: Committee;
  readonly owner: string;
  /** Seats in force at the thesis's spend when the gate opened. */
  readonly seats: readonly Seat[];
  /** SHA-256 of the frozen pack; empty while the evidence is frozen anew and no vote is possible. */
  readonly evidenceHash: string;
  readonly recommendation: Recommendation;
  readonly openedAt: Instant;
  readonly deadline: Instant;
  readonly reminders: readonly Instant[];
  readonly remindersSent: number;
  readonly escalated: boolean;
  readonly votes: readonly Vote[];
  readonly recused: readonly string[];
  readonly delegations: readonly Delegation[];
}

/** How a gate closed. */
export interface GateOutcome {
  readonly decision: Decision;
  readonly by: 'votes' | 'rules' | 'silence';
  /** A sentence: who decided, or which rule. */
  readonly reason: string;
  readonly conditions: readonly Condition[];
  readonly holdUntil: Instant | null;
}
