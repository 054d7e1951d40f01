// What a thesis does next and when, in every situation it can be in.
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, later } from '../../../domain/duration.ts';
import {
  type Appointment,
  elapsed,
  nextAppointment,
  plannedEnd,
  planOf,
} from '../../../domain/thesis/agenda.ts';
import { contractWith, day, OWNER, PLAN, THESIS } from '../../support/small-contract.ts';
import { type Given, given } from '../../support/thesis.ts';
import { atGate, COMPLETES_RETEX, enters, killed } from '../../support/thesis-past.ts';
import {
  asks,
  condition,
  fallsSilent,
  finds,
  opensGate,
  readsOut,
  source,
  votes,
} from '../../support/thesis-steps.ts';

const next = ({ state, now }: Given): Appointment | null => nextAppointment(state, now);
const open = { states: { 'ctr-floor': 'inconclusive' } } as const;
const stale = readsOut({ sources: [source('stale')] });
const evidence = asks(OWNER, { type: 'SubmitEvidence', submission: 's-1', metrics: ['clicks'] });
const hold = (until: string) => asks(OWNER, { type: 'Hold', reason: 'Strike.', until });

describe('reading out', () => {
  test('happens every cadence from the start of the stage', () => {
    expect(next(given())).toEqual({ do: 'read_out', at: day(1) });
    expect(next(given().at(day(1)).and(readsOut(open)))).toEqual({ do: 'read_out', at: day(2) });
  });

  test('happens at once when something came that no read-out has seen', () => {
    const past = given()
      .at(day(1))
      .and(readsOut(open))
      .at(later(day(1), HOUR));
    expect(next(past.and(evidence))).toEqual({ do: 'read_out', at: later(day(1), HOUR) });
    const resumed = past.and(hold(day(5)), asks(OWNER, { type: 'Resume', reason: 'Over.' }));
    expect(next(resumed)).toEqual({ do: 'read_out', at: later(day(1), HOUR) });
  });

  test("happens at the plan's end, so that the gate shows all the evidence there will be", () => {
    const weekly = contractWith({ cadence: 'P5D' });
    const past = given(weekly).at(day(10)).and(readsOut(open));
    expect(next(past)).toEqual({ do: 'read_out', at: day(14) });
    expect(next(past.at(day(14)).and(readsOut(open)))).toEqual({ do: 'open_gate', at: day(14) });
  });

  test('goes on while a gate is open, and while data are out', () => {
    expect(next(atGate())).toEqual({ do: 'read_out', at: day(8) });
    expect(next(given().at(day(20)).and(stale))).toEqual({ do: 'read_out', at: day(21) });
  });
});

describe('a gate', () => {
  test('opens once the minimum is over and a read-out has settled the stage', () => {
    const early = given().at(day(6)).and(readsOut());
    expect(next(early)).toEqual({ do: 'open_gate', at: day(7) });
    expect(next(early.at(day(7)))).toEqual({ do: 'open_gate', at: day(7) });
    const failed = given()
      .at(day(8))
      .and(readsOut({ states: { 'cac-ceiling': 'fail' } }));
    expect(next(failed)).toEqual({ do: 'open_gate', at: day(8) });
  });

  test("opens at the plan's end without a verdict, and not before", () => {
    expect(next(given().at(day(13)).and(readsOut(open)))).toEqual({ do: 'read_out', at: day(14) });
    expect(next(given().at(day(14)).and(readsOut(open)))).toEqual({ do: 'open_gate', at: day(14) });
  });

  test('does not open on the last word of the gate before: a new read-out comes first', () => {
    const held = atGate().and(votes('ann', 'hold'), votes('ben', 'hold'));
    const resumed = held.at(day(17)).and(finds({ type: 'ExpireHold' }));
    expect(next(resumed)).toEqual({ do: 'read_out', at: day(17) });
    expect(next(resumed.and(readsOut()))).toEqual({ do: 'open_gate', at: day(17) });
  });

  test('leaves an extension whole, also when it was settled before', () => {
    const extended = atGate().and(votes('ann', 'extend'), votes('ben', 'extend'));
    expect(next(extended.at(day(9)).and(readsOut()))).toEqual({ do: 'read_out', at: day(10) });
    const settled = extended.at(later(day(13), HOUR)).and(readsOut());
    expect(next(settled)).toEqual({ do: 'open_gate', at: day(14) });
  });

  test('after an extension past the end opens when the extension is over', () => {
    const late = given().at(day(14)).and(readsOut(open), opensGate()).at(day(16));
    const extended = late.and(votes('ann', 'extend'), votes('ben', 'extend'));
    expect(plannedEnd(extended.state, PLAN, day(16))).toBe(day(23));
    expect(next(extended.at(day(22)).and(readsOut(open)))).toEqual({ do: 'read_out', at: day(23) });
    expect(next(extended.at(day(23)).and(readsOut(open)))).toEqual({ do: 'open_gate', at: day(23) });
  });

  test('reminds, then falls silent', () => {
    const contract = contractWith({ cadence: 'P10D' });
    expect(next(atGate(contract))).toEqual({ do: 'remind', at: day(10) });
    const reminded = atGate(contract)
      .at(day(10))
      .and(finds({ type: 'RemindVoters', gateId: `${THESIS}.1` }));
    expect(next(reminded)).toEqual({ do: 'close_on_silence', at: day(12) });
  });

  test('is frozen anew at once when its file changed, data outage or not', () => {
    expect(next(atGate().and(evidence))).toEqual({ do: 'refreeze', at: day(7) });
    expect(next(atGate().and(evidence, stale))).toEqual({ do: 'refreeze', at: day(7) });
  });

  test('neither reminds nor falls silent while data are out', () => {
    expect(next(atGate().at(day(9)).and(stale).at(day(30)))).toEqual({ do: 'read_out', at: day(10) });
  });
});

describe('waiting', () => {
  test('a hold ends by itself at its end; without one only people move the thesis', () => {
    expect(next(given().and(hold(day(9))))).toEqual({ do: 'expire_hold', at: day(9) });
    expect(next(given().and(readsOut({ spend: '1001' })))).toBeNull();
    expect(
      next(
        atGate()
          .at(day(8))
          .and(readsOut({ spend: '1001' })),
      ),
    ).toBeNull();
  });

  test('a condition is checked at its date, after what is still to be read', () => {
    const conditions = [condition('c-1', later(day(7), HOUR))];
    const past = atGate().and(
      votes('ann', 'advance_with_conditions', { conditions }),
      votes('fay', 'advance'),
    );
    expect(next(past)).toEqual({ do: 'check_conditions', at: later(day(7), HOUR) });
    expect(next(past.at(day(9)).and(evidence))).toEqual({ do: 'read_out', at: day(9) });
  });

  test('retex is drafted once, then only its owner moves it; a closed thesis has nothing to do', () => {
    const ended = given().and(asks(OWNER, { type: 'Withdraw', reason: 'Merged.' }));
    expect(next(ended)).toEqual({ do: 'draft_retex', at: day(0) });
    expect(next(killed())).toBeNull();
    expect(next(killed().and(COMPLETES_RETEX))).toBeNull();
    expect(planOf(killed().state)).toBeNull();
  });

  test('a silent gate leaves its thesis on hold until the hold is over', () => {
    const silent = atGate(contractWith({ gate: { onSilence: 'hold' } }))
      .at(day(12))
      .and(fallsSilent());
    expect(next(silent)).toEqual({ do: 'expire_hold', at: day(26) });
  });
});

test('the clock of a stage counts neither holds nor outages, and starts anew with each round', () => {
  const paused = given().at(day(2)).and(stale).at(day(5)).and(readsOut(open));
  expect(elapsed(paused.state, day(6))).toBe(3 * DAY);
  expect(plannedEnd(paused.state, PLAN, day(6))).toBe(day(17));
  const refined = atGate().and(votes('ann', 'refine'), votes('ben', 'refine'));
  expect(elapsed(refined.state, day(8))).toBe(DAY);
  expect(elapsed(enters('prototype').state, day(7))).toBe(0);
});
