// Who may vote, what a vote does, and what makes votes void: other evidence, a hold, somebody who steps aside.
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, later } from '../../domain/duration.ts';
import type { Ballot } from '../../domain/gate.ts';
import { contractWith, day, OWNER, THESIS } from '../support/small-contract.ts';
import { type Given, given } from '../support/thesis.ts';
import { advancing, atGate, enters } from '../support/thesis-past.ts';
import {
  asks,
  condition,
  fallsSilent,
  finds,
  freezesAnew,
  opensGate,
  readsOut,
  type Step,
  votes,
} from '../support/thesis-steps.ts';

const both = (ballot: Ballot): [Step, Step] => [votes('ann', ballot), votes('ben', ballot)];

describe('a vote', () => {
  test('waits for the others, and decides once they are enough', () => {
    const one = atGate().when(votes('ann', 'advance')).thenEvents({ type: 'VoteCast', via: 'update' });
    one
      .when(votes('fay', 'advance'))
      .thenEvents(
        'VoteCast',
        { type: 'GateDecided', stage: 'detect', recommendation: 'advance', outcome: { by: 'votes' } },
        { type: 'StageEntered', stage: 'prototype' },
      );
  });

  test('is refused to whom it does not belong, with the reason', () => {
    const gate = atGate();
    gate.when(votes(OWNER, 'advance')).thenRefused('owner_cannot_vote');
    gate.when(votes('zoe', 'advance')).thenRefused('no_seat');
    gate.when(asks('ben', votes('ann', 'advance').command)).thenRefused('no_seat');
    gate.when(asks('admin', votes('ann', 'advance').command)).thenRefused('no_seat');
    gate.when(votes('ann', 'kill', { reason: ' ' })).thenRefused('reason_required');
    gate.when(votes('ann', 'advance', { evidenceHash: 'other' })).thenRefused('evidence_changed');
  });

  test('is refused before its gate, after it, and for no gate at all', () => {
    given().when(votes('ann', 'advance')).thenRefused('gate_not_open');
    const decided = atGate().and(...advancing());
    decided.when(votes('ben', 'kill', { gateId: `${THESIS}.1` })).thenRefused('gate_closed');
    decided.when(votes('ben', 'kill', { gateId: `${THESIS}.2` })).thenRefused('gate_not_open');
    for (const gateId of ['other.1', `${THESIS}.0`, `${THESIS}.1.5`, `${THESIS}.x`, '']) {
      decided.when(votes('ben', 'kill', { gateId })).thenRefused('gate_unknown');
    }
  });

  test('by signal leaves its refusal in the journal, and only a refusal', () => {
    const refused = (step: Step, past: Given) =>
      past.when(
        finds((state, now) => {
          const command = step.command(state, now);
          if (command.type !== 'DecideGate') throw new Error('not a vote');
          const { vote } = command;
          return { type: 'RecordRefusedVote', gateId: vote.gateId, member: vote.member, vote };
        }),
      );
    refused(votes('zoe', 'advance'), atGate()).thenEvents({
      type: 'VoteRefused',
      member: 'zoe',
      refusal: { refused: 'no_seat' },
    });
    refused(votes('ann', 'advance'), atGate()).thenEvents();
  });

  test('for what the playbook no longer allows is refused whoever casts it', () => {
    const refined = atGate()
      .and(...both('refine'))
      .at(day(14))
      .and(readsOut(), opensGate());
    refined.when(votes('ann', 'refine')).thenRefused('refinements_exhausted');
    const extended = atGate()
      .and(...both('extend'))
      .at(day(21))
      .and(readsOut(), opensGate());
    extended.when(votes('ann', 'extend')).thenRefused('extensions_exhausted');
    enters('scale')
      .at(day(28))
      .and(readsOut(), opensGate())
      .when(votes('ann', 'advance'))
      .thenRefused('ramp_incomplete');
  });
});

describe('delegations and recusals', () => {
  test('a delegate votes in the place of the holder', () => {
    const delegated = atGate()
      .when(asks('ann', { type: 'DelegateSeat', gateId: `${THESIS}.1`, to: 'zoe', until: day(10) }))
      .thenEvents({ type: 'SeatDelegated', delegation: { from: 'ann', to: 'zoe', seat: 'growth' } });
    delegated.when(votes('ann', 'advance')).thenRefused('no_seat');
    delegated
      .and(votes('zoe', 'advance'))
      .when(votes('fay', 'advance'))
      .thenEvents('VoteCast', 'GateDecided', 'StageEntered');
  });

  test('a recusal lowers the base, and may let the votes given decide', () => {
    const recuses = asks('ben', { type: 'Recuse', gateId: `${THESIS}.1`, reason: 'I own shares.' });
    const three = contractWith({ gate: { quorum: 3 } });
    atGate(three)
      .and(...advancing())
      .when(recuses)
      .thenEvents({ type: 'MemberRecused', member: 'ben' }, 'GateDecided', 'StageEntered');
    const stepped = atGate().when(recuses).thenEvents('MemberRecused');
    stepped.when(votes('ben', 'advance')).thenRefused('recused');
  });

  test('need an open gate', () => {
    given()
      .when(asks('ann', { type: 'DelegateSeat', gateId: `${THESIS}.1`, to: 'zoe', until: day(10) }))
      .thenRefused('gate_not_open');
    given()
      .when(asks('ann', { type: 'Recuse', gateId: `${THESIS}.1`, reason: 'I own shares.' }))
      .thenRefused('gate_not_open');
  });
});

describe('the file', () => {
  const evidence = asks(OWNER, { type: 'SubmitEvidence', submission: 's-1', metrics: ['interviews'] });

  test('changes with new evidence: votes are void, and none is taken until it is frozen anew', () => {
    const voided = atGate()
      .and(votes('ann', 'advance'))
      .when(evidence)
      .thenEvents('EvidenceSubmitted', { type: 'VotesVoided', members: ['ann'] });
    voided.when(votes('fay', 'advance')).thenRefused('evidence_changed');
    const frozen = voided
      .at(day(8))
      .and(readsOut())
      .when(freezesAnew())
      .thenEvents({ type: 'EvidenceRefrozen', recommendation: 'advance' });
    frozen.when(votes('fay', 'advance')).thenEvents('VoteCast');
  });

  test('is not frozen on evidence that came while it was being frozen', () => {
    const voided = atGate().and(evidence).at(day(8)).and(readsOut());
    const frozenTooSoon = freezesAnew();
    voided
      .at(later(day(8), HOUR))
      .and(evidence)
      .when(frozenTooSoon)
      .thenEvents();
  });

  test('of a gate that is gone is not frozen', () => {
    given().when(freezesAnew()).thenEvents();
  });
});

describe('a hold that begins at an open gate', () => {
  const tripped = readsOut({ states: { 'loss-limit': 'fail' } });
  const held = atGate().and(votes('ann', 'advance')).at(day(8)).and(tripped);

  test('is not bypassed: the gate takes votes to kill only', () => {
    expect(held.state.gate).not.toBeNull();
    for (const ballot of [
      'advance',
      'advance_with_conditions',
      'refine',
      'extend',
      'hold',
      'abstain',
    ] as const) {
      held.when(votes('fay', ballot)).thenRefused('already_held');
    }
    const { state } = held
      .and(votes('fay', 'kill'))
      .when(votes('ben', 'kill'))
      .thenEvents('VoteCast', 'GateDecided', 'ThesisKilled', 'StageEntered');
    expect(state).toMatchObject({ hold: null, outcome: 'killed' });
  });

  test('is not bypassed by a recusal that lets earlier votes decide', () => {
    const three = contractWith({ gate: { quorum: 3 } });
    atGate(three)
      .and(...advancing())
      .at(day(8))
      .and(tripped)
      .when(asks('ben', { type: 'Recuse', gateId: `${THESIS}.1`, reason: 'I own shares.' }))
      .thenEvents('MemberRecused');
  });

  test("stops the committee's clock, and its votes are void once it ends", () => {
    held.at(day(20)).when(fallsSilent()).thenEvents();
    const { state } = held
      .at(day(11))
      .when(asks(OWNER, { type: 'Resume', reason: 'The loss was a booking error.' }))
      .thenEvents({ type: 'ThesisResumed', heldFor: 3 * DAY }, { type: 'VotesVoided', members: ['ann'] });
    expect(state.gate).toMatchObject({ deadline: day(15), reminders: [day(13)], evidenceHash: '' });
  });

  test('cannot be put by its owner: an open gate is the committee to convince', () => {
    atGate()
      .when(hold(day(9)))
      .thenRefused('not_in_this_stage');
  });

  test('may come from a missed condition', () => {
    const conditional = votes('ann', 'advance_with_conditions', { conditions: [condition('c-1', day(15))] });
    const at = atGate().and(conditional, votes('fay', 'advance')).at(day(14)).and(readsOut(), opensGate());
    at.at(day(15))
      .when(finds({ type: 'CheckConditions' }))
      .thenEvents({ type: 'ConditionMissed', conditionId: 'c-1' }, { type: 'ThesisHeld', until: null })
      .when(votes('ann', 'advance'))
      .thenRefused('already_held');
  });
});

function hold(until: string): Step {
  return asks(OWNER, { type: 'Hold', reason: 'Strike.', until });
}
