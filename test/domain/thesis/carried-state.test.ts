// What is made of a state that another release carried over: whole, mended where its lack has a meaning, or named.
import { describe, expect, test } from 'vitest';
import { CARRIED_FIELDS, isUnreadable, readCarried } from '../../../domain/thesis/carried-state.ts';
import { born } from '../../../domain/thesis/evolve.ts';
import type { ThesisState } from '../../../domain/thesis.ts';
import { contractWith, OWNER, THESIS } from '../../support/small-contract.ts';

const STATE = born(THESIS, OWNER, contractWith(), '2026-09-01T00:00:00.000Z');

/** The state as it comes out of Temporal's history. */
function carried(state: Partial<ThesisState>): Partial<ThesisState> {
  return JSON.parse(JSON.stringify(state));
}

describe('a carried state', () => {
  test('of this release is read as it is', () => {
    expect(readCarried(carried(STATE))).toEqual(STATE);
  });

  test('is null for a thesis that begins', () => {
    expect(readCarried(null)).toBeNull();
  });

  test('from before a field gets what its absence means, and keeps what it has', () => {
    const fields = { ...CARRIED_FIELDS, conditions: { absent: [] }, owner: { absent: 'nobody' } };
    const { conditions: _gone, ...older } = carried(STATE);
    expect(readCarried(older, fields)).toEqual(STATE);
  });

  test('keeps what a newer release put into it, so that a release can be taken back', () => {
    const newer = { ...STATE, mood: 'hopeful' };
    expect(readCarried(carried(newer))).toEqual(newer);
  });

  test.each(Object.keys(STATE))('without its %s is refused, and that is named', (field) => {
    const { [field]: _gone, ...rest } = carried(STATE) as Record<string, unknown>;
    const read = readCarried(rest);
    expect(isUnreadable(read)).toBe(true);
    expect(read).toEqual({ lacks: [field] });
  });
});
