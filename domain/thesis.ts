// The words of a thesis: what its sealed contract says, what has happened to it (events) and where it stands
// (state). Plain JSON throughout. Deciding and evolving live in decide.ts and evolve.ts.

import type { CriterionResult } from './criterion.ts';
import type { Duration, Instant } from './duration.ts';
import type { EconomicsMethod } from './economics/method.ts';
import type { BusinessInputs } from './economics.ts';
import type { Condition, Delegation, Gate, GateOutcome, Recommendation, Vote } from './gate.ts';
import type { Metric } from './metric.ts';
import type { Currency, Money } from './money.ts';
import type { Playbook } from './playbook.ts';
import type { Refusal } from './refusal.ts';
import type { GatedStage, Stage } from './stage.ts';
import type { Spend } from './thesis/spend.ts';

export const OUTCOMES = ['industrialised', 'killed', 'withdrawn'] as const;

export type Outcome = (typeof OUTCOMES)[number];

export const STATUSES = ['collecting', 'awaiting_decision', 'on_hold', 'in_retex', 'closed'] as const;

export type Status = (typeof STATUSES)[number];

/** Where a metric's evidence comes from. `push` and `declared` arrive by themselves; a warehouse is pulled. */
export interface SourceBinding {
  /** Unique in the thesis, a slug. */
  readonly id: string;
  readonly kind: 'warehouse' | 'push';
  /** Name of the connection pulled; null for a push source. */
  readonly connection: string | null;
  readonly metrics: readonly Metric[];
  /** Values of the named parameters of the connection's queries. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly stages: readonly GatedStage[];
  /** A required source that is older than this pauses the stage's clock. */
  readonly required: boolean;
  readonly maximumStaleness: Duration;
}

/** What is promised before any data, and hashed. An amendment is a new version. */
export interface Contract {
  readonly version: number;
  readonly title: string;
  readonly statement: string;
  readonly portfolio: string;
  readonly market: string;
  readonly channels: readonly string[];
  readonly tags: readonly string[];
  readonly currency: Currency;
  /** The playbook with the thesis's own targets filled in: what the thesis runs, whatever later versions say. */
  readonly playbook: Playbook;
  readonly sources: readonly SourceBinding[];
  /** Forecast per stage, finance's business case. */
  readonly businessCase: Readonly<Partial<Record<GatedStage, BusinessInputs>>>;
  readonly economics: EconomicsMethod;
}

export interface SealedContract extends Contract {
  /** SHA-256 of the canonical contract. */
  readonly hash: string;
}

/** Whether a source gave what it should, as the last collection saw it. */
export interface SourceStatus {
  readonly source: string;
  readonly state: 'fresh' | 'stale' | 'failing';
  readonly required: boolean;
  /** The newest period end known from it. */
  readonly watermark: Instant | null;
  /** For `stale` and `failing`: why, without any secret. */
  readonly reason: string | null;
}

/** What a read-out says; the evidence behind it stays in PostgreSQL. */
export interface ReadOutDigest {
  readonly at: Instant;
  readonly criteria: readonly CriterionResult[];
  readonly spend: Money;
  /** True when the stage's experiment has reached its planned end; null without an experiment. */
  readonly experimentComplete: boolean | null;
  /** Ids of the open conditions whose metric is met. */
  readonly conditionsMet: readonly string[];
  /** Required metrics of which nothing has arrived. */
  readonly missingEvidence: readonly Metric[];
}

export interface Advice {
  readonly decision: Recommendation;
  /** Each names the metric, the number, the bound and the grade. */
  readonly reasons: readonly string[];
}

/** Facts, numbered by the journal. `at` is thesis time. */
export type ThesisEvent =
  | { readonly type: 'ThesisProposed'; readonly contract: SealedContract; readonly owner: string }
  | { readonly type: 'StageEntered'; readonly stage: Stage }
  | {
      readonly type: 'EvidenceSubmitted';
      readonly submission: string;
      readonly metrics: readonly Metric[];
      readonly by: string;
    }
  | { readonly type: 'EvidenceCollected'; readonly sources: readonly SourceStatus[]; readonly rows: number }
  | { readonly type: 'StageReadOut'; readonly readOut: ReadOutDigest; readonly advice: Advice }
  | { readonly type: 'ClockPaused'; readonly reason: string; readonly sources: readonly string[] }
  | { readonly type: 'ClockResumed'; readonly pausedFor: number; readonly deadline: Instant | null }
  | { readonly type: 'StopLossTripped'; readonly reason: string; readonly action: 'hold' | 'kill' }
  | {
      readonly type: 'GateOpened';
      readonly gate: Gate;
      readonly advice: Advice;
      readonly contractVersion: number;
    }
  | {
      readonly type: 'VoteCast';
      readonly gateId: string;
      readonly vote: Vote;
      readonly via: 'update' | 'signal';
    }
  | {
      readonly type: 'VoteRefused';
      readonly gateId: string;
      readonly member: string;
      readonly refusal: Refusal;
    }
  | { readonly type: 'SeatDelegated'; readonly gateId: string; readonly delegation: Delegation }
  | {
      readonly type: 'MemberRecused';
      readonly gateId: string;
      readonly member: string;
      readonly reason: string;
    }
  | {
      readonly type: 'GateReminded';
      readonly gateId: string;
      readonly to: readonly string[];
      readonly deadline: Instant;
    }
  | {
      readonly type: 'GateEscalated';
      readonly gateId: string;
      readonly committee: Gate['committee'];
      readonly deadline: Instant;
      readonly reason: string;
    }
  | {
      readonly type: 'VotesVoided';
      readonly gateId: string;
      readonly reason: string;
      readonly members: readonly string[];
    }
  | {
      readonly type: 'EvidenceRefrozen';
      readonly gateId: string;
      readonly evidenceHash: string;
      readonly recommendation: Recommendation;
    }
  | {
      readonly type: 'GateDecided';
      readonly gateId: string;
      readonly stage: GatedStage;
      readonly outcome: GateOutcome;
      readonly recommendation: Recommendation;
    }
  | {
      readonly type: 'StageRefined';
      readonly stage: GatedStage;
      readonly round: number;
      readonly reason: string;
    }
  | {
      readonly type: 'StageExtended';
      readonly stage: GatedStage;
      readonly by: number;
      readonly until: Instant;
      readonly reason: string;
    }
  | {
      readonly type: 'ThesisHeld';
      readonly by: string;
      readonly reason: string;
      readonly until: Instant | null;
    }
  | { readonly type: 'ThesisResumed'; readonly by: string; readonly reason: string; readonly heldFor: number }
  | { readonly type: 'ConditionAdded'; readonly condition: Condition }
  | { readonly type: 'ConditionMet'; readonly conditionId: string; readonly by: string }
  | { readonly type: 'ConditionMissed'; readonly conditionId: string; readonly reason: string }
  | {
      readonly type: 'RampStepped';
      readonly step: number;
      readonly direction: 'start' | 'up' | 'back';
      readonly budget: Money;
      readonly reason: string;
    }
  | { readonly type: 'RampHeld'; readonly step: number; readonly reason: string }
  | { readonly type: 'RampReleased'; readonly step: number }
  | { readonly type: 'RampCompleted'; readonly budget: Money }
  | { readonly type: 'RolledOut'; readonly budget: Money }
  | {
      readonly type: 'ContractAmended';
      readonly contract: SealedContract;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: 'ThesisKilled';
      readonly stage: GatedStage;
      readonly by: 'votes' | 'rules' | 'silence' | 'stop_loss';
      readonly reason: string;
    }
  | { readonly type: 'ThesisWithdrawn'; readonly by: string; readonly reason: string }
  | { readonly type: 'RetexDrafted'; readonly draft: string }
  | {
      readonly type: 'RetexCompleted';
      readonly by: string;
      readonly summary: string;
      readonly learnings: readonly Learning[];
      readonly tags: readonly string[];
    }
  | { readonly type: 'ThesisClosed'; readonly outcome: Outcome };

export type ThesisEventType = ThesisEvent['type'];

export interface Learning {
  readonly text: string;
  /** What the learning is about, so that it is found again. */
  readonly topic: string;
}

/** An event with its place in the journal. */
export interface RecordedEvent {
  readonly sequence: number;
  readonly at: Instant;
  /** Member id, or `jalon` for what the platform did by rule. */
  readonly actor: string;
  /** The idempotency key of the command that caused it; null for what the platform did by itself. */
  readonly commandId: string | null;
  readonly event: ThesisEvent;
}

export interface Ramp {
  readonly step: number;
  /** When the present step began to soak; moves when a hold of the ramp is over, and while the clock stands still. */
  readonly since: Instant;
  /** True while a guardrail is softly breached or has no verdict: the soak does not count. */
  readonly held: boolean;
  /** The last step has soaked: the only way to a roll-out. */
  readonly complete: boolean;
}

export interface Hold {
  readonly by: string;
  readonly reason: string;
  readonly since: Instant;
  readonly until: Instant | null;
}

/** Where a thesis stands: all that the workflow carries between events. */
export interface ThesisState {
  readonly thesisId: string;
  readonly sequence: number;
  readonly owner: string;
  readonly contract: SealedContract;
  readonly stage: Stage;
  /** When the present round of the stage began. */
  readonly stageSince: Instant;
  /** Rounds of the present stage so far: 0 = first, 1 = refined once. */
  readonly round: number;
  readonly extensions: number;
  /** Milliseconds that extensions added to the maximum duration of this round. */
  readonly extendedBy: number;
  /** No gate opens before this: the end of an extension that the committee asked for. */
  readonly gateNotBefore: Instant | null;
  /** Since when there is something that no read-out has seen: new evidence, new terms, the end of a hold. */
  readonly readOutDue: Instant | null;
  /** Milliseconds in which the stage's clock stood still in this round, closed pauses only. */
  readonly pausedFor: number;
  readonly pause: {
    readonly since: Instant;
    readonly reason: string;
    readonly sources: readonly string[];
  } | null;
  readonly hold: Hold | null;
  readonly sources: readonly SourceStatus[];
  readonly spend: Spend;
  readonly lastReadOut: ReadOutDigest | null;
  readonly advice: Advice | null;
  readonly collectedAt: Instant | null;
  readonly gate: Gate | null;
  readonly gatesOpened: number;
  readonly conditions: readonly Condition[];
  readonly ramp: Ramp | null;
  readonly outcome: Outcome | null;
  readonly retex: 'not_begun' | 'drafted' | 'completed';
  readonly closed: boolean;
  /** Command ids already handled, newest last, with the sequence of their last event. */
  readonly handled: readonly { readonly commandId: string; readonly sequence: number }[];
}
