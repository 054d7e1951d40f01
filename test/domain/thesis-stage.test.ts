// What a stage does until its gate: it is launched, read out, stopped by losses, and waits while data are out.
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, later } from '../../domain/duration.ts';
import { GATED_STAGES } from '../../domain/stage.ts';
import { elapsed } from '../../domain/thesis/agenda.ts';
import { contractWith, day, euros, OWNER } from '../support/small-contract.ts';
import { given } from '../support/thesis.ts';
import { advancing, atGate, enters } from '../support/thesis-past.ts';
import { asks, finds, opensGate, readsOut, source, votes } from '../support/thesis-steps.ts';

describe('a launch', () => {
  test('seals the contract and enters detect', () => {
    const { state, journal } = given();
    expect(journal.map(({ event }) => event.type)).toEqual(['ThesisProposed', 'StageEntered']);
    expect(state).toMatchObject({ stage: 'detect', owner: OWNER, sequence: 2, outcome: null, closed: false });
  });

  test('happens once', () => {
    given()
      .when(asks(OWNER, { type: 'Propose', contract: contractWith() }))
      .thenRefused('thesis_already_proposed');
  });
});

describe('a read-out', () => {
  test('records what was collected, what it says and what it advises', () => {
    const { state } = given()
      .at(day(2))
      .when(readsOut({ spend: '250' }))
      .thenEvents('EvidenceCollected', { type: 'StageReadOut', advice: { decision: 'advance' } });
    expect(state).toMatchObject({ collectedAt: day(2), advice: { decision: 'advance' }, stage: 'detect' });
    expect(state.spend.round).toEqual(euros('250'));
  });

  test('never moves a thesis by itself, whatever it says', () => {
    for (const said of ['pass', 'fail', 'inconclusive', 'no_data', 'error'] as const) {
      const { state } = given()
        .at(day(30))
        .when(readsOut({ states: { 'ctr-floor': said } }))
        .thenEvents('EvidenceCollected', 'StageReadOut');
      expect([state.stage, state.round, state.outcome, state.hold]).toEqual(['detect', 0, null, null]);
    }
  });

  test('of a stage or a round that was left meanwhile is dropped', () => {
    const late = readsOut().command(given().state, day(6));
    enters('prototype').when(finds(late)).thenRefused('not_in_this_stage');
    atGate()
      .and(votes('ann', 'refine'), votes('ben', 'refine'))
      .when(finds(late))
      .thenRefused('not_in_this_stage');
  });

  test('is not made while the thesis is on hold, nor in retex', () => {
    const held = given().and(asks(OWNER, { type: 'Hold', reason: 'Strike.', until: day(9) }));
    held.when(readsOut()).thenRefused('not_in_this_stage');
    const late = readsOut().command(given().state, day(1));
    given()
      .and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }))
      .when(finds(late))
      .thenRefused('not_in_this_stage');
  });

  test('that began before new evidence came has not seen it', () => {
    const evidence = asks(OWNER, { type: 'SubmitEvidence', submission: 's-1', metrics: ['interviews'] });
    const submitted = given().at(day(3)).and(evidence);
    expect(submitted.state.readOutDue).toBe(day(3));
    const stale = submitted.at(later(day(3), HOUR)).and(readsOut({ began: later(day(3), -HOUR) }));
    expect(stale.state.readOutDue).toBe(day(3));
    stale.when(opensGate()).thenRefused('not_in_this_stage');
    expect(stale.and(readsOut()).state.readOutDue).toBeNull();
  });

  test('that turns the recommendation at an open gate voids its votes', () => {
    atGate()
      .and(votes('ann', 'advance'))
      .at(day(8))
      .when(readsOut({ states: { 'cac-ceiling': 'fail' } }))
      .thenEvents('EvidenceCollected', 'StageReadOut', { type: 'VotesVoided', members: ['ann'] });
    atGate().at(day(8)).when(readsOut()).thenEvents('EvidenceCollected', 'StageReadOut');
  });
});

describe('a stop-loss', () => {
  const tripped = readsOut({ states: { 'loss-limit': 'fail' } });

  test('holds at once, until people look at it', () => {
    const { state } = given()
      .at(day(1))
      .when(tripped)
      .thenEvents('EvidenceCollected', 'StageReadOut', 'StopLossTripped', {
        type: 'ThesisHeld',
        until: null,
      });
    expect(state.hold?.by).toBe('jalon');
  });

  test('kills at once where the playbook says so, also at an open gate', () => {
    const { state } = atGate(contractWith({ onStopLoss: 'kill' }))
      .at(day(8))
      .when(tripped)
      .thenEvents(
        'EvidenceCollected',
        'StageReadOut',
        { type: 'StopLossTripped', action: 'kill' },
        { type: 'ThesisKilled', by: 'stop_loss' },
        { type: 'StageEntered', stage: 'retex' },
      );
    expect(state).toMatchObject({ gate: null, outcome: 'killed', stage: 'retex' });
  });

  test('trips when the stage spends more than its envelope, all rounds together', () => {
    given()
      .at(day(1))
      .when(readsOut({ spend: '1000' }))
      .thenEvents('EvidenceCollected', 'StageReadOut');
    const refined = atGate(contractWith(), { spend: '700' }).and(
      votes('ann', 'refine'),
      votes('ben', 'refine'),
    );
    refined
      .at(day(9))
      .when(readsOut({ spend: '300' }))
      .thenEvents('EvidenceCollected', 'StageReadOut');
    refined
      .at(day(9))
      .when(readsOut({ spend: '301' }))
      .thenEvents('EvidenceCollected', 'StageReadOut', 'StopLossTripped', 'ThesisHeld');
    const next = atGate(contractWith(), { spend: '700' }).and(...advancing());
    next
      .at(day(9))
      .when(readsOut({ spend: '900' }))
      .thenEvents('EvidenceCollected', 'StageReadOut');
  });

  test('does not act on a verdict that is not there', () => {
    for (const said of ['inconclusive', 'no_data', 'error'] as const) {
      given()
        .at(day(1))
        .when(readsOut({ states: { 'loss-limit': said } }))
        .thenEvents('EvidenceCollected', 'StageReadOut');
    }
  });
});

describe('a data outage', () => {
  const out = readsOut({ sources: [source('stale')] });
  const back = readsOut();

  test('stops the clock of the stage with the reason, and starts it again by itself', () => {
    const paused = given().at(day(3)).and(out);
    expect(paused.state.pause).toMatchObject({ since: day(3), sources: ['ads'] });
    expect(paused.state.pause?.reason).toContain('no rows since Monday');
    expect(elapsed(paused.state, day(5))).toBe(3 * DAY);
    const { state } = paused
      .at(day(5))
      .when(back)
      .thenEvents('EvidenceCollected', { type: 'ClockResumed', pausedFor: 2 * DAY }, 'StageReadOut');
    expect(elapsed(state, day(6))).toBe(4 * DAY);
  });

  test('goes on while one required source is out, and ignores those that are not required', () => {
    const failing = readsOut({ sources: [source('fresh'), source('failing', { source: 'crm' })] });
    given().at(day(3)).and(out).at(day(4)).when(failing).thenEvents('EvidenceCollected', 'StageReadOut');
    const optional = readsOut({ sources: [source('stale', { required: false })] });
    given().at(day(3)).when(optional).thenEvents('EvidenceCollected', 'StageReadOut');
  });

  test('lets no gate open', () => {
    given().at(day(8)).and(out).when(opensGate()).thenRefused('not_in_this_stage');
  });

  test("moves the committee's deadline and its unsent reminders by its length", () => {
    const paused = atGate()
      .at(day(10))
      .and(finds(({ gate }) => ({ type: 'RemindVoters', gateId: gate?.id ?? '' })))
      .at(day(11))
      .and(out);
    const { state } = paused
      .at(day(13))
      .when(readsOut({ shiftedDeadline: day(14) }))
      .thenEvents('EvidenceCollected', { type: 'ClockResumed', deadline: day(14) }, 'StageReadOut');
    expect(state.gate).toMatchObject({ deadline: day(14), reminders: [day(10)], remindersSent: 1 });
    const unreminded = atGate()
      .at(day(8))
      .and(out)
      .at(day(9))
      .and(readsOut({ shiftedDeadline: day(13) }));
    expect(unreminded.state.gate).toMatchObject({ deadline: day(13), reminders: [day(11)] });
  });
});

test('what happened is the same after a journey through JSON', () => {
  for (const stage of GATED_STAGES) {
    const { state } = enters(stage);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  }
});
