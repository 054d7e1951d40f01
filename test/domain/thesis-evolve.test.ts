// Evolving is total: every type of event, in any order, on any state, gives a state that is plain JSON.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { born, evolve } from '../../domain/thesis/evolve.ts';
import type { ThesisEvent, ThesisEventType } from '../../domain/thesis.ts';
import { COMMITTEE, contractWith, day, euros, OWNER, THESIS } from '../support/small-contract.ts';
import { atGate } from '../support/thesis-past.ts';
import { condition, source } from '../support/thesis-steps.ts';

const { gate, advice, lastReadOut } = atGate().state;
if (gate === null || advice === null || lastReadOut === null) throw new Error('a gate is open');
const gateId = gate.id;

/** One of each: the compiler asks for every type there is. */
const EVENTS: { readonly [T in ThesisEventType]: Extract<ThesisEvent, { type: T }> } = {
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

test('every event can follow every other, and the state stays plain JSON', () => {
  const event = fc.constantFrom(...Object.values(EVENTS));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40, size: 'max' }), (events) => {
      let state = born(THESIS, OWNER, contractWith(), day(0));
      events.forEach((happened, index) => {
        state = evolve(state, happened, day(index));
      });
      expect(isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('evolving changes no state that it was given', () => {
  for (const event of Object.values(EVENTS)) {
    const { state } = atGate();
    const before = structuredClone(state);
    evolve(state, event, day(9));
    expect(state).toEqual(before);
  }
});
