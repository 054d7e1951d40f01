// A past decision is recomputed from the journal alone and agrees, whoever decided; a changed journal does not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayGate } from '../../../domain/gate/replay.ts';
import type { RecordedEvent } from '../../../domain/thesis.ts';
import { contracts, live, lives } from '../../support/random-life.ts';
import { contractWith, day, euros, THESIS } from '../../support/small-contract.ts';
import { atGate, killed } from '../../support/thesis-past.ts';
import { fallsSilent } from '../../support/thesis-steps.ts';

const GATE = `${THESIS}.1`;

test('agrees with votes, with rules and with silence', () => {
  const byRules = atGate(contractWith({ gate: { mode: 'auto', autoBelow: euros('500') } }));
  const bySilence = atGate().at(day(13)).and(fallsSilent());
  for (const [past, by] of [
    [killed(), 'votes'],
    [byRules, 'rules'],
    [bySilence, 'silence'],
  ] as const) {
    const replay = replayGate(GATE, past.journal);
    expect(replay).toMatchObject({ agrees: true, differences: [], recorded: { by } });
    expect(replay.recomputed).toEqual(replay.recorded);
  }
});

test('agrees with every gate of every life', () => {
  let replayed = 0;
  fc.assert(
    fc.property(contracts, lives, (contract, episodes) => {
      const { journal } = live(contract, episodes, () => undefined);
      // As finance would read it back: through JSON.
      const stored: RecordedEvent[] = JSON.parse(JSON.stringify(journal));
      for (const { event } of journal) {
        if (event.type !== 'GateDecided') continue;
        replayed += 1;
        expect(replayGate(event.gateId, stored)).toMatchObject({ agrees: true, differences: [] });
      }
    }),
    { numRuns: 200 },
  );
  expect(replayed).toBeGreaterThan(100);
});

test('names what differs when the journal was changed', () => {
  const forged = killed().journal.map((recorded): RecordedEvent => {
    const { event } = recorded;
    if (event.type !== 'GateDecided') return recorded;
    return { ...recorded, event: { ...event, outcome: { ...event.outcome, decision: 'advance' } } };
  });
  expect(replayGate(GATE, forged)).toMatchObject({ agrees: false, differences: ['decision'] });
  const without = killed().journal.filter(({ event }) => event.type !== 'VoteCast');
  const replay = replayGate(GATE, without);
  expect(replay).toMatchObject({ agrees: false, recomputed: null });
  expect(replay.differences).toContain('decision');
});

test('has nothing to say of a gate that was not decided', () => {
  expect(replayGate(GATE, atGate().journal)).toMatchObject({ agrees: false, recorded: null });
  expect(replayGate('other.1', killed().journal)).toMatchObject({ agrees: false, recorded: null });
});
