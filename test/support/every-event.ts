// One event of each type: the compiler asks for every type there is.
import type { ThesisEvent, ThesisEventType } from '../../domain/thesis.ts';
import { COMMITTEE, contractWith, day, euros, OWNER } from './small-contract.ts';
import { atGate } from './thesis-past.ts';
import { condition, source } from './thesis-steps.ts';

const { gate, advice, lastReadOut } = atGate().state;
if (gate === null || advice === null || lastReadOut === null) throw new Error('a gate is open');
const gateId = gate.id;

export const EVERY_EVENT: { readonly [T in ThesisEventType]: Extract<ThesisEvent, { type: T }> } = {
  ThesisProposed: { type: 'ThesisProposed', contract: contractWith(), owner: OWNER },
  StageEntered: { type: 'StageEntered', stage: 'scale' },
  EvidenceSubmitted: { type: 'EvidenceSubmitted', submission: 's-1', metrics: ['clicks'], by: OWNER },
  EvidenceCollected: { type: 'EvidenceCollected', sources: [source('fresh')], rows: 3 },
  StageReadOut: { type: 'StageReadOut', readOut: lastReadOut, advice },
  ClockPaused: { type: 'ClockPaused', reason: 'No rows.', sources: ['ads'] },
  ClockResumed: { type: 'ClockResumed', pausedFor: 1_000, deadline: day(20) },
  StopLossTripped: { type: 'StopLossTripped', reason: 'Too dear.', action: 'hold' },
  GateOpened: { type: 'GateOpened', gate, advice, contractVersion: 1 },
  VoteCast: {
    type: 'VoteCast',
    gateId,
    via: 'signal',
    vote: {
      member: 'ann',
      seat: 'growth',
      ballot: 'advance',
      reason: null,
      conditions: [],
      holdUntil: null,
      probability: 0.5,
      expectedMargin: euros('10'),
      evidenceHash: gate.evidenceHash,
      at: day(8),
    },
  },
  VoteRefused: {
    type: 'VoteRefused',
    gateId,
    member: 'zoe',
    refusal: { refused: 'no_seat', detail: 'No seat.' },
  },
  SeatDelegated: {
    type: 'SeatDelegated',
    gateId,
    delegation: { from: 'ann', to: 'zoe', seat: 'growth', until: day(9) },
  },
  MemberRecused: { type: 'MemberRecused', gateId, member: 'ben', reason: 'Shares.' },
  GateReminded: { type: 'GateReminded', gateId, to: ['fay'], deadline: day(12) },
  GateEscalated: {
    type: 'GateEscalated',
    gateId,
    committee: COMMITTEE,
    deadline: day(17),
    reason: 'No decision.',
  },
  VotesVoided: { type: 'VotesVoided', gateId, reason: 'New evidence.', members: ['ann'] },
  EvidenceRefrozen: { type: 'EvidenceRefrozen', gateId, evidenceHash: 'file-9', recommendation: 'kill' },
  GateDecided: {
    type: 'GateDecided',
    gateId,
    stage: 'detect',
    recommendation: 'advance',
    outcome: { decision: 'advance', by: 'votes', reason: 'Votes.', conditions: [], holdUntil: null },
  },
  StageRefined: { type: 'StageRefined', stage: 'detect', round: 1, reason: 'Again.' },
  StageExtended: { type: 'StageExtended', stage: 'detect', by: 1_000, until: day(14), reason: 'Longer.' },
  ThesisHeld: { type: 'ThesisHeld', by: OWNER, reason: 'Strike.', until: null },
  ThesisResumed: { type: 'ThesisResumed', by: OWNER, reason: 'Over.', heldFor: 1_000 },
  ConditionAdded: { type: 'ConditionAdded', condition: condition('c-1', day(20)) },
  ConditionMet: { type: 'ConditionMet', conditionId: 'c-1', by: OWNER },
  ConditionMissed: { type: 'ConditionMissed', conditionId: 'c-1', reason: 'Late.' },
  RampStepped: { type: 'RampStepped', step: 0, direction: 'start', budget: euros('100'), reason: 'Start.' },
  RampHeld: { type: 'RampHeld', step: 0, reason: 'CAC.' },
  RampReleased: { type: 'RampReleased', step: 0 },
  RampCompleted: { type: 'RampCompleted', budget: euros('500') },
  RolledOut: { type: 'RolledOut', budget: euros('500') },
  ContractAmended: {
    type: 'ContractAmended',
    contract: { ...contractWith(), version: 2 },
    by: OWNER,
    reason: 'Price.',
  },
  ThesisKilled: { type: 'ThesisKilled', stage: 'detect', by: 'votes', reason: 'No clicks.' },
  ThesisWithdrawn: { type: 'ThesisWithdrawn', by: OWNER, reason: 'Merged.' },
  RetexDrafted: { type: 'RetexDrafted', draft: 'draft-1' },
  RetexCompleted: {
    type: 'RetexCompleted',
    by: OWNER,
    summary: 'Nobody clicked.',
    learnings: [{ topic: 'channel', text: 'Search is too dear.' }],
    tags: ['search'],
  },
  ThesisClosed: { type: 'ThesisClosed', outcome: 'killed' },
};
