// The ledger is enough: whatever a thesis lives through, its journal alone gives the state that it lives on in. The same
// over real runs: test/replay/replay.test.ts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remember, stateFrom } from '../../../domain/thesis/past.ts';
import type { RecordedEvent } from '../../../domain/thesis.ts';
import { contracts, live, lives } from '../../support/random-life.ts';
import { THESIS } from '../../support/small-contract.ts';
import { given } from '../../support/thesis.ts';

test('over random lives, the journal gives the state', () => {
  fc.assert(
    fc.property(contracts, lives, (contract, episodes) => {
      const { state, journal } = live(contract, episodes, () => undefined);
      // Through JSON, as PostgreSQL keeps it. Commands are remembered by the workflow's journal, not by these lives.
      const kept: RecordedEvent[] = JSON.parse(JSON.stringify(journal));
      expect({ ...stateFrom(THESIS, kept), handled: [] }).toEqual(state);
    }),
    { numRuns: 300 },
  );
});

test('a command is remembered once with its last event, and the newest two hundred are kept', () => {
  const journal = given().journal.map((recorded) => ({ ...recorded, commandId: 'launch' }));
  const launched = stateFrom(THESIS, journal);
  expect(launched.handled).toEqual([{ commandId: 'launch', sequence: 2 }]);
  let state = launched;
  for (let number = 1; number <= 200; number += 1) state = remember(state, `command-${number}`);
  expect(state.handled).toHaveLength(200);
  expect(state.handled[0]?.commandId).toBe('command-1');
  expect(remember(state, null)).toBe(state);
});

test('a journal with a gap, without its beginning, or empty gives no state', () => {
  const [first, second] = given().journal;
  if (first === undefined || second === undefined) throw new Error('a launch is two events');
  expect(() => stateFrom(THESIS, [first, { ...second, sequence: 3 }])).toThrow(/event 3 does not follow 1/);
  expect(() => stateFrom(THESIS, [second])).toThrow(/its proposal/);
  expect(() => stateFrom(THESIS, [])).toThrow(/no journal/);
});
