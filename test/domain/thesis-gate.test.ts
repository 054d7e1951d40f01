// How a gate opens, what each decision means for the thesis, what rules may decide, and what silence means.
import { describe, expect, test } from 'vitest';
import { DAY, later } from '../../domain/duration.ts';
import type { Ballot, Committee } from '../../domain/gate.ts';
import { COMMITTEE, contractWith, day, euros, OWNER, THESIS } from '../support/small-contract.ts';
import { given } from '../support/thesis.ts';
import { atGate, rampSoaked } from '../support/thesis-past.ts';
import { asks, fallsSilent, finds, opensGate, readsOut, type Step, votes } from '../support/thesis-steps.ts';

const both = (ballot: Ballot): [Step, Step] => [votes('ann', ballot), votes('ben', ballot)];

describe('opening', () => {
  test('shows the file, the seats in force, the recommendation and the deadline', () => {
    const { state } = given()
      .at(day(7))
      .and(readsOut())
      .when(opensGate())
      .thenEvents({ type: 'GateOpened', advice: { decision: 'advance' }, contractVersion: 1 });
    expect(state.gate).toMatchObject({
      id: `${THESIS}.1`,
      recommendation: 'advance',
      deadline: day(12),
      votes: [],
      escalated: false,
    });
  });

  test('needs a read-out, its own number, and nothing else open', () => {
    given().at(day(7)).when(opensGate()).thenRefused('not_in_this_stage');
    atGate().when(opensGate()).thenRefused('not_in_this_stage');
    const second = opensGate().command(atGate().state, day(7));
    given().at(day(7)).and(readsOut()).when(finds(second)).thenRefused('not_in_this_stage');
    const held = given()
      .at(day(7))
      .and(readsOut())
      .and(hold(day(9)));
    held.when(opensGate()).thenRefused('not_in_this_stage');
  });

  test('seats and automatic decisions go by what the whole thesis has spent', () => {
    const legal = { seat: 'legal', count: 1, veto: false, aboveSpend: euros('500') };
    const contract = contractWith({ gate: { seats: [{ seat: 'growth', count: 2, veto: false }, legal] } });
    const first = atGate(contract, { spend: '400' });
    expect(first.state.gate?.seats.map(({ seat }) => seat)).toEqual(['growth']);
    const second = first
      .and(...both('advance'))
      .at(day(14))
      .and(readsOut({ spend: '101' }), opensGate());
    expect(second.state.gate?.seats.map(({ seat }) => seat)).toEqual(['growth', 'legal']);
  });
});

describe('by rule', () => {
  const auto = contractWith({ gate: { mode: 'auto', autoBelow: euros('500') } });

  test('mode auto advances on passing criteria, below its spend level', () => {
    given(auto)
      .at(day(7))
      .and(readsOut({ spend: '499' }))
      .when(opensGate())
      .thenEvents(
        'GateOpened',
        { type: 'GateDecided', outcome: { by: 'rules', decision: 'advance' } },
        { type: 'StageEntered', stage: 'prototype' },
      );
    given(auto)
      .at(day(7))
      .and(readsOut({ spend: '500' }))
      .when(opensGate())
      .thenEvents('GateOpened');
  });

  test('mode auto counts what earlier stages spent', () => {
    const second = given(auto)
      .at(day(7))
      .and(readsOut({ spend: '499' }), opensGate());
    second
      .at(day(14))
      .and(readsOut({ spend: '1' }))
      .when(opensGate())
      .thenEvents('GateOpened');
  });

  test('mode auto never advances without a verdict', () => {
    for (const said of ['inconclusive', 'no_data', 'error', 'fail'] as const) {
      const { outcome } = given(auto)
        .at(day(14))
        .and(readsOut({ states: { 'cac-ceiling': said } }))
        .when(opensGate());
      expect(outcome).not.toContainEqual({ type: 'StageEntered', stage: 'prototype' });
    }
  });

  test('mode auto_kill kills, and leaves everything else to people', () => {
    const autoKill = contractWith({ gate: { mode: 'auto_kill' } });
    given(autoKill)
      .at(day(7))
      .and(readsOut({ states: { 'cac-ceiling': 'fail' } }))
      .when(opensGate())
      .thenEvents(
        'GateOpened',
        { type: 'GateDecided', outcome: { by: 'rules', decision: 'kill' } },
        { type: 'ThesisKilled', by: 'rules' },
        { type: 'StageEntered', stage: 'retex' },
      );
    given(autoKill).at(day(7)).and(readsOut()).when(opensGate()).thenEvents('GateOpened');
  });
});

describe('a decision', () => {
  test('to advance with conditions adds them to the thesis', () => {
    const { state } = atGate()
      .and(votes('ann', 'advance_with_conditions'))
      .when(votes('fay', 'advance'))
      .thenEvents(
        'VoteCast',
        { type: 'GateDecided', outcome: { decision: 'advance_with_conditions' } },
        { type: 'ConditionAdded', condition: { id: 'of-ann' } },
        { type: 'StageEntered', stage: 'prototype' },
      );
    expect(state.conditions).toHaveLength(1);
  });

  test('to refine begins the stage anew, counted', () => {
    const { state } = atGate()
      .and(votes('ann', 'refine'))
      .when(votes('ben', 'refine'))
      .thenEvents('VoteCast', 'GateDecided', { type: 'StageRefined', round: 1 });
    expect(state).toMatchObject({
      stage: 'detect',
      round: 1,
      stageSince: day(7),
      lastReadOut: null,
      gate: null,
    });
  });

  test('to extend gives a whole minimum duration, at a gate that settled early and at one past the end', () => {
    const early = atGate()
      .at(day(8))
      .and(votes('ann', 'extend'))
      .when(votes('ben', 'extend'))
      .thenEvents('VoteCast', 'GateDecided', { type: 'StageExtended', by: 7 * DAY, until: day(15) });
    expect(early.state).toMatchObject({ extensions: 1, extendedBy: 7 * DAY, gateNotBefore: day(15) });
    given()
      .at(day(14))
      .and(readsOut({ states: { 'ctr-floor': 'inconclusive' } }), opensGate())
      .at(day(17))
      .and(votes('ann', 'extend'))
      .when(votes('ben', 'extend'))
      .thenEvents('VoteCast', 'GateDecided', { type: 'StageExtended', by: 10 * DAY, until: day(24) });
  });

  test('to hold lasts until the earliest date that was voted', () => {
    const { state } = atGate()
      .and(votes('ann', 'hold', { holdUntil: day(30) }))
      .when(votes('ben', 'hold', { holdUntil: day(20) }))
      .thenEvents('VoteCast', 'GateDecided', { type: 'ThesisHeld', by: 'committee', until: day(20) });
    expect(state.hold).toMatchObject({ until: day(20), since: day(7) });
  });

  test('to kill goes to retex', () => {
    const { state } = atGate()
      .and(votes('ann', 'kill'))
      .when(votes('ben', 'kill'))
      .thenEvents(
        'VoteCast',
        'GateDecided',
        { type: 'ThesisKilled', by: 'votes', stage: 'detect' },
        { type: 'StageEntered', stage: 'retex' },
      );
    expect(state).toMatchObject({ outcome: 'killed', closed: false, retex: 'not_begun' });
  });

  test('to advance from scale is the roll-out, at the budget of the last step', () => {
    const { state } = rampSoaked()
      .at(day(28))
      .and(readsOut(), opensGate(), votes('ann', 'advance'))
      .when(votes('fay', 'advance'))
      .thenEvents(
        'VoteCast',
        'GateDecided',
        { type: 'RolledOut', budget: euros('500') },
        { type: 'StageEntered', stage: 'retex' },
      );
    expect(state.outcome).toBe('industrialised');
  });
});

describe('silence', () => {
  test('is nothing before the deadline, and nothing while the clock stands still', () => {
    atGate()
      .at(later(day(12), -1))
      .when(fallsSilent())
      .thenEvents();
    const stale = readsOut({
      sources: [{ source: 'ads', state: 'stale', required: true, watermark: null, reason: null }],
    });
    atGate().at(day(8)).and(stale).at(day(13)).when(fallsSilent()).thenEvents();
  });

  test('kills', () => {
    atGate()
      .and(votes('ann', 'advance'))
      .at(day(12))
      .when(fallsSilent())
      .thenEvents(
        { type: 'GateDecided', outcome: { by: 'silence', decision: 'kill' } },
        { type: 'ThesisKilled', by: 'silence' },
        { type: 'StageEntered', stage: 'retex' },
      );
  });

  test('holds for as long as the policy says', () => {
    atGate(contractWith({ gate: { onSilence: 'hold' } }))
      .at(day(12))
      .when(fallsSilent())
      .thenEvents(
        { type: 'GateDecided', outcome: { decision: 'hold' } },
        { type: 'ThesisHeld', by: 'jalon', until: day(26) },
      );
  });

  test('escalates once, to another committee with a new deadline and no votes; then it holds', () => {
    const gate = { onSilence: 'escalate', escalation: { committee: 'comex', deadline: 'P5D' } } as const;
    const comex: Committee = { ...COMMITTEE, name: 'comex', holders: [{ seat: 'growth', member: 'cec' }] };
    const silent = atGate(contractWith({ gate })).and(votes('ann', 'advance')).at(day(12));
    silent.when(fallsSilent(null)).thenEvents();
    const escalated = silent
      .when(fallsSilent(comex))
      .thenEvents({ type: 'GateEscalated', deadline: day(17), committee: { name: 'comex' } });
    expect(escalated.state.gate).toMatchObject({ votes: [], escalated: true, reminders: [] });
    escalated.when(votes('ann', 'advance')).thenRefused('no_seat');
    escalated
      .at(day(17))
      .when(fallsSilent(comex))
      .thenEvents({ type: 'GateDecided', outcome: { by: 'silence', decision: 'hold' } }, 'ThesisHeld');
  });

  test('reminds those who can still vote', () => {
    atGate()
      .and(votes('ann', 'advance'))
      .at(day(10))
      .when(finds({ type: 'RemindVoters', gateId: `${THESIS}.1` }))
      .thenEvents({ type: 'GateReminded', to: ['ben', 'fay'], deadline: day(12) });
    given()
      .when(finds({ type: 'RemindVoters', gateId: `${THESIS}.1` }))
      .thenEvents();
  });
});

function hold(until: string): Step {
  return asks(OWNER, { type: 'Hold', reason: 'Strike.', until });
}
