// A gate decides when its quorum, its threshold and its vetoes say so, and says why when it cannot.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { rulesOutcome, seatsInForce, silenceOutcome, tally } from '../../../domain/gate/tally.ts';
import type { GatePolicy } from '../../../domain/gate.ts';
import {
  COMMITTEE,
  conditionOf,
  DEADLINE,
  FINANCE,
  GROWTH,
  gateWith,
  LATER,
  NOW,
  OPENED,
  POLICY,
  proposalOf,
  rawVote,
  withVote,
  withVotes,
} from '../gate-fixture.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('majority', () => {
  test('waits for everybody at first', () => {
    expect(tally(gateWith(), NOW)).toEqual({
      decided: null,
      quorum: { needed: 2, reached: 0 },
      votesFor: {
        advance: 0,
        advance_with_conditions: 0,
        refine: 0,
        extend: 0,
        hold: 0,
        kill: 0,
        abstain: 0,
      },
      waitingFor: ['ann', 'ben', 'fay'],
      blocked: null,
      missingSeats: [],
    });
  });

  test('is reached as soon as it cannot be beaten any more', () => {
    const one = withVotes(gateWith({ policy: { quorum: 1 } }), { ann: 'advance' });
    expect(tally(one, NOW).decided).toBeNull();
    const two = withVotes(one, { ben: 'advance' });
    expect(tally(two, NOW).decided).toEqual({
      decision: 'advance',
      by: 'votes',
      reason: 'Votes: 2 advance (ann, ben).',
      conditions: [],
      holdUntil: null,
    });
  });

  test('is not reached without the quorum, which abstentions count for', () => {
    const policy = { quorum: 3 };
    const two = withVotes(gateWith({ policy }), { ann: 'advance', ben: 'advance' });
    expect(tally(two, NOW)).toMatchObject({
      decided: null,
      quorum: { needed: 3, reached: 2 },
      blocked: null,
    });
    expect(tally(withVotes(two, { fay: 'abstain' }), NOW).decided?.decision).toBe('advance');
  });

  test('half is no majority, and a plurality is none: the gate stays open and says why', () => {
    const split = withVotes(gateWith(), { ann: 'advance', ben: 'kill', fay: 'abstain' });
    expect(tally(split, NOW)).toMatchObject({
      decided: null,
      waitingFor: [],
      blocked: 'Every vote is in, and no decision has more than half of them.',
    });
    const spread = withVotes(gateWith(), { ann: 'advance', ben: 'kill', fay: 'refine' });
    expect(tally(spread, NOW).decided).toBeNull();
  });

  test('nothing is decided when all abstain', () => {
    const silent = withVotes(gateWith(), { ann: 'abstain', ben: 'abstain', fay: 'abstain' });
    expect(tally(silent, NOW)).toMatchObject({
      decided: null,
      blocked: 'Every vote is in, and all abstained.',
    });
  });

  test('a vote may change until the gate closes: the newest counts', () => {
    const first = withVotes(gateWith(), { ann: 'kill', fay: 'advance' });
    const changed = withVote(first, proposalOf('ann', 'advance'), LATER);
    expect(changed.votes).toHaveLength(3);
    expect(tally(changed, LATER)).toMatchObject({
      votesFor: { advance: 2, kill: 0 },
      decided: { decision: 'advance' },
    });
    expect(tally(changed, NOW).votesFor).toMatchObject({ advance: 1, kill: 1 });
  });
});

describe('other thresholds', () => {
  test('unanimity waits for every vote that can be given, and one dissent ends it', () => {
    const gate = gateWith({ policy: { threshold: { kind: 'unanimity' } } });
    const two = withVotes(gate, { ann: 'advance', ben: 'advance' });
    expect(tally(two, NOW).decided).toBeNull();
    expect(tally(withVotes(two, { fay: 'abstain' }), NOW).decided?.decision).toBe('advance');
    expect(tally(withVotes(two, { fay: 'kill' }), NOW)).toMatchObject({
      decided: null,
      blocked: 'Every vote is in, and they do not agree.',
    });
    expect(tally({ ...two, recused: ['fay'] }, NOW).decided?.decision).toBe('advance');
  });

  test('at_least n decides with n votes that lead, without waiting for the rest', () => {
    const gate = gateWith({ policy: { quorum: 1, threshold: { kind: 'at_least', votes: 2 } } });
    const one = withVotes(gate, { ann: 'kill' });
    expect(tally(one, NOW).decided).toBeNull();
    expect(tally(withVotes(one, { ben: 'kill' }), NOW).decided?.decision).toBe('kill');
    const split = withVotes(one, { ben: 'advance', fay: 'refine' });
    expect(tally(split, NOW).blocked).toBe(
      'Every vote is in, and no decision leads with the 2 votes it needs.',
    );
  });

  test('at_least n is not met by two courses at once', () => {
    const gate = gateWith({ policy: { quorum: 2, threshold: { kind: 'at_least', votes: 1 } } });
    const tied = withVotes(gate, { ann: 'kill', ben: 'advance' });
    expect(tally(tied, NOW).decided).toBeNull();
    expect(tally(withVotes(tied, { fay: 'kill' }), NOW).decided?.decision).toBe('kill');
  });
});

describe('seats', () => {
  const crowded = {
    ...COMMITTEE,
    holders: [...COMMITTEE.holders, { seat: 'growth', member: 'cat' }, { seat: 'growth', member: 'dan' }],
  };

  test('the first holders to vote fill a seat, and changing a vote keeps the place', () => {
    const gate = gateWith({
      committee: crowded,
      votes: [
        rawVote('ann', 'growth', 'advance'),
        rawVote('cat', 'growth', 'advance'),
        rawVote('dan', 'growth', 'kill'),
        rawVote('ann', 'growth', 'refine'),
      ],
    });
    expect(tally(gate, NOW)).toMatchObject({
      quorum: { reached: 2 },
      votesFor: { advance: 1, refine: 1, kill: 0 },
      waitingFor: ['fay'],
    });
  });

  test('a recusal with enough holders left lowers nothing', () => {
    const gate = gateWith({ committee: crowded, recused: ['ann', 'ben'], policy: { quorum: 3 } });
    expect(tally(gate, NOW)).toMatchObject({ quorum: { needed: 3 }, waitingFor: ['fay', 'cat', 'dan'] });
  });

  test('recusals lower the quorum to the votes that are left, never below 1', () => {
    const needed = (recused: string[]) =>
      tally(gateWith({ recused, policy: { quorum: 2 } }), NOW).quorum.needed;
    expect([needed([]), needed(['ann']), needed(['ann', 'ben']), needed(['ann', 'ben', 'fay'])]).toEqual([
      2, 2, 1, 1,
    ]);
  });

  test('a holder who owns the thesis counts as recused', () => {
    const gate = gateWith({ owner: 'ann', policy: { quorum: 3 } });
    expect(tally(gate, NOW)).toMatchObject({ quorum: { needed: 2 }, waitingFor: ['ben', 'fay'] });
  });

  test('a seat that nobody holds is named, and does not lower the quorum', () => {
    const legal = { seat: 'legal', count: 1, veto: false };
    const gate = gateWith({ policy: { seats: [GROWTH, FINANCE, legal], quorum: 4 } });
    expect(tally(gate, NOW)).toMatchObject({
      missingSeats: ['legal'],
      blocked: 'The quorum of 4 cannot be reached: 0 in, 3 still possible. Nobody can vote for legal.',
    });
  });

  test('votes of strangers, of the owner, on other evidence, or from the future do not count', () => {
    const votes = [
      rawVote('zoe', 'growth', 'advance'),
      rawVote('olga', 'growth', 'advance'),
      rawVote('ann', 'finance', 'advance'),
      rawVote('ben', 'growth', 'advance', { evidenceHash: 'other' }),
      rawVote('fay', 'finance', 'advance', { at: LATER }),
    ];
    const holders = [...COMMITTEE.holders, { seat: 'growth', member: 'olga' }];
    expect(tally(gateWith({ votes, committee: { ...COMMITTEE, holders } }), NOW).quorum.reached).toBe(0);
    const refreezing = gateWith({
      evidenceHash: '',
      votes: [rawVote('ann', 'growth', 'advance', { evidenceHash: '' })],
    });
    expect(tally(refreezing, NOW).quorum.reached).toBe(0);
  });

  test('a delegate speaks only while the delegation lives, and with one voice', () => {
    const lent = (from: string, seat: string, until: string) => ({ from, to: 'zoe', seat, until });
    const votes = [rawVote('zoe', 'finance', 'advance'), rawVote('zoe', 'growth', 'advance')];
    const ended = [lent('fay', 'finance', NOW), lent('ann', 'growth', OPENED)];
    expect(tally(gateWith({ votes, delegations: ended }), LATER).quorum.reached).toBe(0);
    const twice = [lent('fay', 'finance', LATER), lent('ann', 'growth', LATER)];
    expect(tally(gateWith({ votes, delegations: twice }), LATER).quorum.reached).toBe(1);
  });

  test('seats above a spend level exist once more than that is spent', () => {
    const legal = { seat: 'legal', count: 1, veto: false, aboveSpend: eur('50000') };
    const policy = { ...POLICY, seats: [GROWTH, legal] };
    expect(seatsInForce(policy, eur('50000'))).toEqual([GROWTH]);
    expect(seatsInForce(policy, eur('50000.01'))).toEqual([GROWTH, legal]);
    expect(() => seatsInForce(policy, { amount: '1', currency: 'USD' })).toThrow(RangeError);
  });
});

describe('vetoes and consent', () => {
  const seats = [GROWTH, { ...FINANCE, veto: true }];

  test('nothing is decided while a veto seat can still vote', () => {
    const gate = withVotes(gateWith({ policy: { seats } }), { ann: 'advance', ben: 'advance' });
    expect(tally(gate, NOW)).toMatchObject({
      decided: null,
      blocked: 'advance has the votes and waits for finance, which holds a veto.',
    });
    expect(tally(withVotes(gate, { fay: 'abstain' }), NOW).decided?.decision).toBe('advance');
    expect(tally({ ...gate, recused: ['fay'] }, NOW).decided?.decision).toBe('advance');
  });

  test('a veto blocks, whichever the decision', () => {
    const gate = withVotes(gateWith({ policy: { seats } }), { ann: 'advance', ben: 'advance', fay: 'kill' });
    expect(tally(gate, NOW)).toMatchObject({
      decided: null,
      blocked: 'fay (finance) voted kill: a veto against advance.',
    });
    const kill = withVotes(gateWith({ policy: { seats } }), { ann: 'kill', ben: 'kill', fay: 'advance' });
    expect(tally(kill, NOW).blocked).toBe('fay (finance) voted advance: a veto against kill.');
  });

  test('a conditional advance is no veto against advancing', () => {
    const votes = { ann: 'advance', ben: 'advance', fay: 'advance_with_conditions' } as const;
    const gate = withVotes(gateWith({ policy: { seats } }), votes);
    expect(tally(gate, NOW).decided).toMatchObject({
      decision: 'advance_with_conditions',
      conditions: [conditionOf('of-fay')],
    });
  });

  test('a decision against the recommendation needs the seat that the policy names', () => {
    const policy = { againstRecommendation: { seat: 'finance' } };
    const against = withVotes(gateWith({ policy, recommendation: 'kill' }), {
      ann: 'advance',
      ben: 'advance',
    });
    expect(tally(against, NOW)).toMatchObject({
      decided: null,
      blocked: 'advance goes against the recommendation (kill) and needs a vote for it from finance.',
    });
    expect(tally(withVotes(against, { fay: 'abstain' }), NOW).decided).toBeNull();
    expect(tally(withVotes(against, { fay: 'advance' }), NOW).decided?.decision).toBe('advance');
    const along = withVotes(gateWith({ policy }), { ann: 'advance', ben: 'advance' });
    expect(tally(along, NOW).decided?.decision).toBe('advance');
  });
});

describe('the outcome', () => {
  test('joins the conditions of all conditional votes, whoever voted first', () => {
    const gate = gateWith({ policy: { quorum: 3 } });
    const conditional = { conditions: [conditionOf('b'), conditionOf('a')] };
    const voted = withVotes(withVote(gate, proposalOf('fay', 'advance_with_conditions', conditional)), {
      ann: 'advance',
      ben: 'advance_with_conditions',
    });
    expect(tally(voted, NOW).decided).toMatchObject({
      decision: 'advance_with_conditions',
      reason: 'Votes: 1 advance (ann); 2 advance_with_conditions (ben, fay).',
      conditions: [conditionOf('a'), conditionOf('b'), conditionOf('of-ben')],
    });
  });

  test('a hold ends at the earliest date that its votes name', () => {
    const gate = withVote(gateWith(), proposalOf('ann', 'hold', { holdUntil: DEADLINE }));
    const held = withVote(gate, proposalOf('ben', 'hold', { holdUntil: LATER }));
    expect(tally(held, NOW).decided).toMatchObject({ decision: 'hold', holdUntil: LATER });
  });
});

describe('silence', () => {
  const escalation = { committee: 'comex', deadline: 'P2D' };

  test('kills or holds, as the policy says; a hold has an expiry', () => {
    expect(silenceOutcome(gateWith(), DEADLINE)).toMatchObject({ decision: 'kill', holdUntil: null });
    const hold = gateWith({ policy: { onSilence: 'hold' } });
    expect(silenceOutcome(hold, DEADLINE)).toEqual({
      decision: 'hold',
      by: 'silence',
      reason: `No decision by ${DEADLINE}: silence means hold.`,
      conditions: [],
      holdUntil: '2026-03-23T09:00:00.000Z',
    });
  });

  test('escalates once, and holds after that or without anybody to escalate to', () => {
    const policy = { onSilence: 'escalate', escalation } as const;
    expect(silenceOutcome(gateWith({ policy }))).toBe('escalate');
    expect(silenceOutcome(gateWith({ policy, escalated: true }))).toMatchObject({ decision: 'hold' });
    expect(silenceOutcome(gateWith({ policy: { onSilence: 'escalate' } }))).toMatchObject({
      decision: 'hold',
    });
  });

  test('has no advance in its type', () => {
    type Decided = Exclude<ReturnType<typeof silenceOutcome>, 'escalate'>['decision'];
    expectTypeOf<Decided>().toEqualTypeOf<'kill' | 'hold'>();
  });
});

describe('rules', () => {
  const auto: GatePolicy = { ...POLICY, mode: 'auto', autoBelow: eur('1000') };

  test.each([
    ['committee decides all', { ...POLICY }, 'kill', '0', null],
    ['auto_kill kills', { ...POLICY, mode: 'auto_kill' }, 'kill', '99999', 'kill'],
    ['auto_kill does nothing else', { ...POLICY, mode: 'auto_kill' }, 'advance', '0', null],
    ['auto advances below its level', auto, 'advance', '999.99', 'advance'],
    ['auto refines below its level', auto, 'refine', '0', 'refine'],
    ['auto stops at its level', auto, 'advance', '1000', null],
    ['auto kills nothing above its level', auto, 'kill', '1000', null],
    ['auto without a level decides nothing', { ...POLICY, mode: 'auto' }, 'advance', '0', null],
  ] as const)('%s', (_, policy, recommendation, spend, decision) => {
    const outcome = rulesOutcome(policy, recommendation, eur(spend));
    expect(outcome?.decision ?? null).toBe(decision);
    if (outcome !== null) expect(outcome).toMatchObject({ by: 'rules', conditions: [], holdUntil: null });
  });

  test('say which rule', () => {
    expect(rulesOutcome(auto, 'advance', eur('1'))?.reason).toBe(
      'The rules recommend advance and decide while less than 1000 EUR is spent.',
    );
  });
});

test('a decided gate waits for nothing in its way', () => {
  const gate = withVotes(gateWith(), { ann: 'advance', ben: 'advance' });
  expect(tally(gate, NOW)).toMatchObject({ blocked: null, decided: { decision: 'advance' } });
  expect(tally(gate, OPENED).decided).toBeNull();
});
