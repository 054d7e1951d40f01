// What can be asked of a thesis. People's commands come with who asks; the platform's own commands carry what an
// activity found out, so that deciding stays pure.

import type { Instant } from '../duration.ts';
import type { Ballot, Committee, Condition } from '../gate.ts';
import type { Metric } from '../metric.ts';
import type { Money } from '../money.ts';
import type { GatedStage } from '../stage.ts';
import type { Learning, ReadOutDigest, SealedContract, SourceStatus } from '../thesis.ts';

/** A vote as its member sends it. */
export interface VoteProposal {
  readonly member: string;
  readonly gateId: string;
  readonly evidenceHash: string;
  readonly ballot: Ballot;
  readonly reason: string | null;
  readonly conditions: readonly Condition[];
  readonly holdUntil: Instant | null;
  readonly probability: number | null;
  readonly expectedMargin: Money | null;
}

export type PersonCommand =
  | { readonly type: 'Propose'; readonly contract: SealedContract }
  | { readonly type: 'DecideGate'; readonly vote: VoteProposal }
  | { readonly type: 'DelegateSeat'; readonly gateId: string; readonly to: string; readonly until: Instant }
  | { readonly type: 'Recuse'; readonly gateId: string; readonly reason: string }
  | { readonly type: 'SubmitEvidence'; readonly submission: string; readonly metrics: readonly Metric[] }
  | { readonly type: 'MeetCondition'; readonly conditionId: string }
  | { readonly type: 'Hold'; readonly reason: string; readonly until: Instant | null }
  | { readonly type: 'Resume'; readonly reason: string }
  | { readonly type: 'Withdraw'; readonly reason: string }
  | { readonly type: 'Amend'; readonly contract: SealedContract; readonly reason: string }
  | {
      readonly type: 'CompleteRetex';
      readonly summary: string;
      readonly learnings: readonly Learning[];
      readonly tags: readonly string[];
    };

export type PlatformCommand =
  | {
      readonly type: 'RecordReadOut';
      /** The stage and round that were read; a read-out of another one comes too late and is dropped. */
      readonly stage: GatedStage;
      readonly round: number;
      readonly sources: readonly SourceStatus[];
      readonly rows: number;
      readonly readOut: ReadOutDigest;
      readonly shiftedDeadline: Instant | null;
    }
  | {
      readonly type: 'OpenGate';
      readonly gateId: string;
      readonly evidenceHash: string;
      readonly committee: Committee;
      readonly deadline: Instant;
      readonly reminders: readonly Instant[];
    }
  | { readonly type: 'RefreezeGate'; readonly gateId: string; readonly evidenceHash: string }
  | { readonly type: 'RemindVoters'; readonly gateId: string }
  | {
      readonly type: 'CloseOnSilence';
      readonly gateId: string;
      readonly escalation: { readonly committee: Committee; readonly deadline: Instant } | null;
    }
  | { readonly type: 'ExpireHold' }
  | { readonly type: 'CheckConditions' }
  | { readonly type: 'RecordDraft'; readonly draft: string }
  | {
      readonly type: 'RecordRefusedVote';
      readonly gateId: string;
      readonly member: string;
      readonly vote: VoteProposal;
    };

export type ThesisCommand = PersonCommand | PlatformCommand;

/** Who asks, and the key that makes asking twice the same as asking once. */
export interface Asking {
  /** Member id, or `jalon` for the platform. */
  readonly by: string;
  /** Administrators may act on any thesis, except vote without a seat. */
  readonly admin: boolean;
  readonly commandId: string | null;
  readonly via: 'update' | 'signal';
}

export const PLATFORM: Asking = { by: 'jalon', admin: true, commandId: null, via: 'update' };

/** What an accepted command answers: the journal's sequence after it. */
export interface Receipt {
  readonly thesisId: string;
  readonly sequence: number;
}
