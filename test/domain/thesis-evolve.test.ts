// Evolving is total: every type of event, in any order, on any state, gives a state that is plain JSON.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { born, evolve } from '../../domain/thesis/evolve.ts';
import { EVERY_EVENT } from '../support/every-event.ts';
import { contractWith, day, OWNER, THESIS } from '../support/small-contract.ts';
import { atGate } from '../support/thesis-past.ts';

test('every event can follow every other, and the state stays plain JSON', () => {
  const event = fc.constantFrom(...Object.values(EVERY_EVENT));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40, size: 'max' }), (events) => {
      let state = born(THESIS, OWNER, contractWith(), day(0));
      events.forEach((happened, index) => {
        state = evolve(state, happened, day(index));
      });
      expect(isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('evolving changes no state that it was given', () => {
  for (const event of Object.values(EVERY_EVENT)) {
    const { state } = atGate();
    const before = structuredClone(state);
    evolve(state, event, day(9));
    expect(state).toEqual(before);
  }
});
