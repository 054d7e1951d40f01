// The recommendation, as a function of the criteria and of what is left to try.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRITERION_STATES, type CriterionState } from '../../../domain/criterion.ts';
import { advise, type Room, settles } from '../../../domain/thesis/advice.ts';
import type { ReadOutDigest } from '../../../domain/thesis.ts';
import { PLAN } from '../../support/small-contract.ts';
import { given } from '../../support/thesis.ts';
import { readsOut } from '../../support/thesis-steps.ts';

const ROOM: Room = { refinementsLeft: 1, extensionsLeft: 1, rampComplete: null, missingEvidence: [] };

function results(states: Readonly<Record<string, CriterionState>>): ReadOutDigest['criteria'] {
  const { state } = given().and(readsOut({ states }));
  return state.lastReadOut?.criteria ?? [];
}

const decision = (states: Readonly<Record<string, CriterionState>>, room: Partial<Room> = {}) =>
  advise(results(states), PLAN, { ...ROOM, ...room }).decision;

describe('the recommendation', () => {
  test('is to advance when every success and guardrail criterion passes', () => {
    expect(decision({})).toBe('advance');
  });

  test('follows the failed criteria: refine while all of them allow it and a round is left', () => {
    expect(decision({ 'ctr-floor': 'fail' })).toBe('refine');
    expect(decision({ 'ctr-floor': 'fail' }, { refinementsLeft: 0 })).toBe('kill');
    expect(decision({ 'cac-ceiling': 'fail' })).toBe('kill');
    expect(decision({ 'ctr-floor': 'fail', 'cac-ceiling': 'fail' })).toBe('kill');
  });

  test('is to hold on an error, whatever passes beside it, but a failure comes first', () => {
    expect(decision({ 'ctr-floor': 'error' })).toBe('hold');
    expect(decision({ 'ctr-floor': 'error', 'cac-ceiling': 'fail' })).toBe('kill');
  });

  test('without a verdict is more time, then one more form, then the end', () => {
    for (const open of ['inconclusive', 'no_data'] as const) {
      expect(decision({ 'ctr-floor': open })).toBe('extend');
      expect(decision({ 'ctr-floor': open }, { extensionsLeft: 0 })).toBe('refine');
      expect(decision({ 'ctr-floor': open }, { extensionsLeft: 0, refinementsLeft: 0 })).toBe('kill');
    }
    expect(decision({}, { missingEvidence: ['clicks'] })).toBe('extend');
  });

  test('is what the playbook says on a stop-loss, before all else', () => {
    expect(decision({ 'loss-limit': 'fail', 'cac-ceiling': 'fail' })).toBe('hold');
    const kills = { ...PLAN, onStopLoss: 'kill' } as const;
    expect(advise(results({ 'loss-limit': 'fail' }), kills, ROOM).decision).toBe('kill');
  });

  test('waits for the ramp, and never asks for an extension that is not left', () => {
    expect(decision({}, { rampComplete: false })).toBe('extend');
    expect(decision({}, { rampComplete: false, extensionsLeft: 0 })).toBe('hold');
    expect(decision({}, { rampComplete: true })).toBe('advance');
  });

  test('gives the reasons of the criteria behind it', () => {
    const { reasons } = advise(results({ 'ctr-floor': 'fail' }), PLAN, ROOM);
    expect(reasons).toEqual(['ctr-floor: fail.']);
    expect(advise(results({}), PLAN, { ...ROOM, missingEvidence: ['clicks'] }).reasons).toEqual([
      'clicks: the required evidence has not arrived.',
    ]);
  });

  test('is to advance only when everything decisive passes, whatever the room', () => {
    const state = fc.constantFrom(...CRITERION_STATES);
    const rooms = fc.record({
      refinementsLeft: fc.integer({ min: 0, max: 2 }),
      extensionsLeft: fc.integer({ min: 0, max: 2 }),
      rampComplete: fc.constantFrom(null, true, false),
      missingEvidence: fc.constantFrom([], ['clicks']),
    });
    fc.assert(
      fc.property(state, state, state, rooms, (ctr, cac, loss, room) => {
        const read = results({ 'ctr-floor': ctr, 'cac-ceiling': cac, 'loss-limit': loss });
        const advice = advise(read, PLAN, room);
        const isProven = ctr === 'pass' && cac === 'pass' && loss !== 'fail';
        const isReady = room.rampComplete !== false && room.missingEvidence.length === 0;
        expect(advice.decision === 'advance').toBe(isProven && isReady);
        if (advice.decision === 'extend') expect(room.extensionsLeft).toBeGreaterThan(0);
        if (advice.decision === 'refine') expect(room.refinementsLeft).toBeGreaterThan(0);
        expect(advice.reasons.length).toBeGreaterThan(0);
      }),
    );
  });
});

test('a failure or a whole pass settles a stage; a missing verdict settles nothing', () => {
  const settled = (states: Readonly<Record<string, CriterionState>>) =>
    settles(results(states), advise(results(states), PLAN, ROOM));
  expect(settled({})).toBe(true);
  expect(settled({ 'ctr-floor': 'fail' })).toBe(true);
  for (const open of ['inconclusive', 'no_data', 'error'] as const) {
    expect(settled({ 'ctr-floor': open })).toBe(false);
  }
  expect(settled({ 'loss-limit': 'fail' })).toBe(false);
});
