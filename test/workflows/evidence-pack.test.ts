// What a committee decided on: the frozen file under its hash, and the decision that can be computed again from the
// journal, whoever took it.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freezeEvidence } from '../../activities/freeze-evidence.ts';
import { findPack } from '../../db/evidence-packs.ts';
import { canonical } from '../../domain/canonical.ts';
import { replayGate } from '../../domain/gate/replay.ts';
import { money } from '../../domain/money.ts';
import type { RecordedEvent } from '../../domain/thesis.ts';
import { briskContract } from '../support/brisk-contract.ts';
import { type Cycle, VOTERS } from '../support/cycle.ts';
import { eventsOf, type SkippedTime, startSkippedTime } from '../support/skipped-time.ts';

const [AMINA, BRUNO, CLAIRE] = VOTERS;

let time: SkippedTime;
let cycle: Cycle;

beforeAll(async () => {
  time = await startSkippedTime('evidence-pack');
  cycle = time.cycle;
});

afterAll(async () => {
  await time?.close();
});

describe('the file of a gate', () => {
  test('is kept under its hash and can be made again from what was known then', async () => {
    const id = 'frozen';
    await cycle.propose(id, briskContract());
    await time.demand(id);
    const gate = await time.untilGate(id);
    const { lastReadOut, contractHash } = (await cycle.thesis(id)).view;
    const pack = await findPack(cycle.db, gate.id, gate.evidenceHash);
    if (pack === undefined) throw new Error('the file is not there');
    expect(createHash('sha256').update(canonical(pack)).digest('hex')).toBe(gate.evidenceHash);
    expect(pack).toMatchObject({
      thesisId: id,
      contract: { version: 1, hash: contractHash },
      recommendation: 'advance',
      readOutAt: lastReadOut?.at,
      observations: { count: 1 },
    });

    // What comes to be known later is not in it.
    await time.demand(id, '3');
    const again = await freezeEvidence(
      { db: cycle.db, codeVersion: pack.codeVersion },
      { ...pack, contractVersion: pack.contract.version },
    );
    expect(again).toBe(gate.evidenceHash);
  });
});

describe('a decision computed again from the journal', () => {
  test('agrees when votes decided, changed and abstaining ones included', async () => {
    const id = 'voted';
    await cycle.propose(id, briskContract());
    await time.demand(id);
    const gate = await time.untilGate(id);
    expect(replayGate(gate.id, await cycle.journal(id))).toMatchObject({ agrees: false, recorded: null });
    await cycle.vote(id, [AMINA], { ballot: 'extend', reason: 'Too early.' });
    await cycle.vote(id, [BRUNO], { ballot: 'abstain' });
    await cycle.vote(id, [AMINA], { ballot: 'advance', probability: 0.7 });
    await cycle.vote(id, [CLAIRE], { ballot: 'advance' });

    const journal = await cycle.journal(id);
    const replay = replayGate(gate.id, journal);
    expect(replay).toMatchObject({ agrees: true, differences: [], recorded: { decision: 'advance' } });
    const altered = replayGate(gate.id, withBallot(journal, AMINA, 'kill'));
    expect(altered.agrees).toBe(false);
    expect(altered.differences).toContain('decision');
  });

  test('agrees when silence decided', async () => {
    const id = 'silent';
    await cycle.propose(id, briskContract({ detect: { gate: { onSilence: 'kill' } } }));
    await time.demand(id);
    const gate = await time.untilGate(id);
    await time.until(id, ({ outcome }) => outcome !== null);
    expect(replayGate(gate.id, await cycle.journal(id))).toMatchObject({
      agrees: true,
      recorded: { decision: 'kill', by: 'silence' },
    });
  });

  test('agrees when rules decided', async () => {
    const id = 'automatic';
    const gate = { mode: 'auto', autoBelow: money('100', 'EUR') } as const;
    await cycle.propose(id, briskContract({ detect: { gate } }));
    await time.demand(id);
    await time.until(id, ({ stage }) => stage === 'prototype');
    const journal = await cycle.journal(id);
    const [decided] = eventsOf(journal, 'GateDecided');
    expect(replayGate(decided?.gateId ?? '', journal)).toMatchObject({
      agrees: true,
      recorded: { decision: 'advance', by: 'rules' },
    });
  });
});

/** The journal as if a member's votes had been others. */
function withBallot(journal: readonly RecordedEvent[], member: string, ballot: 'kill'): RecordedEvent[] {
  return journal.map((recorded) => {
    const { event } = recorded;
    if (event.type !== 'VoteCast' || event.vote.member !== member) return recorded;
    return { ...recorded, event: { ...event, vote: { ...event.vote, ballot } } };
  });
}
