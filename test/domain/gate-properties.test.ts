// What no sequence of votes, delegations, recusals, new evidence, escalations and passing time can do to a gate. The
// sequences run beside a plain book of who spoke for whom, kept without the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, later } from '../../domain/duration.ts';
import { admitDelegation, admitRecusal, admitVote } from '../../domain/gate/admission.ts';
import { rulesOutcome, silenceOutcome, tally } from '../../domain/gate/tally.ts';
import {
  BALLOTS,
  type Ballot,
  GATE_MODES,
  type Gate,
  RECOMMENDATIONS,
  type Seat,
  SILENCES,
  type Threshold,
} from '../../domain/gate.ts';
import { isRefusal } from '../../domain/refusal.ts';
import { COMMITTEE, gateWith, OPENED, POLICY, proposalOf, rawVote, withVote } from './gate-fixture.ts';

const RUNS = { numRuns: 2_000 };
const MEMBERS = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'zoe', 'yan'] as const;

const member = fc.constantFrom(...MEMBERS);
const ballot = fc.constantFrom(...BALLOTS);
const recommendation = fc.constantFrom(...RECOMMENDATIONS);
const seatName = fc.constantFrom('growth', 'finance', 'legal');
const threshold: fc.Arbitrary<Threshold> = fc.oneof(
  fc.constant({ kind: 'majority' } as const),
  fc.constant({ kind: 'unanimity' } as const),
  fc.record({ kind: fc.constant('at_least' as const), votes: fc.integer({ min: 1, max: 4 }) }),
);
const seats: fc.Arbitrary<Seat[]> = fc.uniqueArray(
  fc.record({ seat: seatName, count: fc.integer({ min: 1, max: 2 }), veto: fc.boolean() }),
  { selector: ({ seat }) => seat, minLength: 1 },
);

const gates: fc.Arbitrary<Gate> = fc
  .record({
    seats,
    threshold,
    recommendation,
    holders: fc.uniqueArray(fc.record({ seat: seatName, member }), {
      selector: (holder) => `${holder.seat}/${holder.member}`,
      minLength: 4,
      maxLength: 12,
    }),
    owner: fc.constantFrom('olga', 'olga', 'ann', 'fay'),
    quorum: fc.integer({ min: 1, max: 3 }),
    consent: fc.option(seatName, { nil: undefined, freq: 1 }),
    onSilence: fc.constantFrom(...SILENCES),
    escalated: fc.boolean(),
  })
  .map(({ holders, consent, seats: inForce, threshold: rule, quorum, onSilence, ...gate }) =>
    gateWith({
      ...gate,
      committee: { ...COMMITTEE, holders },
      policy: {
        seats: inForce,
        quorum,
        onSilence,
        threshold: rule,
        escalation: { committee: 'comex', deadline: 'P2D' },
        ...(consent === undefined ? {} : { againstRecommendation: { seat: consent } }),
      },
    }),
  );

type Step =
  | { readonly kind: 'vote'; readonly member: string; readonly ballot: Ballot }
  | { readonly kind: 'delegate'; readonly from: string; readonly to: string; readonly days: number }
  | { readonly kind: 'recuse'; readonly member: string }
  | { readonly kind: 'refreeze' }
  | { readonly kind: 'escalate' };

/** Leaning towards advancing, so that many sequences come close to it. */
const leaning: fc.Arbitrary<Ballot> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Ballot>('advance', 'advance', 'advance_with_conditions') },
  { weight: 2, arbitrary: ballot },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('vote' as const), member, ballot: leaning }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delegate' as const),
      from: member,
      to: member,
      days: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recuse' as const), member }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'refreeze' }, { kind: 'escalate' }) },
);
const steps = fc.array(fc.record({ step, hours: fc.integer({ min: 0, max: 30 }) }), {
  minLength: 3,
  maxLength: 25,
  size: 'max',
});

/** Who spoke last for each holder, by the rules of delegation only. */
type Book = Map<string, { readonly voter: string; readonly seat: string; readonly ballot: Ballot }>;

const advances = (given: Ballot): boolean => given === 'advance' || given === 'advance_with_conditions';

/** The gate after a step, as a thesis would carry it; the book is kept up as the step is admitted. */
function after(gate: Gate, next: Step, now: string, book: Book): Gate {
  switch (next.kind) {
    case 'vote': {
      const { evidenceHash } = gate;
      const vote = admitVote(gate, proposalOf(next.member, next.ballot, { evidenceHash }), now);
      if (isRefusal(vote)) return gate;
      const holds = gate.committee.holders.some(
        (one) => one.seat === vote.seat && one.member === vote.member,
      );
      const lent = gate.delegations.filter(
        ({ to, seat, until }) => to === vote.member && seat === vote.seat && until > now,
      );
      const holder = holds ? vote.member : lent.at(-1)?.from;
      if (holder === undefined) throw new Error(`${vote.member} voted without a seat`);
      book.set(holder, { voter: vote.member, seat: vote.seat, ballot: vote.ballot });
      return { ...gate, votes: [...gate.votes, vote] };
    }
    case 'delegate': {
      const { from, to, days } = next;
      const delegation = admitDelegation(gate, { from, to, until: later(now, days * DAY) }, now);
      return isRefusal(delegation) ? gate : { ...gate, delegations: [...gate.delegations, delegation] };
    }
    case 'recuse': {
      const refusal = admitRecusal(gate, { member: next.member, reason: 'conflict' }, now);
      return refusal === null ? { ...gate, recused: [...gate.recused, next.member] } : gate;
    }
    case 'refreeze':
      book.clear();
      return { ...gate, votes: [], evidenceHash: `${gate.votes.length}${now}` };
    case 'escalate':
      book.clear();
      return { ...gate, votes: [], recused: [], delegations: [], escalated: true };
  }
}

function expectSoundAdvance(gate: Gate, book: Book): void {
  const entries = [...book.entries()];
  const given = entries.map(([, entry]) => entry);
  const supporters = entries.filter(([, entry]) => advances(entry.ballot));
  const opposed = given.filter((entry) => !advances(entry.ballot) && entry.ballot !== 'abstain');
  expect(supporters.length).toBeGreaterThanOrEqual(1);
  const voters = given.map(({ voter }) => voter);
  expect(new Set(voters).size).toBe(voters.length);
  for (const [holder, { voter, seat }] of supporters) {
    expect([gate.owner, ...gate.recused]).not.toContain(voter);
    expect([gate.owner, ...gate.recused]).not.toContain(holder);
    expect(gate.committee.holders).toContainEqual({ seat, member: holder });
    expect(gate.seats.some((one) => one.seat === seat)).toBe(true);
  }
  for (const { seat, count, veto } of gate.seats) {
    expect(given.filter((entry) => entry.seat === seat).length).toBeLessThanOrEqual(count);
    if (veto) expect(opposed.filter((entry) => entry.seat === seat)).toEqual([]);
  }
  const whole = gate.seats.reduce((total, { count }) => total + count, 0);
  const absent = gate.committee.holders.filter(
    (one) => one.member === gate.owner || gate.recused.includes(one.member),
  );
  const base = whole - absent.length;
  expect(given.length).toBeGreaterThanOrEqual(Math.min(gate.policy.quorum, base));
  const rule = gate.policy.threshold;
  if (rule.kind === 'majority') expect(supporters.length).toBeGreaterThan(opposed.length);
  if (rule.kind === 'unanimity') expect(opposed).toEqual([]);
  if (rule.kind === 'at_least') expect(supporters.length).toBeGreaterThanOrEqual(Math.min(rule.votes, base));
  const consent = gate.policy.againstRecommendation?.seat;
  if (consent !== undefined && gate.recommendation !== 'advance') {
    expect(supporters.some(([, entry]) => entry.seat === consent)).toBe(true);
  }
}

test('no sequence of what people do advances without enough eligible votes for it', () => {
  let advanced = 0;
  fc.assert(
    fc.property(gates, steps, (opened, sequence) => {
      const book: Book = new Map();
      let gate = opened;
      let now = OPENED;
      for (const { step: next, hours } of sequence) {
        now = later(now, hours * HOUR);
        gate = after(gate, next, now, book);
        const { decided, waitingFor, quorum, blocked } = tally(gate, now);
        expect(quorum.reached).toBe(book.size);
        for (const person of waitingFor) expect([gate.owner, ...gate.recused]).not.toContain(person);
        if (decided === null) continue;
        expect(blocked).toBeNull();
        expect(decided.by).toBe('votes');
        if (advances(decided.decision)) {
          advanced += 1;
          expectSoundAdvance(gate, book);
        }
        return;
      }
    }),
    RUNS,
  );
  // The property must not hold for want of advances.
  expect(advanced).toBeGreaterThan(200);
});

test('everybody a gate waits for can vote, and nobody else who has not', () => {
  fc.assert(
    fc.property(gates, steps, (opened, sequence) => {
      const book: Book = new Map();
      let gate = opened;
      let now = OPENED;
      for (const { step: next, hours } of sequence) {
        now = later(now, hours * HOUR);
        gate = after(gate, next, now, book);
      }
      const { waitingFor } = tally(gate, now);
      const { evidenceHash } = gate;
      const voted = [...book.values()].map(({ voter }) => voter);
      const spokenFor = [...book.keys()];
      for (const person of MEMBERS) {
        if (voted.includes(person) || spokenFor.includes(person)) continue;
        const admitted = !isRefusal(admitVote(gate, proposalOf(person, 'abstain', { evidenceHash }), now));
        expect([person, waitingFor.includes(person)]).toEqual([person, admitted]);
      }
    }),
    RUNS,
  );
});

test('votes that nobody admitted never advance a gate without one that is eligible', () => {
  const votes = fc.array(
    fc
      .record({ member: fc.constantFrom('olga', ...MEMBERS), seat: seatName, ballot, stale: fc.boolean() })
      .map((one) => rawVote(one.member, one.seat, one.ballot, one.stale ? { evidenceHash: 'other' } : {})),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(gates, votes, (gate, forged) => {
      const open = { ...gate, votes: forged };
      const eligible = forged.filter(
        (vote) =>
          vote.evidenceHash === gate.evidenceHash &&
          vote.member !== gate.owner &&
          advances(vote.ballot) &&
          gate.committee.holders.some(
            ({ seat, member: holder }) => seat === vote.seat && holder === vote.member,
          ),
      );
      const { decided, quorum } = tally(open, later(OPENED, 30 * DAY));
      expect(quorum.reached).toBeLessThanOrEqual(gate.seats.reduce((total, { count }) => total + count, 0));
      if (eligible.length === 0)
        expect(['advance', 'advance_with_conditions']).not.toContain(decided?.decision);
    }),
    RUNS,
  );
});

describe('silence and rules', () => {
  test('silence never advances, whatever the policy and however late', () => {
    fc.assert(
      fc.property(gates, fc.integer({ min: 0, max: 400 }), (gate, days) => {
        const outcome = silenceOutcome(gate, later(gate.deadline, days * DAY));
        if (outcome === 'escalate') {
          expect([gate.escalated, gate.policy.onSilence]).toEqual([false, 'escalate']);
          return;
        }
        expect(['kill', 'hold']).toContain(outcome.decision);
        expect(outcome.holdUntil === null).toBe(outcome.decision === 'kill');
      }),
      RUNS,
    );
  });

  test('time alone decides nothing: without a vote no gate is decided', () => {
    fc.assert(
      fc.property(
        gates,
        fc.integer({ min: -5, max: 4_000 }),
        fc.subarray([...MEMBERS]),
        (gate, days, recused) => {
          expect(tally({ ...gate, recused }, later(OPENED, days * DAY)).decided).toBeNull();
        },
      ),
      RUNS,
    );
  });

  test('rules advance only in mode auto, on a recommendation to advance, below the level', () => {
    const money = fc
      .integer({ min: 0, max: 2_000 })
      .map((amount) => ({ amount: `${amount}`, currency: 'EUR' }));
    const modes = fc.constantFrom(...GATE_MODES);
    fc.assert(
      fc.property(
        modes,
        recommendation,
        money,
        fc.option(money, { nil: undefined }),
        (mode, advice, spend, level) => {
          const policy = { ...POLICY, mode, ...(level === undefined ? {} : { autoBelow: level }) };
          const outcome = rulesOutcome(policy, advice, spend);
          if (outcome === null || outcome.decision === 'kill') return;
          expect(mode).toBe('auto');
          expect(outcome.decision).toBe(advice);
          expect(Number(spend.amount)).toBeLessThan(Number(level?.amount));
        },
      ),
      RUNS,
    );
  });
});

test('the order of independent votes changes nothing', () => {
  const ballots = fc.record({ ann: ballot, ben: ballot, fay: ballot });
  const order = fc.shuffledSubarray(['ann', 'ben', 'fay'] as const, { minLength: 3 });
  fc.assert(
    fc.property(ballots, order, threshold, recommendation, fc.boolean(), (given, who, rule, advice, veto) => {
      const inForce = [
        { seat: 'growth', count: 2, veto: false },
        { seat: 'finance', count: 1, veto },
      ];
      const gate = gateWith({ recommendation: advice, policy: { threshold: rule, seats: inForce } });
      const inOrder = (names: readonly (keyof typeof given)[]) =>
        tally(
          names.reduce((voted, name) => withVote(voted, proposalOf(name, given[name])), gate),
          gate.deadline,
        );
      expect(inOrder(who)).toEqual(inOrder(['ann', 'ben', 'fay']));
    }),
    RUNS,
  );
});

test('a majority, once decided, is not beaten by the votes still to come', () => {
  fc.assert(
    fc.property(gates, steps, fc.array(ballot, { minLength: 9, maxLength: 9 }), (opened, sequence, rest) => {
      let gate: Gate = { ...opened, policy: { ...opened.policy, threshold: { kind: 'majority' } } };
      let now = OPENED;
      for (const { step: next, hours } of sequence) {
        now = later(now, hours * HOUR);
        gate = after(gate, next, now, new Map());
      }
      const before = tally(gate, now);
      if (before.decided === null) return;
      for (const [index, person] of before.waitingFor.entries()) {
        gate = after(gate, { kind: 'vote', member: person, ballot: rest[index] ?? 'kill' }, now, new Map());
      }
      const then = tally(gate, now).decided?.decision ?? 'abstain';
      expect(advances(then)).toBe(advances(before.decided.decision));
      if (!advances(then)) expect(then).toBe(before.decided.decision);
    }),
    RUNS,
  );
});
