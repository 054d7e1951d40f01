// What the outside is told of an event: its public name and the few facts that tell a reader whether to look closer.
// The stream of events and webhooks send these; they stay as they are when the journal's own words change. Whole
// contracts, gates and read-outs are never in them: those have addresses of their own.

import type { Instant } from '../duration.ts';
import type { RecordedEvent, ThesisEvent, ThesisEventType } from '../thesis.ts';

export interface Announcement {
  /** Its place in the one order of all events of the installation; 1 for the oldest. */
  readonly position: number;
  readonly thesisId: string;
  /** Its number in the thesis's own journal. */
  readonly sequence: number;
  readonly type: AnnouncementType;
  readonly at: Instant;
  /** Member id, or `jalon` for what the platform did by rule. */
  readonly actor: string;
  readonly data: object;
}

type EventOf<T extends ThesisEventType> = Extract<ThesisEvent, { type: T }>;

/** For each event its public name, never to be changed, and its facts, to which more may be added. */
type Forms = {
  readonly [T in ThesisEventType]: readonly [name: string, data: (event: EventOf<T>) => object];
};

const FORMS = {
  ThesisProposed: [
    'thesis.proposed',
    ({ owner, contract: { title, portfolio, market, playbook, version, hash } }) => ({
      owner,
      title,
      portfolio,
      market,
      playbook: { name: playbook.name, version: playbook.version },
      contractVersion: version,
      contractHash: hash,
    }),
  ],
  StageEntered: ['thesis.stage_entered', ({ stage }) => ({ stage })],
  StageRefined: ['thesis.stage_refined', ({ stage, round, reason }) => ({ stage, round, reason })],
  StageExtended: ['thesis.stage_extended', ({ stage, until, reason }) => ({ stage, until, reason })],
  StageReadOut: [
    'thesis.read_out',
    ({ readOut, advice }) => ({
      recommendation: advice.decision,
      criteria: readOut.criteria.map(({ id, state }) => ({ id, state })),
      spend: readOut.spend,
    }),
  ],
  ClockPaused: ['thesis.clock_paused', ({ reason, sources }) => ({ reason, sources })],
  ClockResumed: ['thesis.clock_resumed', ({ deadline }) => ({ deadline })],
  StopLossTripped: ['thesis.stop_loss_tripped', ({ action, reason }) => ({ action, reason })],
  ContractAmended: [
    'thesis.amended',
    ({ contract, by, reason }) => ({
      contractVersion: contract.version,
      contractHash: contract.hash,
      by,
      reason,
    }),
  ],
  ThesisHeld: ['thesis.held', ({ by, reason, until }) => ({ by, reason, until })],
  ThesisResumed: ['thesis.resumed', ({ by, reason }) => ({ by, reason })],
  RolledOut: ['thesis.rolled_out', ({ budget }) => ({ budget })],
  ThesisKilled: ['thesis.killed', ({ stage, by, reason }) => ({ stage, by, reason })],
  ThesisWithdrawn: ['thesis.withdrawn', ({ by, reason }) => ({ by, reason })],
  ThesisClosed: ['thesis.closed', ({ outcome }) => ({ outcome })],
  EvidenceSubmitted: ['evidence.submitted', ({ submission, metrics, by }) => ({ submission, metrics, by })],
  EvidenceCollected: [
    'evidence.collected',
    ({ rows, sources }) => ({ rows, sources: sources.map(({ source, state }) => ({ source, state })) }),
  ],
  GateOpened: [
    'gate.opened',
    ({ gate, contractVersion }) => ({
      gateId: gate.id,
      committee: gate.committee.name,
      recommendation: gate.recommendation,
      evidenceHash: gate.evidenceHash,
      contractVersion,
      deadline: gate.deadline,
    }),
  ],
  VoteCast: [
    'gate.vote_cast',
    ({ gateId, vote: { member, seat, ballot, reason }, via }) => ({
      gateId,
      member,
      seat,
      ballot,
      reason,
      via,
    }),
  ],
  VoteRefused: [
    'gate.vote_refused',
    ({ gateId, member, refusal }) => ({ gateId, member, code: refusal.refused, reason: refusal.detail }),
  ],
  SeatDelegated: ['gate.seat_delegated', ({ gateId, delegation }) => ({ gateId, ...delegation })],
  MemberRecused: ['gate.member_recused', ({ gateId, member, reason }) => ({ gateId, member, reason })],
  GateReminded: ['gate.reminded', ({ gateId, to, deadline }) => ({ gateId, to, deadline })],
  GateEscalated: [
    'gate.escalated',
    ({ gateId, committee, deadline, reason }) => ({ gateId, committee: committee.name, deadline, reason }),
  ],
  VotesVoided: ['gate.votes_voided', ({ gateId, members, reason }) => ({ gateId, members, reason })],
  EvidenceRefrozen: [
    'gate.evidence_refrozen',
    ({ gateId, evidenceHash, recommendation }) => ({ gateId, evidenceHash, recommendation }),
  ],
  GateDecided: [
    'gate.decided',
    ({ gateId, stage, outcome: { decision, by, reason, conditions, holdUntil }, recommendation }) => ({
      gateId,
      stage,
      decision,
      by,
      reason,
      recommendation,
      conditions: conditions.map(({ id }) => id),
      holdUntil,
    }),
  ],
  ConditionAdded: [
    'condition.added',
    ({ condition: { id, owner, due, text } }) => ({ conditionId: id, owner, due, text }),
  ],
  ConditionMet: ['condition.met', ({ conditionId, by }) => ({ conditionId, by })],
  ConditionMissed: ['condition.missed', ({ conditionId, reason }) => ({ conditionId, reason })],
  RampStepped: [
    'ramp.stepped',
    ({ step, direction, budget, reason }) => ({ step, direction, budget, reason }),
  ],
  RampHeld: ['ramp.held', ({ step, reason }) => ({ step, reason })],
  RampReleased: ['ramp.released', ({ step }) => ({ step })],
  RampCompleted: ['ramp.completed', ({ budget }) => ({ budget })],
  RetexDrafted: ['retex.drafted', ({ draft }) => ({ draft })],
  RetexCompleted: ['retex.completed', ({ by, tags }) => ({ by, tags })],
} as const satisfies Forms;

export type AnnouncementType = (typeof FORMS)[ThesisEventType][0];

/** Every public name there is. */
export const ANNOUNCEMENT_TYPES: readonly AnnouncementType[] = Object.values(FORMS).map(([name]) => name);

/** The public form of an event at its place in the feed. */
export function announcementOf(entry: {
  readonly position: number;
  readonly thesisId: string;
  readonly recorded: RecordedEvent;
}): Announcement {
  const { position, thesisId, recorded } = entry;
  const { sequence, at, actor, event } = recorded;
  const [type] = FORMS[event.type];
  return { position, thesisId, sequence, type, at, actor, data: dataOf(event.type, event) };
}

function dataOf<T extends ThesisEventType>(type: T, event: EventOf<T>): object {
  const forms: Forms = FORMS;
  return forms[type][1](event);
}
