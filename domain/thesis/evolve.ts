// How a fact changes a thesis: pure, total, and never a decision. Every event type has one line here.

import type { Instant } from '../duration.ts';
import { between, later } from '../duration.ts';
import type { SealedContract, ThesisEvent, ThesisState } from '../thesis.ts';
import { nothingSpent, spendInNextRound, spendInNextStage } from './spend.ts';

/** The state that the proposal of a thesis creates; its stage is entered by the next event. */
export function born(thesisId: string, owner: string, contract: SealedContract, at: Instant): ThesisState {
  return {
    thesisId,
    sequence: 0,
    owner,
    contract,
    stage: 'detect',
    stageSince: at,
    round: 0,
    ...FRESH_ROUND,
    spend: nothingSpent(contract.currency),
    hold: null,
    sources: [],
    gate: null,
    gatesOpened: 0,
    conditions: [],
    outcome: null,
    retex: 'not_begun',
    closed: false,
    handled: [],
  };
}

/** What begins anew with every round of a stage. */
const FRESH_ROUND = {
  extensions: 0,
  extendedBy: 0,
  gateNotBefore: null,
  readOutDue: null,
  pausedFor: 0,
  pause: null,
  lastReadOut: null,
  advice: null,
  collectedAt: null,
  ramp: null,
} as const;

export function evolve(state: ThesisState, event: ThesisEvent, at: Instant): ThesisState {
  switch (event.type) {
    case 'ThesisProposed':
      return born(state.thesisId, event.owner, event.contract, at);
    case 'StageEntered':
      return {
        ...state,
        ...FRESH_ROUND,
        stage: event.stage,
        stageSince: at,
        round: 0,
        spend: spendInNextStage(state.spend),
        gate: null,
      };
    case 'StageRefined':
      return {
        ...state,
        ...FRESH_ROUND,
        stageSince: at,
        round: event.round,
        spend: spendInNextRound(state.spend),
      };
    case 'StageExtended':
      return {
        ...state,
        extensions: state.extensions + 1,
        extendedBy: state.extendedBy + event.by,
        gateNotBefore: event.until,
      };
    case 'EvidenceSubmitted':
      return { ...state, readOutDue: at };
    case 'EvidenceCollected':
      return { ...state, sources: event.sources, collectedAt: at };
    case 'StageReadOut':
      return {
        ...state,
        lastReadOut: event.readOut,
        advice: event.advice,
        spend: { ...state.spend, round: event.readOut.spend },
        readOutDue: unseen(state, event.readOut.at),
      };
    case 'ClockPaused':
      return { ...state, pause: { since: at, reason: event.reason, sources: event.sources } };
    case 'ClockResumed':
      return { ...stoodStill(shiftedGate(state, event.deadline), event.pausedFor), pause: null };
    case 'ThesisHeld':
      return { ...state, hold: { by: event.by, reason: event.reason, since: at, until: event.until } };
    case 'ThesisResumed':
      return {
        ...stoodStill(
          shiftedGate(state, state.gate && later(state.gate.deadline, event.heldFor)),
          event.heldFor,
        ),
        hold: null,
        readOutDue: at,
      };
    case 'ContractAmended':
      return { ...state, contract: event.contract, readOutDue: at };
    case 'RampStepped':
      return { ...state, ramp: { step: event.step, since: at, held: false, complete: false } };
    case 'RampHeld':
      return { ...state, ramp: state.ramp && { ...state.ramp, held: true } };
    case 'RampReleased':
      return { ...state, ramp: state.ramp && { ...state.ramp, held: false, since: at } };
    case 'RampCompleted':
      return { ...state, ramp: state.ramp && { ...state.ramp, complete: true } };
    case 'ConditionAdded':
      return { ...state, conditions: [...state.conditions, event.condition] };
    case 'ConditionMet':
    case 'ConditionMissed':
      return { ...state, conditions: state.conditions.filter(({ id }) => id !== event.conditionId) };
    case 'RolledOut':
      return { ...state, outcome: 'industrialised' };
    case 'ThesisKilled':
      return { ...state, outcome: 'killed', gate: null, hold: null, conditions: [] };
    case 'ThesisWithdrawn':
      return { ...state, outcome: 'withdrawn', gate: null, hold: null, conditions: [] };
    case 'RetexDrafted':
      return { ...state, retex: 'drafted' };
    case 'RetexCompleted':
      return { ...state, retex: 'completed' };
    case 'ThesisClosed':
      return { ...state, closed: true };
    case 'StopLossTripped':
    case 'VoteRefused':
      return state;
    default:
      return evolveGate(state, event, at);
  }
}

type GateEvent = Extract<
  ThesisEvent,
  {
    type:
      | 'GateOpened'
      | 'VoteCast'
      | 'SeatDelegated'
      | 'MemberRecused'
      | 'GateReminded'
      | 'GateEscalated'
      | 'VotesVoided'
      | 'EvidenceRefrozen'
      | 'GateDecided';
  }
>;

function evolveGate(state: ThesisState, event: GateEvent, at: Instant): ThesisState {
  if (event.type === 'GateOpened') {
    return { ...state, gate: event.gate, gatesOpened: state.gatesOpened + 1, gateNotBefore: null };
  }
  const { gate } = state;
  if (gate === null) return state;
  switch (event.type) {
    case 'VoteCast':
      return { ...state, gate: { ...gate, votes: [...gate.votes, event.vote] } };
    case 'SeatDelegated':
      return { ...state, gate: { ...gate, delegations: [...gate.delegations, event.delegation] } };
    case 'MemberRecused':
      return { ...state, gate: { ...gate, recused: [...gate.recused, event.member] } };
    case 'GateReminded':
      return { ...state, gate: { ...gate, remindersSent: gate.remindersSent + 1 } };
    case 'GateEscalated':
      return {
        ...state,
        gate: {
          ...gate,
          committee: event.committee,
          deadline: event.deadline,
          reminders: [],
          escalated: true,
          votes: [],
          delegations: [],
        },
      };
    case 'VotesVoided':
      return { ...state, gate: { ...gate, votes: [], evidenceHash: '' } };
    case 'EvidenceRefrozen':
      return {
        ...state,
        gate: { ...gate, evidenceHash: event.evidenceHash, recommendation: event.recommendation },
      };
    case 'GateDecided':
      // A new read-out is due before the same stage is asked again; `gateNotBefore` keeps an extension whole.
      return { ...state, gate: null, lastReadOut: null, gateNotBefore: at };
  }
}

/** What came while the read-out was being made was not in it, and stays due. */
function unseen({ readOutDue }: ThesisState, readOutAt: Instant): Instant | null {
  return readOutDue !== null && between(readOutAt, readOutDue) > 0 ? readOutDue : null;
}

/** The stage's clock stood still for a while: an extension stays whole, and a budget step did not soak. */
function stoodStill(state: ThesisState, ms: number): ThesisState {
  const { gateNotBefore, ramp, pausedFor } = state;
  return {
    ...state,
    pausedFor: pausedFor + ms,
    gateNotBefore: gateNotBefore && later(gateNotBefore, ms),
    ramp: ramp && { ...ramp, since: later(ramp.since, ms) },
  };
}

/** The open gate with its deadline and its unsent reminders moved by the length of a data outage. */
function shiftedGate(state: ThesisState, deadline: Instant | null): ThesisState {
  const { gate } = state;
  if (gate === null || deadline === null) return state;
  const shift = between(gate.deadline, deadline);
  const reminders = gate.reminders.map((reminder, index) =>
    index < gate.remindersSent ? reminder : later(reminder, shift),
  );
  return { ...state, gate: { ...gate, deadline, reminders } };
}
