// What happens at a gate: it opens on frozen evidence, takes votes, reminds, falls silent, and is decided; and what
// each decision means for the thesis. The only road on which a thesis advances.

import { between, type Instant, later, milliseconds } from '../duration.ts';
import { admitDelegation, admitRecusal, admitVote } from '../gate/admission.ts';
import { rulesOutcome, seatsInForce, silenceOutcome, tally } from '../gate/tally.ts';
import type { Decision, Gate, GateOutcome } from '../gate.ts';
import { zero } from '../money.ts';
import { isRefusal, type Refusal, refuse } from '../refusal.ts';
import { isGated, stageAfter } from '../stage.ts';
import type { ThesisEvent, ThesisState } from '../thesis.ts';
import { plannedEnd, planOf } from './agenda.ts';
import type { Asking, PersonCommand, PlatformCommand, VoteProposal } from './command.ts';
import { evolve } from './evolve.ts';
import { thesisSpend } from './spend.ts';

type Decided = readonly ThesisEvent[] | Refusal;
type Of<T extends PersonCommand['type'] | PlatformCommand['type']> = Extract<
  PersonCommand | PlatformCommand,
  { type: T }
>;

export function openGate(state: ThesisState, command: Of<'OpenGate'>, now: Instant): Decided {
  const plan = planOf(state);
  const { advice, lastReadOut } = state;
  if (plan === null || advice === null || lastReadOut === null) {
    return refuse('not_in_this_stage', 'A gate opens only on a read-out of a gated stage.');
  }
  const blocked =
    state.gate !== null || state.hold !== null || state.pause !== null || state.readOutDue !== null;
  if (blocked || command.gateId !== gateIdOf(state)) {
    return refuse(
      'not_in_this_stage',
      'Another gate, a hold, a data outage or newer evidence stands in the way.',
    );
  }
  const gate: Gate = {
    id: command.gateId,
    policy: plan.gate,
    committee: command.committee,
    owner: state.owner,
    seats: seatsInForce(plan.gate, thesisSpend(state.spend)),
    evidenceHash: command.evidenceHash,
    recommendation: advice.decision,
    openedAt: now,
    deadline: command.deadline,
    reminders: command.reminders,
    remindersSent: 0,
    escalated: false,
    votes: [],
    recused: [],
    delegations: [],
  };
  const opened: ThesisEvent = { type: 'GateOpened', gate, advice, contractVersion: state.contract.version };
  const byRules = rulesOutcome(plan.gate, possible(state, advice.decision), thesisSpend(state.spend));
  return byRules === null ? [opened] : [opened, ...settle(state, gate, byRules, now)];
}

export function castVote(state: ThesisState, proposal: VoteProposal, asking: Asking, now: Instant): Decided {
  const gate = gateOf(state, proposal.gateId);
  if (isRefusal(gate)) return gate;
  if (proposal.member !== asking.by) return refuse('no_seat', 'A vote is cast by its own member.');
  const vote = admitVote(gate, proposal, now);
  if (isRefusal(vote)) return vote;
  if (state.hold !== null && vote.ballot !== 'kill') {
    const detail = `${state.hold.reason} (held by ${state.hold.by}). Until it is resumed, the gate takes votes to kill only.`;
    return refuse('already_held', detail);
  }
  const impossible = vote.ballot === 'abstain' ? null : whyImpossible(state, vote.ballot);
  if (impossible !== null) return impossible;
  const cast: ThesisEvent = { type: 'VoteCast', gateId: gate.id, vote, via: asking.via };
  return [cast, ...whenDecided(evolve(state, cast, now), now)];
}

/** A vote that came by signal and was refused is kept in the journal: a signal has no answer to carry the refusal. */
export function recordRefusedVote(
  state: ThesisState,
  command: Of<'RecordRefusedVote'>,
  now: Instant,
): Decided {
  const asking: Asking = { by: command.member, admin: false, commandId: null, via: 'signal' };
  const refusal = castVote(state, command.vote, asking, now);
  if (!isRefusal(refusal)) return [];
  return [{ type: 'VoteRefused', gateId: command.gateId, member: command.member, refusal }];
}

export function delegateSeat(
  state: ThesisState,
  command: Of<'DelegateSeat'>,
  asking: Asking,
  now: Instant,
): Decided {
  const gate = gateOf(state, command.gateId);
  if (isRefusal(gate)) return gate;
  const delegation = admitDelegation(gate, { from: asking.by, to: command.to, until: command.until }, now);
  return isRefusal(delegation) ? delegation : [{ type: 'SeatDelegated', gateId: gate.id, delegation }];
}

export function recuse(state: ThesisState, command: Of<'Recuse'>, asking: Asking, now: Instant): Decided {
  const gate = gateOf(state, command.gateId);
  if (isRefusal(gate)) return gate;
  const refusal = admitRecusal(gate, { member: asking.by, reason: command.reason }, now);
  if (refusal !== null) return refusal;
  const recused: ThesisEvent = {
    type: 'MemberRecused',
    gateId: gate.id,
    member: asking.by,
    reason: command.reason,
  };
  return [recused, ...whenDecided(evolve(state, recused, now), now)];
}

export function remind(state: ThesisState, gateId: string, now: Instant): Decided {
  const gate = gateOf(state, gateId);
  if (isRefusal(gate)) return [];
  return [{ type: 'GateReminded', gateId, to: tally(gate, now).waitingFor, deadline: gate.deadline }];
}

export function refreeze(state: ThesisState, command: Of<'RefreezeGate'>): Decided {
  const gate = gateOf(state, command.gateId);
  // What came while the file was being frozen is not in it: it is read and frozen once more.
  if (isRefusal(gate) || state.advice === null || state.readOutDue !== null) return [];
  const { gateId, evidenceHash } = command;
  return [{ type: 'EvidenceRefrozen', gateId, evidenceHash, recommendation: state.advice.decision }];
}

/** The deadline has passed without a decision: the policy says what silence means, and it never means advance. */
export function closeOnSilence(state: ThesisState, command: Of<'CloseOnSilence'>, now: Instant): Decided {
  const gate = gateOf(state, command.gateId);
  const standsStill = state.pause !== null || state.hold !== null;
  if (isRefusal(gate) || standsStill || between(gate.deadline, now) < 0) return [];
  const outcome = silenceOutcome(gate, now);
  if (outcome !== 'escalate') return settle(state, gate, outcome, now);
  if (command.escalation === null) return [];
  const { committee, deadline } = command.escalation;
  const reason = `No decision by ${gate.deadline}: escalated to ${committee.name}.`;
  return [{ type: 'GateEscalated', gateId: gate.id, committee, deadline, reason }];
}

/** An open gate whose file changes is frozen anew: open votes are void, and their voters can be told why. */
export function voidVotes({ gate }: ThesisState, reason: string): ThesisEvent[] {
  if (gate === null || gate.evidenceHash === '') return [];
  const members = [...new Set(gate.votes.map(({ member }) => member))];
  return [{ type: 'VotesVoided', gateId: gate.id, reason, members }];
}

function gateOf(state: ThesisState, gateId: string): Gate | Refusal {
  if (state.gate?.id === gateId) return state.gate;
  const [thesisId, number] = splitGateId(gateId);
  if (thesisId !== state.thesisId)
    return refuse('gate_unknown', `${gateId} is no gate of ${state.thesisId}.`);
  return number <= state.gatesOpened
    ? refuse('gate_closed', `${gateId} is decided.`)
    : refuse('gate_not_open', `${gateId} is not open yet.`);
}

/** Gate ids are `<thesis id>.<number>`: early and late votes can be told from votes for nothing. */
export function gateIdOf(state: ThesisState): string {
  return `${state.thesisId}.${state.gatesOpened + 1}`;
}

function splitGateId(gateId: string): [string, number] {
  const at = gateId.lastIndexOf('.');
  const number = Number(gateId.slice(at + 1));
  return at > 0 && Number.isInteger(number) && number > 0 ? [gateId.slice(0, at), number] : ['', 0];
}

/** The outcome's events, once the votes in `state` decide. A thesis on hold is killed or stays where it is. */
function whenDecided(state: ThesisState, now: Instant): ThesisEvent[] {
  if (state.gate === null) return [];
  const { decided } = tally(state.gate, now);
  if (decided === null || (state.hold !== null && decided.decision !== 'kill')) return [];
  return settle(state, state.gate, decided, now);
}

function settle(state: ThesisState, gate: Gate, outcome: GateOutcome, now: Instant): ThesisEvent[] {
  const { stage } = state;
  if (!isGated(stage)) return [];
  const decided: ThesisEvent = {
    type: 'GateDecided',
    gateId: gate.id,
    stage,
    outcome,
    recommendation: gate.recommendation,
  };
  return [decided, ...consequences(state, outcome, now)];
}

function consequences(state: ThesisState, outcome: GateOutcome, now: Instant): ThesisEvent[] {
  const plan = planOf(state);
  const { stage } = state;
  if (plan === null || !isGated(stage)) return [];
  const { reason } = outcome;
  switch (outcome.decision) {
    case 'advance':
    case 'advance_with_conditions':
      return [
        ...outcome.conditions.map((condition): ThesisEvent => ({ type: 'ConditionAdded', condition })),
        ...advance(state, stage),
      ];
    case 'refine':
      return [{ type: 'StageRefined', stage, round: state.round + 1, reason }, ...rampStart(state, stage)];
    case 'extend': {
      const extension = milliseconds(plan.minimumDuration);
      // Time spent before the gate is not taken from the extension.
      const overrun = Math.max(0, between(plannedEnd(state, plan, now), now));
      return [
        { type: 'StageExtended', stage, by: extension + overrun, until: later(now, extension), reason },
      ];
    }
    case 'hold':
      return [
        {
          type: 'ThesisHeld',
          by: outcome.by === 'votes' ? 'committee' : 'jalon',
          reason,
          until: outcome.holdUntil,
        },
      ];
    case 'kill':
      return [
        { type: 'ThesisKilled', stage, by: outcome.by, reason },
        { type: 'StageEntered', stage: 'retex' },
      ];
  }
}

function advance(state: ThesisState, stage: ThesisState['stage']): ThesisEvent[] {
  if (!isGated(stage)) return [];
  const next = stageAfter(stage);
  const entered: ThesisEvent = { type: 'StageEntered', stage: next };
  if (next !== 'retex') return [entered, ...rampStart(state, next)];
  const budget = planOf(state)?.ramp.at(-1)?.budget ?? zero(state.contract.currency);
  return [{ type: 'RolledOut', budget }, entered];
}

function rampStart(state: ThesisState, stage: ThesisState['stage']): ThesisEvent[] {
  const first = isGated(stage) ? state.contract.playbook.stages[stage].ramp[0] : undefined;
  if (first === undefined) return [];
  const reason = 'The stage starts at the first budget step.';
  return [{ type: 'RampStepped', step: 0, direction: 'start', budget: first.budget, reason }];
}

/** Why a decision cannot be taken now, whoever votes for it. */
function whyImpossible(state: ThesisState, decision: Decision): Refusal | null {
  const plan = planOf(state);
  if (plan === null) return refuse('not_in_this_stage', `${state.thesisId} is in its retex.`);
  if (decision === 'refine' && state.round >= plan.maximumRefinements) {
    return refuse(
      'refinements_exhausted',
      `${plan.maximumRefinements} of ${plan.maximumRefinements} are used.`,
    );
  }
  if (decision === 'extend' && state.extensions >= plan.maximumExtensions) {
    return refuse('extensions_exhausted', `${plan.maximumExtensions} of ${plan.maximumExtensions} are used.`);
  }
  const advances = decision === 'advance' || decision === 'advance_with_conditions';
  if (advances && plan.ramp.length > 0 && state.ramp?.complete !== true) {
    return refuse(
      'ramp_incomplete',
      `The ramp is at step ${(state.ramp?.step ?? 0) + 1} of ${plan.ramp.length}.`,
    );
  }
  return null;
}

/** The recommendation, if it could be carried out by rule; otherwise a hold for people to look at. */
function possible<R extends Decision>(state: ThesisState, recommendation: R): R | 'hold' {
  return whyImpossible(state, recommendation) === null ? recommendation : 'hold';
}
