// Who may vote, delegate and step aside, and the refusal that everybody else gets.
import { describe, expect, test } from 'vitest';
import { admitDelegation, admitRecusal, admitVote } from '../../../domain/gate/admission.ts';
import { tally } from '../../../domain/gate/tally.ts';
import { readVoteProposal, VOTE_LIMITS } from '../../../domain/gate/vote-check.ts';
import type { Gate } from '../../../domain/gate.ts';
import { isRefusal } from '../../../domain/refusal.ts';
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
  proposalOf,
  withVote,
  withVotes,
} from '../gate-fixture.ts';

function delegated(gate: Gate, from: string, to: string, until = LATER, now = NOW): Gate {
  const delegation = admitDelegation(gate, { from, to, until }, now);
  if (isRefusal(delegation)) throw new Error(`refused: ${delegation.refused}: ${delegation.detail}`);
  return { ...gate, delegations: [...gate.delegations, delegation] };
}

describe('a vote', () => {
  test('is recorded with its seat and its time', () => {
    const margin = { amount: '1200.50', currency: 'EUR' };
    const given = { probability: 0.4, expectedMargin: margin, reason: '  ' };
    expect(admitVote(gateWith(), proposalOf('fay', 'advance', given), NOW)).toEqual({
      member: 'fay',
      seat: 'finance',
      ballot: 'advance',
      reason: null,
      conditions: [],
      holdUntil: null,
      probability: 0.4,
      expectedMargin: margin,
      evidenceHash: gateWith().evidenceHash,
      at: NOW,
    });
  });

  test('is refused for the first thing that is wrong, in a fixed order', () => {
    const everything = {
      gateId: 'thesis-1.9',
      evidenceHash: 'other',
      reason: ' ',
      conditions: [],
      probability: 2,
    };
    const holders = [...COMMITTEE.holders, { seat: 'growth', member: 'olga' }];
    const gate = gateWith({ committee: { ...COMMITTEE, holders }, recused: ['ann'], recommendation: 'kill' });
    const refused = (member: string, corrections: object): string => {
      const proposal = proposalOf(member, 'advance_with_conditions', { ...everything, ...corrections });
      const answer = admitVote(gate, proposal, NOW);
      return isRefusal(answer) ? answer.refused : 'admitted';
    };
    const { id: gateId, evidenceHash } = gate;
    const filed = { gateId, evidenceHash };
    expect(refused('olga', {})).toBe('gate_unknown');
    expect(refused('olga', { gateId })).toBe('evidence_changed');
    expect(refused('olga', filed)).toBe('owner_cannot_vote');
    expect(refused('ann', filed)).toBe('recused');
    expect(refused('zoe', filed)).toBe('no_seat');
    expect(refused('ben', filed)).toBe('reason_required');
    expect(refused('ben', { ...filed, reason: 'r' })).toBe('conditions_required');
    expect(refused('ben', { ...filed, reason: 'r', conditions: [conditionOf('a')] })).toBe('invalid_input');
    const sound = { ...filed, reason: 'r', conditions: [conditionOf('a')], probability: 1 };
    expect(refused('ben', sound)).toBe('admitted');
  });

  test('finds no gate to vote at while the evidence is frozen anew', () => {
    const refreezing = gateWith({ evidenceHash: '' });
    const proposal = proposalOf('ann', 'advance', { evidenceHash: '' });
    expect(admitVote(refreezing, proposal, NOW)).toMatchObject({ refused: 'evidence_changed' });
  });

  test.each([
    ['kill', 'kill', true],
    ['refine', 'refine', true],
    ['hold', 'hold', true],
    ['extend', 'extend', false],
    ['advance', 'advance', false],
    ['advance_with_conditions', 'advance', false],
    ['abstain', 'kill', false],
    ['advance', 'extend', true],
    ['advance_with_conditions', 'kill', true],
    ['extend', 'advance', true],
  ] as const)('for %s on a recommendation to %s needs a reason: %s', (ballot, recommendation, needed) => {
    const proposal = proposalOf('ann', ballot, { reason: null });
    const answer = admitVote(gateWith({ recommendation }), proposal, NOW);
    expect(isRefusal(answer) && answer.refused === 'reason_required').toBe(needed);
  });

  test.each([null, NOW, OPENED, 'next week'])('to hold until %s is refused', (holdUntil) => {
    const answer = admitVote(gateWith(), proposalOf('ann', 'hold', { holdUntil }), NOW);
    expect(answer).toMatchObject({ refused: 'hold_expiry_required', fields: [{ path: 'holdUntil' }] });
  });

  test('cannot fill a seat that others have filled, but can be changed', () => {
    const holders = [...COMMITTEE.holders, { seat: 'finance', member: 'gus' }];
    const gate = withVotes(gateWith({ committee: { ...COMMITTEE, holders } }), { gus: 'kill' });
    const answer = admitVote(gate, proposalOf('fay', 'advance'), NOW);
    expect(answer).toMatchObject({ refused: 'no_seat', detail: expect.stringContaining('given by others') });
    expect(admitVote(gate, proposalOf('gus', 'advance'), LATER)).toMatchObject({ seat: 'finance' });
  });

  test('of a holder of two seats leaves the seat that a colleague needs, and keeps its own when changed', () => {
    const holders = [...COMMITTEE.holders, { seat: 'growth', member: 'fay' }];
    const committee = { ...COMMITTEE, holders };
    const gate = withVotes(gateWith({ committee }), { fay: 'advance', ann: 'advance' });
    expect(gate.votes[0]?.seat).toBe('finance');
    expect(withVotes(gate, { fay: 'kill' }).votes[2]?.seat).toBe('finance');
    expect(tally(gate, NOW)).toMatchObject({ quorum: { reached: 2 }, waitingFor: ['ben'] });
  });

  test('does not use a seat that is not in force', () => {
    const gate = gateWith({ seats: [GROWTH] });
    expect(admitVote(gate, proposalOf('fay', 'advance'), NOW)).toMatchObject({ refused: 'no_seat' });
    expect(gate.policy.seats).toContain(FINANCE);
  });
});

describe('the fields of a vote', () => {
  const fieldsOf = (changes: object, ballot: 'advance' | 'advance_with_conditions' = 'advance') => {
    const answer = admitVote(gateWith(), proposalOf('ann', ballot, changes), NOW);
    return isRefusal(answer) ? answer.fields?.map(({ path }) => path) : 'admitted';
  };

  test.each([
    [{ probability: -0.01 }, 'probability'],
    [{ probability: 1.01 }, 'probability'],
    [{ probability: Number.NaN }, 'probability'],
    [{ expectedMargin: { amount: '1e5', currency: 'EUR' } }, 'expectedMargin'],
    [{ expectedMargin: { amount: '5', currency: 'euro' } }, 'expectedMargin'],
    [{ reason: 'x'.repeat(VOTE_LIMITS.text + 1) }, 'reason'],
    [{ holdUntil: DEADLINE }, 'holdUntil'],
    [{ conditions: [conditionOf('a')] }, 'conditions'],
  ])('%j is wrong at %s', (changes, path) => {
    expect(fieldsOf(changes)).toEqual([path]);
  });

  test('each condition is checked where it stands', () => {
    const a = conditionOf('a');
    const metric = { metric: 'cac', comparison: 'at_most', bound: '40' } as const;
    const withConditions = (...conditions: object[]) => fieldsOf({ conditions }, 'advance_with_conditions');
    expect(withConditions(a, { ...a, id: 'b', text: '', metric })).toBe('admitted');
    expect(withConditions(a, { ...a, due: NOW })).toEqual(['conditions[1].due', 'conditions[1].id']);
    expect(withConditions({ ...a, text: ' ' })).toEqual(['conditions[0].text']);
    expect(withConditions({ ...a, owner: '' })).toEqual(['conditions[0].owner']);
    expect(withConditions({ ...a, metric: { ...metric, bound: 'forty' } })).toEqual(['conditions[0].metric']);
    expect(withConditions(...Array.from({ length: 21 }, (_, n) => conditionOf(`c${n}`)))).toEqual([
      'conditions',
    ]);
  });

  test('a condition id belongs to one voter, who may use it again', () => {
    const conditions = [conditionOf('shared')];
    const gate = withVote(gateWith(), proposalOf('ann', 'advance_with_conditions', { conditions }));
    const other = admitVote(gate, proposalOf('ben', 'advance_with_conditions', { conditions }), NOW);
    expect(other).toMatchObject({ refused: 'invalid_input', fields: [{ path: 'conditions[0].id' }] });
    expect(
      isRefusal(admitVote(gate, proposalOf('ann', 'advance_with_conditions', { conditions }), NOW)),
    ).toBe(false);
  });
});

describe('a proposal of unknown shape', () => {
  test('is read when it has the form of a vote, without what is not part of it', () => {
    const { reason: _, ...least } = proposalOf('ann', 'advance');
    expect(readVoteProposal({ ...least, admin: true })).toEqual({ ...least, reason: null });
  });

  test.each([[null], [[]], ['advance'], [{}]])('%j is refused, never a crash', (input) => {
    const answer = readVoteProposal(input);
    expect(answer).toMatchObject({ refused: 'invalid_input' });
  });

  test('names every field that is wrong', () => {
    const input = { ...proposalOf('ann', 'advance'), ballot: 'approve', conditions: [null], member: 7 };
    const answer = readVoteProposal(input);
    const paths = isRefusal(answer) ? answer.fields?.map(({ path }) => path) : [];
    expect(paths).toEqual(['member', 'ballot', 'conditions[0]']);
  });
});

describe('a delegation', () => {
  test('moves the vote to the delegate until it ends, and then back', () => {
    const gate = delegated(gateWith(), 'fay', 'zoe');
    expect(tally(gate, NOW).waitingFor).toEqual(['ann', 'ben', 'zoe']);
    expect(admitVote(gate, proposalOf('fay', 'advance'), NOW)).toMatchObject({
      refused: 'no_seat',
      detail: `fay delegated the seat finance to zoe until ${LATER}.`,
    });
    expect(admitVote(gate, proposalOf('zoe', 'advance'), NOW)).toMatchObject({ seat: 'finance' });
    expect(admitVote(gate, proposalOf('zoe', 'advance'), LATER)).toMatchObject({ refused: 'no_seat' });
    expect(admitVote(gate, proposalOf('fay', 'advance'), LATER)).toMatchObject({ seat: 'finance' });
  });

  test("leaves the delegate's vote standing when it ends, until the holder votes", () => {
    const gate = withVote(delegated(gateWith(), 'fay', 'zoe'), proposalOf('zoe', 'kill'));
    expect(tally(gate, DEADLINE)).toMatchObject({ votesFor: { kill: 1 }, waitingFor: ['ann', 'ben'] });
    const back = withVote(gate, proposalOf('fay', 'advance'), LATER);
    expect(tally(back, DEADLINE)).toMatchObject({
      votesFor: { kill: 0, advance: 1 },
      quorum: { reached: 1 },
    });
  });

  test('names the holder in the outcome', () => {
    const gate = withVotes(delegated(gateWith(), 'fay', 'zoe'), { zoe: 'advance', ann: 'advance' });
    expect(tally(gate, NOW).decided?.reason).toBe('Votes: 2 advance (ann, zoe for fay).');
  });

  test('can be replaced before a vote', () => {
    const gate = delegated(delegated(gateWith(), 'fay', 'zoe'), 'fay', 'yan');
    expect(tally(gate, NOW).waitingFor).toContain('yan');
    expect(admitVote(gate, proposalOf('zoe', 'advance'), NOW)).toMatchObject({ refused: 'no_seat' });
  });

  test('falls away when the delegate steps aside', () => {
    const gate = { ...delegated(gateWith(), 'fay', 'zoe'), recused: ['zoe'] };
    expect(admitVote(gate, proposalOf('fay', 'advance'), NOW)).toMatchObject({ seat: 'finance' });
  });

  const taken = delegated(gateWith({ recused: ['ben'] }), 'fay', 'zoe');
  const voted = withVotes(gateWith(), { fay: 'advance' });
  const delegateVoted = withVotes(delegated(gateWith(), 'fay', 'zoe'), { zoe: 'advance' });

  test.each([
    ['by the owner', gateWith(), 'olga', 'zoe', 'owner_cannot_vote'],
    ['by a recused member', taken, 'ben', 'zoe', 'recused'],
    ['by a stranger', gateWith(), 'zoe', 'yan', 'no_seat'],
    ['by a delegate', taken, 'zoe', 'yan', 'no_seat'],
    ['after a vote', voted, 'fay', 'zoe', 'already_voted'],
    ["after the delegate's vote", delegateVoted, 'fay', 'yan', 'already_voted'],
    ['to nobody', gateWith(), 'fay', ' ', 'delegation_not_allowed'],
    ['to the owner', gateWith(), 'fay', 'olga', 'delegation_not_allowed'],
    ['to oneself', gateWith(), 'fay', 'fay', 'delegation_not_allowed'],
    ['to another holder', gateWith(), 'fay', 'ann', 'delegation_not_allowed'],
    ['to somebody who speaks for another', taken, 'ann', 'zoe', 'delegation_not_allowed'],
    ['to somebody who has voted', delegateVoted, 'ann', 'zoe', 'delegation_not_allowed'],
  ] as const)('%s is refused', (_, gate, from, to, refused) => {
    expect(admitDelegation(gate, { from, to, until: LATER }, NOW)).toMatchObject({ refused });
  });

  test.each([NOW, OPENED, 'tomorrow'])('until %s is refused', (until) => {
    const answer = admitDelegation(gateWith(), { from: 'fay', to: 'zoe', until }, NOW);
    expect(answer).toMatchObject({ refused: 'invalid_input', fields: [{ path: 'until' }] });
  });
});

describe('a recusal', () => {
  test('is open to holders and delegates, with a reason', () => {
    const reason = 'I worked on it.';
    expect(admitRecusal(gateWith(), { member: 'ann', reason }, NOW)).toBeNull();
    const gate = delegated(gateWith(), 'fay', 'zoe');
    expect(admitRecusal(gate, { member: 'zoe', reason }, NOW)).toBeNull();
    expect(admitRecusal(gate, { member: 'fay', reason }, NOW)).toBeNull();
  });

  test.each([
    ['of the owner', gateWith(), 'olga', 'r', 'owner_cannot_vote'],
    ['of a recused member', gateWith({ recused: ['ann'] }), 'ann', 'r', 'recused'],
    ['of a stranger', gateWith(), 'zoe', 'r', 'no_seat'],
    ['after a vote', withVotes(gateWith(), { ann: 'advance' }), 'ann', 'r', 'already_voted'],
    ['without a reason', gateWith(), 'ann', ' ', 'reason_required'],
  ] as const)('%s is refused', (_, gate, member, reason, refused) => {
    expect(admitRecusal(gate, { member, reason }, NOW)).toMatchObject({ refused });
  });
});
