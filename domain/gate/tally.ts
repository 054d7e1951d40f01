// How a gate closes: by its votes, by rule, or by silence. Pure functions of the gate and the time. Silence and rules
// cannot make an advance that people did not vote for or a policy did not allow.

import { type Instant, later, milliseconds } from '../duration.ts';
import {
  BALLOTS,
  type Ballot,
  type Condition,
  type Decision,
  type Gate,
  type GateOutcome,
  type GatePolicy,
  type Recommendation,
  type Seat,
} from '../gate.ts';
import { compare, type Money } from '../money.ts';
import {
  type CountedVote,
  countedVotes,
  missingSeats,
  type Voice,
  voicesLeft,
  votesLeft,
  votingBase,
} from './seating.ts';
import { courseOfBallot, obstacleTo, votesNeeded, winningCourse } from './threshold.ts';

/** Where a gate stands: what its votes say, for whom it waits, and what stands in the way. */
export interface Tally {
  readonly decided: GateOutcome | null;
  /** Votes, abstentions included. Recusals and the owner's own seat lower `needed` once too few votes are left. */
  readonly quorum: { readonly needed: number; readonly reached: number };
  readonly votesFor: Readonly<Record<Ballot, number>>;
  /** Members who can still vote, delegates in the place of those who delegated to them. */
  readonly waitingFor: readonly string[];
  /** A sentence on why the votes given do not decide, or cannot; null when the gate only waits for votes. */
  readonly blocked: string | null;
  /** Seats in force that nobody has filled and nobody can fill. */
  readonly missingSeats: readonly string[];
}

/** An outcome of silence: the type has no advance in it. */
export type SilentOutcome = GateOutcome & { readonly decision: 'kill' | 'hold'; readonly by: 'silence' };

/**
 * Counts an open gate's votes as they stand at `now`. Each voter's newest vote counts, until the gate closes. A course
 * is decided when the quorum is met, the course meets the threshold (see winningCourse) and nothing stands in its way
 * (see obstacleTo). When every vote is in and nothing is decided, the gate stays open until its deadline.
 */
export function tally(gate: Gate, now: Instant): Tally {
  const votes = countedVotes(gate, now);
  const voices = voicesLeft(gate, votes, now);
  const base = votingBase(gate);
  const left = votesLeft(gate, votes, voices);
  const quorum = { needed: votesNeeded(gate.policy.quorum, base), reached: votes.length };
  const missing = missingSeats(gate, votes, voices);
  const course = winningCourse(gate.policy.threshold, votes, base, left);
  const blocked =
    quorumOutOfReach(quorum, left, missing) ??
    (course === null ? deadlock(gate, votes, left) : obstacleTo(course, gate, votes, voices));
  const isDecided = course !== null && blocked === null && quorum.reached >= quorum.needed;
  return {
    decided: isDecided ? outcomeOf(course, votes) : null,
    quorum,
    votesFor: countBallots(votes),
    waitingFor: [...new Set(voices.map(({ voter }: Voice) => voter))],
    blocked,
    missingSeats: missing,
  };
}

/** The seats that exist once `spend` is spent. Throws a RangeError when a seat's limit is in another currency. */
export function seatsInForce(policy: GatePolicy, spend: Money): Seat[] {
  return policy.seats.filter(({ aboveSpend }) => aboveSpend === undefined || compare(spend, aboveSpend) > 0);
}

/**
 * What the rules decide by themselves when a gate opens; null leaves it to the committee. `auto_kill` may only kill.
 * `auto` carries out any recommendation while less than `autoBelow` is spent, and nothing from there on. A hold by rule
 * has no expiry: it waits for people. Throws a RangeError when `autoBelow` is in another currency.
 */
export function rulesOutcome(
  policy: GatePolicy,
  recommendation: Recommendation,
  spend: Money,
): GateOutcome | null {
  const bound = policy.mode === 'auto' ? policy.autoBelow : undefined;
  const mayDecide = bound !== undefined && compare(spend, bound) < 0;
  const mayKill = policy.mode === 'auto_kill' && recommendation === 'kill';
  if (!mayDecide && !mayKill) return null;
  const reason = mayDecide
    ? `The rules recommend ${recommendation} and decide while less than ${bound.amount} ${bound.currency} is spent.`
    : 'The rules recommend kill, and under this policy they may kill.';
  return { decision: recommendation, by: 'rules', reason, conditions: [], holdUntil: null };
}

/**
 * What a deadline without a decision means. An escalation happens once: silence after it, or without anybody to escalate
 * to, holds. A hold lasts the policy's `silentHold`, in elapsed time from `now`.
 */
export function silenceOutcome(gate: Gate, now: Instant = gate.deadline): SilentOutcome | 'escalate' {
  const { onSilence, escalation, silentHold } = gate.policy;
  if (onSilence === 'escalate' && !gate.escalated && escalation !== undefined) return 'escalate';
  const decision = onSilence === 'kill' ? 'kill' : 'hold';
  const holdUntil = decision === 'hold' ? later(now, milliseconds(silentHold)) : null;
  const reason = `No decision by ${gate.deadline}: silence means ${decision}.`;
  return { decision, by: 'silence', reason, conditions: [], holdUntil };
}

function quorumOutOfReach(
  { needed, reached }: Tally['quorum'],
  left: number,
  missing: readonly string[],
): string | null {
  if (reached + left >= needed) return null;
  const empty = missing.length === 0 ? '' : ` Nobody can vote for ${missing.join(', ')}.`;
  return `The quorum of ${needed} cannot be reached: ${reached} in, ${left} still possible.${empty}`;
}

function deadlock({ policy }: Gate, votes: readonly CountedVote[], left: number): string | null {
  if (left > 0 || votes.length === 0) return null;
  if (votes.every(({ vote }) => vote.ballot === 'abstain')) return 'Every vote is in, and all abstained.';
  switch (policy.threshold.kind) {
    case 'majority':
      return 'Every vote is in, and no decision has more than half of them.';
    case 'unanimity':
      return 'Every vote is in, and they do not agree.';
    case 'at_least':
      return `Every vote is in, and no decision leads with the ${policy.threshold.votes} votes it needs.`;
  }
}

/**
 * The outcome of a course that won. A single conditional vote makes an advance conditional, with the conditions of all
 * such votes. A hold ends at the earliest date named: nobody agreed to wait longer than they said.
 */
function outcomeOf(course: Recommendation, votes: readonly CountedVote[]): GateOutcome {
  const winning = votes.map(({ vote }) => vote).filter(({ ballot }) => courseOfBallot(ballot) === course);
  const conditional = winning.filter(({ ballot }) => ballot === 'advance_with_conditions');
  const decision: Decision = conditional.length > 0 ? 'advance_with_conditions' : course;
  const ends = winning.flatMap(({ holdUntil }) => (holdUntil === null ? [] : [holdUntil])).toSorted();
  return {
    decision,
    by: 'votes',
    reason: rollCall(votes),
    conditions: conditionsOf(conditional.flatMap(({ conditions }) => conditions)),
    holdUntil: course === 'hold' ? (ends[0] ?? null) : null,
  };
}

function conditionsOf(all: readonly Condition[]): Condition[] {
  const byId = new Map(all.map((condition) => [condition.id, condition]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function rollCall(votes: readonly CountedVote[]): string {
  const parts = BALLOTS.flatMap((ballot) => {
    const voters = votes
      .filter(({ vote }) => vote.ballot === ballot)
      .map(voterName)
      .toSorted();
    return voters.length === 0 ? [] : [`${voters.length} ${ballot} (${voters.join(', ')})`];
  });
  return `Votes: ${parts.join('; ')}.`;
}

function voterName({ holder, vote }: CountedVote): string {
  return holder === vote.member ? vote.member : `${vote.member} for ${holder}`;
}

function countBallots(votes: readonly CountedVote[]): Record<Ballot, number> {
  const none = { advance: 0, advance_with_conditions: 0, refine: 0, extend: 0, hold: 0, kill: 0, abstain: 0 };
  const counts: Record<Ballot, number> = none;
  for (const { vote } of votes) counts[vote.ballot] += 1;
  return counts;
}
