// Who may vote, delegate or step aside at an open gate, and the refusal for everybody else. It admits; it neither
// counts (gate/tally.ts) nor looks at the deadline: the workflow closes a gate, and a data outage may have stopped the
// committee's clock.

import { epoch, type Instant } from '../duration.ts';
import type { Delegation, Gate, Vote } from '../gate.ts';
import { type FieldError, isRefusal, type Refusal, refuse } from '../refusal.ts';
import type { VoteProposal } from '../thesis/command.ts';
import {
  type CountedVote,
  countedVotes,
  delegationFrom,
  delegationTo,
  mayTakePart,
  seatsOf,
  seatToFill,
} from './seating.ts';
import { needsReason, trimmed, voteErrors } from './vote-check.ts';

/**
 * The vote to record, or why there is none. Refusals come in a fixed order: who and what first (gate_unknown,
 * evidence_changed, owner_cannot_vote, recused, no_seat), then what the vote must carry (reason_required,
 * conditions_required, hold_expiry_required), then its fields (invalid_input). A member may vote again until the gate
 * closes: both votes are kept, the newest counts. A delegate's vote is the holder's, also once the delegation ends: a
 * later vote of the holder replaces it.
 */
export function admitVote(gate: Gate, proposal: VoteProposal, now: Instant): Vote | Refusal {
  const place = placeFor(gate, proposal, now);
  if (isRefusal(place)) return place;
  return (
    incomplete(gate, proposal, now) ??
    invalid(gate, proposal, place.holder, now) ??
    voteOf(proposal, place.seat, now)
  );
}

/**
 * The delegation to record, or why there is none. A holder gives their own seat, before voting, to somebody who is not
 * the owner, holds no seat in force, has not stepped aside, and speaks for nobody else. Until its end the holder cannot
 * vote; a new delegation replaces it. Whether `to` is an active member is for the caller to know.
 */
export function admitDelegation(
  gate: Gate,
  { from, to, until }: Pick<Delegation, 'from' | 'to' | 'until'>,
  now: Instant,
): Delegation | Refusal {
  const votes = countedVotes(gate, now);
  const refusal = excluded(gate, from) ?? alreadyVoted(votes, from);
  if (refusal !== null) return refusal;
  const seat = seatToFill(gate, from, seatsOf(gate, from), votes);
  if (seat === null) return withoutSeat(gate, from, seatsOf(gate, from).length > 0);
  const obstacle = whyNoDelegate(gate, { from, to }, votes, now);
  if (obstacle !== null) return refuse('delegation_not_allowed', obstacle);
  if (!(epoch(until) > epoch(now))) {
    const fields = [{ path: 'until', message: `must be after ${now}` }];
    return refuse('invalid_input', 'A delegation ends after it begins.', fields);
  }
  return { from, to, seat, until };
}

/**
 * Null when the member may step aside. Holders and delegates may, before a vote was given by or for them, and with a
 * reason. A delegation to or from a recused member falls away: the seat's holder votes again, or nobody does.
 */
export function admitRecusal(
  gate: Gate,
  { member, reason }: { readonly member: string; readonly reason: string },
  now: Instant,
): Refusal | null {
  const refusal = excluded(gate, member) ?? alreadyVoted(countedVotes(gate, now), member);
  if (refusal !== null) return refusal;
  if (seatsOf(gate, member).length === 0 && delegationTo(gate, member, now) === null) {
    return withoutSeat(gate, member, false);
  }
  return trimmed(reason) === null ? refuse('reason_required', 'A recusal needs a reason.') : null;
}

interface Place {
  readonly holder: string;
  readonly seat: string;
}

/** The seat that the vote fills and for which holder, or the first refusal about who votes on what. */
function placeFor(gate: Gate, { member, gateId, evidenceHash }: VoteProposal, now: Instant): Place | Refusal {
  if (gateId !== gate.id) return refuse('gate_unknown', `The open gate is ${gate.id}, not ${gateId}.`);
  if (gate.evidenceHash === '') {
    return refuse('evidence_changed', 'The evidence is being frozen anew; the gate takes no vote meanwhile.');
  }
  if (evidenceHash !== gate.evidenceHash) {
    return refuse('evidence_changed', `The gate shows ${gate.evidenceHash}, the vote names ${evidenceHash}.`);
  }
  const refusal = excluded(gate, member);
  if (refusal !== null) return refusal;
  const given = delegationFrom(gate, member, now);
  if (given !== null) {
    const detail = `${member} delegated the seat ${given.seat} to ${given.to} until ${given.until}.`;
    return refuse('no_seat', detail);
  }
  const received = delegationTo(gate, member, now);
  const holder = received?.from ?? member;
  const seats = seatsOf(gate, holder).filter(({ seat }) => received === null || seat === received.seat);
  const seat = seatToFill(gate, holder, seats, countedVotes(gate, now));
  return seat === null ? withoutSeat(gate, member, seats.length > 0) : { holder, seat };
}

function excluded(gate: Gate, member: string): Refusal | null {
  if (member === gate.owner) return refuse('owner_cannot_vote', `${member} owns this thesis.`);
  return mayTakePart(gate, member) ? null : refuse('recused', `${member} stepped aside at ${gate.id}.`);
}

function withoutSeat(gate: Gate, member: string, isFilled: boolean): Refusal {
  const detail = isFilled
    ? `Every vote of the seat that ${member} holds has been given by others.`
    : `${member} holds no seat of ${gate.committee.name} in force at ${gate.id}, and no delegation.`;
  return refuse('no_seat', detail);
}

function alreadyVoted(votes: readonly CountedVote[], member: string): Refusal | null {
  const given = votes.find(({ holder, vote }) => holder === member || vote.member === member);
  if (given === undefined) return null;
  return refuse('already_voted', `${given.vote.member} voted for ${given.vote.seat} at ${given.vote.at}.`);
}

function whyNoDelegate(
  gate: Gate,
  { from, to }: Pick<Delegation, 'from' | 'to'>,
  votes: readonly CountedVote[],
  now: Instant,
): string | null {
  if (to.trim() === '') return 'A delegation names a member.';
  if (to === gate.owner) return `${to} owns this thesis.`;
  if (seatsOf(gate, to).length > 0) return `${to} holds a seat at this gate.`;
  if (!mayTakePart(gate, to)) return `${to} stepped aside at this gate.`;
  const other = delegationTo(gate, to, now);
  if (other !== null && other.from !== from) return `${to} speaks for ${other.from} already.`;
  return votes.some(({ vote }) => vote.member === to) ? `${to} has voted at this gate.` : null;
}

function incomplete(gate: Gate, proposal: VoteProposal, now: Instant): Refusal | null {
  const { ballot, reason, conditions, holdUntil } = proposal;
  if (needsReason(ballot, gate.recommendation) && trimmed(reason) === null) {
    return refuse('reason_required', `The rules recommend ${gate.recommendation}; ${ballot} needs a reason.`);
  }
  if (ballot === 'advance_with_conditions' && conditions.length === 0) {
    return refuse('conditions_required', 'The vote names no condition.');
  }
  if (ballot === 'hold' && (holdUntil === null || !(epoch(holdUntil) > epoch(now)))) {
    const fields = [{ path: 'holdUntil', message: `must be after ${now}` }];
    return refuse('hold_expiry_required', 'A vote to hold says until when.', fields);
  }
  return null;
}

function invalid(gate: Gate, proposal: VoteProposal, holder: string, now: Instant): Refusal | null {
  const errors = [...voteErrors(proposal, now), ...takenIds(gate, proposal, holder, now)];
  return errors.length === 0
    ? null
    : refuse('invalid_input', 'The vote has fields that are not valid.', errors);
}

/** Two votes must not give one id to two conditions: an outcome joins the conditions of all. */
function takenIds(gate: Gate, { conditions }: VoteProposal, holder: string, now: Instant): FieldError[] {
  const others = countedVotes(gate, now).filter((given) => given.holder !== holder);
  const taken = new Set(others.flatMap(({ vote }) => vote.conditions.map(({ id }) => id)));
  return conditions.flatMap(({ id }, index) =>
    taken.has(id)
      ? [{ path: `conditions[${index}].id`, message: 'is used by a condition of another vote' }]
      : [],
  );
}

function voteOf(proposal: VoteProposal, seat: string, now: Instant): Vote {
  const { member, ballot, conditions, holdUntil, probability, expectedMargin, evidenceHash } = proposal;
  const reason = trimmed(proposal.reason);
  return {
    member,
    seat,
    ballot,
    reason,
    conditions,
    holdUntil,
    probability,
    expectedMargin,
    evidenceHash,
    at: now,
  };
}
