// Gates for the tests: a small committee, and a gate whose parts a test may replace.

import { admitVote } from '../../domain/gate/admission.ts';
import type { Ballot, Committee, Condition, Gate, GatePolicy, Seat, Vote } from '../../domain/gate.ts';
import { isRefusal } from '../../domain/refusal.ts';
import type { VoteProposal } from '../../domain/thesis/command.ts';

export const OPENED = '2026-03-02T09:00:00.000Z';
export const NOW = '2026-03-03T09:00:00.000Z';
export const LATER = '2026-03-04T09:00:00.000Z';
export const DEADLINE = '2026-03-09T09:00:00.000Z';
const HASH = 'a1'.repeat(32);

export const GROWTH: Seat = { seat: 'growth', count: 2, veto: false };
export const FINANCE: Seat = { seat: 'finance', count: 1, veto: false };

/** ann and ben hold growth, fay holds finance; olga owns the thesis. */
export const COMMITTEE: Committee = {
  name: 'growth-committee',
  holders: [
    { seat: 'growth', member: 'ann' },
    { seat: 'growth', member: 'ben' },
    { seat: 'finance', member: 'fay' },
  ],
  calendar: { timeZone: 'Europe/Paris', workingDays: [1, 2, 3, 4, 5], holidaysOf: 'FR', daysOff: [] },
};

export const POLICY: GatePolicy = {
  mode: 'committee',
  committee: 'growth-committee',
  seats: [GROWTH, FINANCE],
  quorum: 2,
  threshold: { kind: 'majority' },
  deadline: 'P5D',
  reminders: ['P2D', 'P1D'],
  onSilence: 'kill',
  silentHold: 'P14D',
};

type Changes = Partial<Omit<Gate, 'policy'>> & { readonly policy?: Partial<GatePolicy> };

export function gateWith({ policy, ...changes }: Changes = {}): Gate {
  const whole = { ...POLICY, ...policy };
  return {
    id: 'thesis-1.1',
    policy: whole,
    committee: COMMITTEE,
    owner: 'olga',
    seats: whole.seats,
    evidenceHash: HASH,
    recommendation: 'advance',
    openedAt: OPENED,
    deadline: DEADLINE,
    reminders: [],
    remindersSent: 0,
    escalated: false,
    votes: [],
    recused: [],
    delegations: [],
    ...changes,
  };
}

/** A proposal that is admissible for a holder: whatever the ballot needs is there. */
export function proposalOf(
  member: string,
  ballot: Ballot,
  changes: Partial<VoteProposal> = {},
): VoteProposal {
  return {
    member,
    gateId: 'thesis-1.1',
    evidenceHash: HASH,
    ballot,
    reason: 'because',
    conditions: ballot === 'advance_with_conditions' ? [conditionOf(`of-${member}`)] : [],
    holdUntil: ballot === 'hold' ? DEADLINE : null,
    probability: null,
    expectedMargin: null,
    ...changes,
  };
}

export function conditionOf(id: string): Condition {
  return { id, owner: 'olga', due: '2026-06-01T00:00:00.000Z', text: `meet ${id}`, metric: null };
}

/** The gate after an admitted vote; throws when the vote is refused. */
export function withVote(gate: Gate, proposal: VoteProposal, now = NOW): Gate {
  const vote = admitVote(gate, proposal, now);
  if (isRefusal(vote)) throw new Error(`refused: ${vote.refused}: ${vote.detail}`);
  return { ...gate, votes: [...gate.votes, vote] };
}

/** The gate after votes given as `member: ballot`, in that order. */
export function withVotes(gate: Gate, votes: Readonly<Record<string, Ballot>>): Gate {
  return Object.entries(votes).reduce(
    (voted, [member, ballot]) => withVote(voted, proposalOf(member, ballot)),
    gate,
  );
}

/** A vote as it would stand in a journal, admitted by nobody. */
export function rawVote(member: string, seat: string, ballot: Ballot, changes: Partial<Vote> = {}): Vote {
  const { gateId: _, ...fields } = proposalOf(member, ballot);
  return { ...fields, seat, at: NOW, ...changes };
}
