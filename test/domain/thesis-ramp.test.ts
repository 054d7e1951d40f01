// The ramp of the scale stage: budget goes up only on steps that soaked, holds on doubt, steps back on harm.
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, later } from '../../domain/duration.ts';
import { day, euros, OWNER } from '../support/small-contract.ts';
import { enters, rampSoaked } from '../support/thesis-past.ts';
import { asks, opensGate, type Reading, readsOut, source, votes } from '../support/thesis-steps.ts';

const soft: Reading = { states: { 'cac-ceiling': 'fail' }, breach: 'soft' };
const hard: Reading = { states: { 'cac-ceiling': 'fail' }, breach: 'hard' };
const READ = ['EvidenceCollected', 'StageReadOut'] as const;
const [COLLECTED, SAID] = READ;

/** In scale since day 21, one reading a day that passes. */
const started = enters('scale');
const secondStep = started.at(day(23)).and(readsOut());

describe('the ramp', () => {
  test('starts at its first step when scale is entered', () => {
    expect(started.state.ramp).toEqual({ step: 0, since: day(21), held: false, complete: false });
    expect(started.journal.at(-1)?.event).toMatchObject({ type: 'RampStepped', direction: 'start', step: 0 });
  });

  test('goes up once a step has soaked, and not before', () => {
    started
      .at(later(day(23), -HOUR))
      .when(readsOut())
      .thenEvents(...READ);
    const { state } = started
      .at(day(23))
      .when(readsOut())
      .thenEvents(COLLECTED, { type: 'RampStepped', step: 1, direction: 'up', budget: euros('500') }, SAID);
    expect(state.ramp).toEqual({ step: 1, since: day(23), held: false, complete: false });
  });

  test('is complete when the last step has soaked; only then is a roll-out recommended', () => {
    expect(secondStep.state.advice?.decision).toBe('extend');
    const { state } = secondStep
      .at(day(25))
      .when(readsOut())
      .thenEvents(
        COLLECTED,
        { type: 'RampCompleted', budget: euros('500') },
        { type: SAID, advice: { decision: 'advance' } },
      );
    expect(state.ramp?.complete).toBe(true);
  });

  test('holds on a soft breach, and soaks anew once it is over', () => {
    const held = secondStep
      .at(day(24))
      .when(readsOut(soft))
      .thenEvents(COLLECTED, { type: 'RampHeld', step: 1 }, SAID);
    held
      .at(day(25))
      .when(readsOut(soft))
      .thenEvents(...READ);
    const released = held
      .at(day(26))
      .when(readsOut())
      .thenEvents(COLLECTED, { type: 'RampReleased', step: 1 }, SAID);
    expect(released.state.ramp).toMatchObject({ step: 1, since: day(26), held: false });
  });

  test('holds while a guardrail has no verdict: a step soaks only with every guardrail passing', () => {
    for (const said of ['inconclusive', 'no_data', 'error'] as const) {
      const held = started
        .at(day(22))
        .when(readsOut({ states: { 'cac-ceiling': said } }))
        .thenEvents(COLLECTED, 'RampHeld', SAID);
      held.at(day(24)).when(readsOut()).thenEvents(COLLECTED, 'RampReleased', SAID);
    }
  });

  test('is not moved by a success criterion that is still open', () => {
    started
      .at(day(23))
      .when(readsOut({ states: { 'ctr-floor': 'inconclusive' } }))
      .thenEvents(COLLECTED, { type: 'RampStepped', direction: 'up' }, SAID);
  });

  test('steps back on a hard breach; at the first step it can only hold', () => {
    const back = secondStep
      .at(day(24))
      .when(readsOut(hard))
      .thenEvents(COLLECTED, { type: 'RampStepped', step: 0, direction: 'back', budget: euros('100') }, SAID);
    expect(back.state.ramp).toEqual({ step: 0, since: day(24), held: false, complete: false });
    back.at(day(25)).when(readsOut(hard)).thenEvents(COLLECTED, { type: 'RampHeld', step: 0 }, SAID);
  });

  test('steps back even when it was held', () => {
    secondStep
      .at(day(24))
      .and(readsOut(soft))
      .at(day(25))
      .when(readsOut(hard))
      .thenEvents(COLLECTED, { type: 'RampStepped', direction: 'back' }, SAID);
  });

  test('never goes up at the read-out that trips a stop-loss', () => {
    started
      .at(day(23))
      .when(readsOut({ spend: '1001' }))
      .thenEvents(...READ, 'StopLossTripped', 'ThesisHeld');
  });

  test('does not soak while the data are out or the thesis is on hold', () => {
    const paused = started.at(day(22)).and(readsOut({ sources: [source('stale')] }));
    const back = paused.at(day(30)).when(readsOut()).thenEvents(COLLECTED, 'ClockResumed', SAID);
    expect(back.state.ramp?.since).toBe(later(day(21), 8 * DAY));
    const held = started.at(day(22)).and(asks(OWNER, { type: 'Hold', reason: 'Strike.', until: day(40) }));
    const resumed = held.at(day(30)).and(asks(OWNER, { type: 'Resume', reason: 'Over.' }));
    resumed.when(readsOut()).thenEvents(...READ);
    resumed
      .at(day(31))
      .when(readsOut())
      .thenEvents(COLLECTED, { type: 'RampStepped', direction: 'up' }, SAID);
  });

  test('does not move while a required source is out', () => {
    started
      .at(day(24))
      .when(readsOut({ sources: [source('failing')] }))
      .thenEvents(COLLECTED, 'ClockPaused', SAID);
  });

  test('goes on while its gate is open, and turns the recommendation when it completes', () => {
    secondStep
      .and(opensGate(), votes('ann', 'extend'))
      .at(day(25))
      .when(readsOut())
      .thenEvents(COLLECTED, 'RampCompleted', SAID, { type: 'VotesVoided', members: ['ann'] });
  });

  test('stays complete, and starts again when scale is refined', () => {
    const complete = rampSoaked();
    complete
      .at(day(27))
      .when(readsOut(hard))
      .thenEvents(...READ);
    const { state } = complete
      .at(day(28))
      .and(readsOut(), opensGate(), votes('ann', 'refine'))
      .when(votes('ben', 'refine'))
      .thenEvents('VoteCast', 'GateDecided', 'StageRefined', {
        type: 'RampStepped',
        direction: 'start',
        step: 0,
      });
    expect(state.ramp).toEqual({ step: 0, since: day(28), held: false, complete: false });
  });
});
