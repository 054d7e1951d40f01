// The draft of a retex says what the journal says: promise, findings, decisions, incidents and foresight.
import { describe, expect, test } from 'vitest';
import { draftFrom } from '../../../domain/thesis/retex.ts';
import { contractWith, day, euros, OWNER, THESIS } from '../../support/small-contract.ts';
import { type Given, given } from '../../support/thesis.ts';
import { atGate, killed, rampSoaked } from '../../support/thesis-past.ts';
import { asks, freezesAnew, opensGate, readsOut, source, votes } from '../../support/thesis-steps.ts';

const draft = ({ state, journal }: Given) => draftFrom(state.contract, journal);

test('tells what was promised, found and spent in each round of each stage', () => {
  const past = atGate(contractWith(), { spend: '700' })
    .and(votes('ann', 'refine'), votes('ben', 'refine'))
    .at(day(14))
    .and(readsOut({ spend: '200', states: { 'cac-ceiling': 'fail' } }), opensGate())
    .and(votes('ann', 'kill'), votes('ben', 'kill'));
  const told = draft(past);
  expect(told).toMatchObject({
    outcome: 'killed',
    proposedAt: day(0),
    endedAt: day(14),
    spend: euros('900'),
    contractVersions: 1,
  });
  expect(told.stages).toMatchObject([
    { stage: 'detect', round: 0, enteredAt: day(0), promised: 'There is a demand.', spend: euros('700') },
    { stage: 'detect', round: 1, enteredAt: day(7), spend: euros('200') },
  ]);
  expect(told.stages[1]?.criteria.find(({ id }) => id === 'cac-ceiling')?.state).toBe('fail');
});

test('tells who decided what, on which recommendation, and what the kill saved', () => {
  const told = draft(killed());
  expect(told.gates).toMatchObject([
    {
      gateId: `${THESIS}.1`,
      stage: 'detect',
      decision: 'kill',
      by: 'votes',
      recommendation: 'refine',
      againstRecommendation: true,
      decidedAt: day(7),
    },
  ]);
  expect(told.gates[0]?.votes.map(({ member }) => member)).toEqual(['ann', 'ben']);
  expect(told.moneyNotSpent?.stages.map(({ stage }) => stage)).toEqual(['prototype', 'measure', 'scale']);
});

test('an advance with conditions follows the recommendation to advance', () => {
  const past = atGate()
    .and(votes('ann', 'advance_with_conditions'), votes('fay', 'advance'))
    .and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }));
  expect(draft(past).gates[0]?.againstRecommendation).toBe(false);
  expect(draft(past)).toMatchObject({ outcome: 'withdrawn', moneyNotSpent: null });
});

describe('foresight', () => {
  test('is scored against what happened: 0 is perfect, 1 is worst', () => {
    const { foresight } = draft(killed());
    expect(foresight.map(({ member, brier }) => [member, brier.toFixed(2)])).toEqual([
      ['ann', '0.04'],
      ['ben', '0.01'],
    ]);
    const rolledOut = rampSoaked()
      .at(day(28))
      .and(readsOut(), opensGate(), votes('ann', 'advance', { probability: 0.9 }), votes('fay', 'advance'));
    expect(draft(rolledOut)).toMatchObject({ outcome: 'industrialised' });
    expect(draft(rolledOut).foresight).toMatchObject([{ member: 'ann', probability: 0.9 }]);
    expect(draft(rolledOut).foresight[0]?.brier).toBeCloseTo(0.01);
  });

  test('counts a changed vote once, as it stood at the end, and no vote that was void', () => {
    const evidence = asks(OWNER, { type: 'SubmitEvidence', submission: 's-1', metrics: ['clicks'] });
    const past = atGate()
      .and(votes('fay', 'kill', { probability: 0.7 }), evidence)
      .and(readsOut(), freezesAnew())
      .and(votes('ann', 'advance', { probability: 0.8 }), votes('ann', 'kill', { probability: 0.3 }))
      .and(votes('ben', 'kill'));
    expect(draft(past).foresight).toMatchObject([{ member: 'ann', probability: 0.3 }]);
  });
});

test('tells what went wrong on the way, and what was amended', () => {
  const amended = { ...contractWith(), version: 2 };
  const past = given()
    .at(day(2))
    .and(readsOut({ sources: [source('stale')] }))
    .at(day(3))
    .and(readsOut(), asks(OWNER, { type: 'Amend', contract: amended, reason: 'The price changed.' }))
    .at(day(4))
    .and(readsOut({ spend: '1001' }), asks(OWNER, { type: 'Withdraw', reason: 'Too dear.' }));
  const told = draft(past);
  expect(told.amendments).toEqual([{ at: day(3), by: OWNER, reason: 'The price changed.' }]);
  expect(told.contractVersions).toBe(2);
  expect(told.incidents.map(({ what }) => what.split(':')[0])).toEqual([
    'The clock stood still',
    'Stop-loss (hold)',
    'Held by jalon',
  ]);
});

test('a thesis that has not ended has no retex', () => {
  expect(() => draft(given())).toThrow('no outcome');
});
