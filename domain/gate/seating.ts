// Who may speak at a gate: seats, holders, delegates, recusals, and which votes count. It knows nothing of
// thresholds and decides nothing; gate/tally.ts does.

import { between, type Instant } from '../duration.ts';
import type { Gate, Seat, Vote } from '../gate.ts';

/** A vote that counts, and the holder it was given for: the voter, or the one who delegated to the voter. */
export interface CountedVote {
  readonly holder: string;
  readonly vote: Vote;
}

/** A vote not given yet: whose it is, who gives it, and the seats with room that it could fill. */
export interface Voice {
  readonly holder: string;
  readonly voter: string;
  readonly seats: readonly Seat[];
}

/** Everybody but the owner (four-eyes) and those who recused themselves. */
export function mayTakePart(gate: Gate, member: string): boolean {
  return member !== gate.owner && !gate.recused.includes(member);
}

/** The seats in force that a member holds in their own name. */
export function seatsOf(gate: Gate, member: string): Seat[] {
  return gate.seats.filter(({ seat }) =>
    gate.committee.holders.some((holder) => holder.seat === seat && holder.member === member),
  );
}

/**
 * The member to whom a holder's vote is delegated now, with the seat and the end; null when the holder votes. A
 * holder's newest delegation replaces earlier ones, and falls away when either of the two may not take part.
 */
export function delegationFrom(gate: Gate, holder: string, now: Instant): Gate['delegations'][number] | null {
  const newest = gate.delegations.findLast(({ from }) => from === holder);
  if (newest === undefined || between(now, newest.until) <= 0) return null;
  return mayTakePart(gate, holder) && mayTakePart(gate, newest.to) ? newest : null;
}

/** The delegation by which a member votes now; null when there is none. */
export function delegationTo(gate: Gate, member: string, now: Instant): Gate['delegations'][number] | null {
  return (
    gate.delegations.findLast((one) => one.to === member && delegationFrom(gate, one.from, now) === one) ??
    null
  );
}

/**
 * The votes that count at `now`, seat by seat. For each voter and each holder the newest vote in journal order stands;
 * the first `count` holders to vote fill a seat, and changing a vote keeps its place. Left out are votes on other
 * evidence, of the owner, of the recused, and of anybody without a seat or a delegation that was alive at the vote.
 */
export function countedVotes(gate: Gate, now: Instant): CountedVote[] {
  const valid = gate.votes.flatMap((vote) => {
    const holder = isOnFile(gate, vote, now) ? holderBehind(gate, vote) : null;
    return holder === null ? [] : [{ holder, vote }];
  });
  const standing: CountedVote[] = [];
  for (const given of valid.toReversed()) {
    const replaced = standing.some(
      ({ holder, vote }) => holder === given.holder || vote.member === given.vote.member,
    );
    if (!replaced) standing.push(given);
  }
  const arrival = (holder: string): number => valid.findIndex((given) => given.holder === holder);
  standing.sort((a, b) => arrival(a.holder) - arrival(b.holder));
  return gate.seats.flatMap(({ seat, count }) =>
    standing.filter(({ vote }) => vote.seat === seat).slice(0, count),
  );
}

/** Votes that a seat still takes. */
function roomIn(seat: Seat, counted: readonly CountedVote[]): number {
  return seat.count - counted.filter(({ vote }) => vote.seat === seat.seat).length;
}

/** Who can still vote, each with the seats that have room; in the committee's order. */
export function voicesLeft(gate: Gate, counted: readonly CountedVote[], now: Instant): Voice[] {
  const holders = [...new Set(gate.committee.holders.map(({ member }) => member))];
  return holders.flatMap((holder) => {
    const delegation = delegationFrom(gate, holder, now);
    const voter = delegation?.to ?? holder;
    const spoken = counted.some((given) => given.holder === holder || given.vote.member === voter);
    if (spoken || !mayTakePart(gate, holder)) return [];
    const seats = seatsOf(gate, holder).filter(
      (seat) => roomIn(seat, counted) > 0 && (delegation === null || seat.seat === delegation.seat),
    );
    return seats.length === 0 ? [] : [{ holder, voter, seats }];
  });
}

/** How many of those voices can still become votes: an upper bound, exact unless a member holds several seats. */
export function votesLeft(gate: Gate, counted: readonly CountedVote[], voices: readonly Voice[]): number {
  const perSeat = gate.seats.map((seat) =>
    Math.min(roomIn(seat, counted), voices.filter(({ seats }) => seats.includes(seat)).length),
  );
  const voters = new Set(voices.map(({ voter }) => voter)).size;
  return Math.min(
    voters,
    perSeat.reduce((total, votes) => total + votes, 0),
  );
}

/**
 * The votes the seats would give, less those lost because a holder recused themselves or owns the thesis. A seat with
 * more holders than votes loses none while enough holders remain; an unfilled seat stays in the base.
 */
export function votingBase(gate: Gate): number {
  return gate.seats.reduce((base, { seat, count }) => {
    const holders = holdersOf(gate, seat);
    const present = holders.filter((member) => mayTakePart(gate, member));
    return base + count - (Math.min(count, holders.length) - Math.min(count, present.length));
  }, 0);
}

/** The seats in force that nobody fills and nobody can fill. */
export function missingSeats(
  gate: Gate,
  counted: readonly CountedVote[],
  voices: readonly Voice[],
): string[] {
  return gate.seats
    .filter(
      (seat) => roomIn(seat, counted) === seat.count && !voices.some(({ seats }) => seats.includes(seat)),
    )
    .map(({ seat }) => seat);
}

/**
 * The seat a vote fills: the one the holder's earlier vote has; else, among those with room, the one with the fewest
 * other holders, so that a member of two seats does not take the place that a colleague needs. Null: all are full.
 */
export function seatToFill(
  gate: Gate,
  holder: string,
  seats: readonly Seat[],
  counted: readonly CountedVote[],
): string | null {
  const kept = counted.find((given) => given.holder === holder);
  if (kept !== undefined) return kept.vote.seat;
  const others = ({ seat }: Seat): number =>
    holdersOf(gate, seat).filter((member) => mayTakePart(gate, member)).length;
  const open = seats.filter((seat) => roomIn(seat, counted) > 0);
  return open.toSorted((a, b) => others(a) - others(b))[0]?.seat ?? null;
}

function holdersOf(gate: Gate, seat: string): string[] {
  return [...new Set(gate.committee.holders.filter((one) => one.seat === seat).map(({ member }) => member))];
}

function isOnFile(gate: Gate, vote: Vote, now: Instant): boolean {
  return gate.evidenceHash !== '' && vote.evidenceHash === gate.evidenceHash && between(vote.at, now) >= 0;
}

function holderBehind(gate: Gate, vote: Vote): string | null {
  if (!mayTakePart(gate, vote.member)) return null;
  if (seatsOf(gate, vote.member).some(({ seat }) => seat === vote.seat)) return vote.member;
  const delegation = gate.delegations.findLast(
    ({ to, seat, until }) => to === vote.member && seat === vote.seat && between(vote.at, until) > 0,
  );
  if (delegation === undefined || !mayTakePart(gate, delegation.from)) return null;
  return seatsOf(gate, delegation.from).some(({ seat }) => seat === vote.seat) ? delegation.from : null;
}
