// What a thesis shows of itself: where it is, what it waits for, for whom, until when, and what silence means.
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../domain/thesis/view.ts';
import { STATUSES } from '../../../domain/thesis.ts';
import { COMMITTEE, contractWith, day, euros, OWNER } from '../../support/small-contract.ts';
import { type Given, given } from '../../support/thesis.ts';
import { atGate, COMPLETES_RETEX, enters, killed } from '../../support/thesis-past.ts';
import { asks, fallsSilent, readsOut, source, votes } from '../../support/thesis-steps.ts';

const view = ({ state, now }: Given) => viewOf(state, now);
const held = given().and(asks(OWNER, { type: 'Hold', reason: 'Strike.', until: day(9) }));
const withdrawn = given().and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }));

test('its status is one of the five, for each situation its own', () => {
  const statuses = [given(), atGate(), held, killed(), killed().and(COMPLETES_RETEX)].map(
    (past) => view(past).status,
  );
  expect(statuses).toEqual([...STATUSES]);
});

describe('it waits', () => {
  test('for evidence, until its plan ends', () => {
    expect(view(given()).waiting).toMatchObject({
      for: 'evidence',
      who: [],
      until: day(14),
      onSilence: null,
    });
  });

  test('for data while a source is out, with the reason', () => {
    const { waiting, clockPaused } = view(
      given()
        .at(day(3))
        .and(readsOut({ sources: [source('stale')] })),
    );
    expect(waiting).toMatchObject({ for: 'data', since: day(3), until: null });
    expect(waiting.sentence).toContain('no rows since Monday');
    expect(clockPaused?.since).toBe(day(3));
  });

  test('for the votes of those who have not voted, and says what silence means', () => {
    const { waiting } = view(atGate().and(votes('ann', 'advance')));
    expect(waiting).toMatchObject({
      for: 'votes',
      who: ['ben', 'fay'],
      since: day(7),
      until: day(12),
      onSilence: 'kill',
    });
    expect(waiting.sentence).toContain('1 of 2 votes');
  });

  test('after an escalation with a hold for silence', () => {
    const gate = { onSilence: 'escalate', escalation: { committee: 'comex', deadline: 'P5D' } } as const;
    const past = atGate(contractWith({ gate }));
    expect(view(past).waiting.onSilence).toBe('escalate');
    const escalated = past.at(day(12)).and(fallsSilent({ ...COMMITTEE, name: 'comex' }));
    expect(view(escalated).waiting).toMatchObject({ onSilence: 'hold', until: day(17) });
  });

  test('on hold, for its owner, whatever else is open', () => {
    expect(view(held).waiting).toMatchObject({ for: 'hold', who: [OWNER], until: day(9) });
    const stopped = atGate()
      .at(day(8))
      .and(readsOut({ spend: '1001' }));
    expect(view(stopped)).toMatchObject({ status: 'on_hold', waiting: { for: 'hold', until: null } });
    expect(view(stopped).gate).not.toBeNull();
  });

  test('for its retex, then for nothing', () => {
    // Nobody can act before the draft is there.
    expect(view(withdrawn).waiting).toMatchObject({ for: 'retex', who: [] });
    expect(view(withdrawn).waiting.sentence).toContain('is being drafted');
    expect(view(killed()).waiting).toMatchObject({ for: 'retex', who: [OWNER] });
    expect(view(killed()).waiting.sentence).toContain('completes it');
    expect(view(killed().and(COMPLETES_RETEX)).waiting).toMatchObject({
      for: 'nothing',
      sentence: 'Closed: killed.',
    });
  });
});

test('it shows the ramp in the words of people: the first step is 1', () => {
  expect(view(enters('scale')).ramp).toEqual({ step: 1, of: 2, budget: euros('100'), since: day(21) });
  expect(view(given()).ramp).toBeNull();
});
