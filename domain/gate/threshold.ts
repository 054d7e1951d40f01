// Which course has won the votes, and what may still stand in its way: a veto, or a seat that must agree. Pure
// counting over votes that gate/seating.ts found to count; the quorum and the outcome are in gate/tally.ts.

import type { Ballot, Decision, Gate, Recommendation, Seat, Threshold } from '../gate.ts';
import type { CountedVote, Voice } from './seating.ts';

/** Where a decision leads: advancing with conditions is advancing. */
function courseOf(decision: Decision): Recommendation {
  return decision === 'advance_with_conditions' ? 'advance' : decision;
}

/** The course that a ballot is for; null for an abstention. */
export function courseOfBallot(ballot: Ballot): Recommendation | null {
  return ballot === 'abstain' ? null : courseOf(ballot);
}

/**
 * The course that meets the threshold, whatever the quorum; null while none does. Abstentions count for no course.
 *
 * - majority: more than half of all votes given or still possible, abstentions left out: it cannot be beaten any more.
 * - unanimity: every vote that can be given is in, and all that are no abstention agree; there is at least one.
 * - at_least n: n votes, and more than any other course has. Where recusals left fewer than n votes in the base, all
 *   of the base. It does not wait for the others: n is declared to be enough.
 */
export function winningCourse(
  threshold: Threshold,
  votes: readonly CountedVote[],
  base: number,
  left: number,
): Recommendation | null {
  const counts = countCourses(votes);
  const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (first === undefined) return null;
  const [course, most] = first;
  const next = second?.[1] ?? 0;
  const cast = [...counts.values()].reduce((total, count) => total + count, 0);
  switch (threshold.kind) {
    case 'majority':
      return most * 2 > cast + left ? course : null;
    case 'unanimity':
      return left === 0 && most === cast ? course : null;
    case 'at_least':
      return most >= votesNeeded(threshold.votes, base) && most > next ? course : null;
  }
}

/** A number of votes that a policy asks for, against the votes there can be: never more than those, never below 1. */
export function votesNeeded(asked: number, base: number): number {
  return Math.max(1, Math.min(asked, base));
}

/**
 * Why a course that has won is not decided, as a sentence; null when nothing stands in its way.
 *
 * A vote of a veto seat for another course blocks. While a veto seat can still vote, nothing is decided: two quick
 * votes must not take its veto away. Once it has voted, abstained or recused itself, the gate moves on.
 */
export function obstacleTo(
  course: Recommendation,
  gate: Gate,
  votes: readonly CountedVote[],
  voices: readonly Voice[],
): string | null {
  return (
    vetoCast(course, gate.seats, votes) ??
    vetoPossible(course, gate.seats, voices) ??
    missingConsent(course, gate, votes)
  );
}

function countCourses(votes: readonly CountedVote[]): Map<Recommendation, number> {
  const counts = new Map<Recommendation, number>();
  for (const { vote } of votes) {
    const course = courseOfBallot(vote.ballot);
    if (course !== null) counts.set(course, (counts.get(course) ?? 0) + 1);
  }
  return counts;
}

function vetoCast(
  course: Recommendation,
  seats: readonly Seat[],
  votes: readonly CountedVote[],
): string | null {
  const vetoes = votes.filter(({ vote }) => {
    const against = courseOfBallot(vote.ballot);
    return against !== null && against !== course && holdsVeto(seats, vote.seat);
  });
  if (vetoes.length === 0) return null;
  const who = vetoes.map(({ vote }) => `${vote.member} (${vote.seat}) voted ${vote.ballot}`).toSorted();
  return `${who.join(' and ')}: a veto against ${course}.`;
}

function vetoPossible(
  course: Recommendation,
  seats: readonly Seat[],
  voices: readonly Voice[],
): string | null {
  const silent = seats.filter((seat) => seat.veto && voices.some((voice) => voice.seats.includes(seat)));
  if (silent.length === 0) return null;
  return `${course} has the votes and waits for ${silent.map(({ seat }) => seat).join(', ')}, which holds a veto.`;
}

function missingConsent(
  course: Recommendation,
  { policy, recommendation }: Gate,
  votes: readonly CountedVote[],
): string | null {
  const seat = policy.againstRecommendation?.seat;
  if (seat === undefined || course === recommendation) return null;
  const agreed = votes.some(({ vote }) => vote.seat === seat && courseOfBallot(vote.ballot) === course);
  if (agreed) return null;
  return `${course} goes against the recommendation (${recommendation}) and needs a vote for it from ${seat}.`;
}

function holdsVeto(seats: readonly Seat[], name: string): boolean {
  return seats.some(({ seat, veto }) => veto && seat === name);
}
