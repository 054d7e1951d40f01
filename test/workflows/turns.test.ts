// What people may do to a thesis on its way beside voting it forward: hold and resume, refine and extend, amend, set
// conditions, withdraw.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealed } from '../../api/seal.ts';
import { findPack } from '../../db/evidence-packs.ts';
import { DAY, epoch, HOUR, later } from '../../domain/duration.ts';
import type { Condition } from '../../domain/gate.ts';
import type { Contract } from '../../domain/thesis.ts';
import { historiesOf } from '../../local/histories.ts';
import { briskContract, MENTIONS } from '../support/brisk-contract.ts';
import { OWNER, VOTERS } from '../support/cycle.ts';
import { eventsOf, type SkippedTime, startSkippedTime } from '../support/skipped-time.ts';

const [AMINA, BRUNO] = VOTERS;
const PAIR = [AMINA, BRUNO];

let time: SkippedTime;

beforeAll(async () => {
  time = await startSkippedTime('turns');
});

afterAll(async () => {
  await time?.close();
});

describe('a hold', () => {
  test('stops the clock and the read-outs, and ends by itself at its expiry', async () => {
    const { cycle } = time;
    await cycle.propose('held', briskContract());
    const plannedEnd = epoch((await cycle.thesis('held')).view.waiting.until ?? '');
    const until = later(await time.now(), 3 * DAY);
    await cycle.send('held', { type: 'Hold', reason: 'The shop is being rebuilt.', until }, OWNER);
    await time.days(2);
    expect((await cycle.thesis('held')).view).toMatchObject({
      status: 'on_hold',
      waiting: { for: 'hold', who: [OWNER], until },
      lastReadOut: null,
    });

    const { waiting } = await time.until('held', ({ hold }) => hold === null);
    const [resumed] = eventsOf(await cycle.journal('held'), 'ThesisResumed');
    expect(resumed).toMatchObject({ by: 'jalon', reason: `the hold of ${OWNER} expired` });
    expect(Math.abs((resumed?.heldFor ?? 0) - 3 * DAY)).toBeLessThan(HOUR);
    expect(waiting.for).toBe('evidence');
    expect(Math.abs(epoch(waiting.until ?? '') - plannedEnd - 3 * DAY)).toBeLessThan(HOUR);
    await time.demand('held');
    expect(await time.untilGate('held')).toMatchObject({ recommendation: 'advance' });
  });

  test('is its owner’s to set and to end, with a reason and an expiry', async () => {
    const { cycle } = time;
    await cycle.propose('resumed', briskContract());
    const until = later(await time.now(), 30 * DAY);
    const hold = { type: 'Hold', reason: 'Budget freeze.', until } as const;
    const resume = { type: 'Resume', reason: 'The budget is back.' } as const;
    expect(await cycle.send('resumed', hold, AMINA)).toMatchObject({ refused: 'not_owner' });
    expect(await cycle.send('resumed', { ...hold, until: null }, OWNER)).toMatchObject({
      refused: 'hold_expiry_required',
    });
    expect(await cycle.send('resumed', { ...hold, reason: ' ' }, OWNER)).toMatchObject({
      refused: 'reason_required',
    });
    expect(await cycle.send('resumed', resume, OWNER)).toMatchObject({ refused: 'not_held' });
    await cycle.send('resumed', hold, OWNER);
    expect(await cycle.send('resumed', hold, OWNER)).toMatchObject({ refused: 'already_held' });
    await cycle.send('resumed', resume, OWNER);

    await time.demand('resumed');
    await time.untilGate('resumed');
    expect(await cycle.send('resumed', hold, OWNER)).toMatchObject({ refused: 'not_in_this_stage' });
  });
});

describe('a command that is sent again', () => {
  test('has no second effect, though the thesis has long forgotten it', async () => {
    const { cycle } = time;
    await cycle.propose('forgotten', briskContract());
    const until = later(await time.now(), 30 * DAY);
    const hold = { type: 'Hold', reason: 'Budget freeze.', until } as const;
    const resume = { type: 'Resume', reason: 'The budget is back.' } as const;
    const first = await cycle.send('forgotten', hold, OWNER, 'first');
    await cycle.send('forgotten', resume, OWNER);
    // It remembers the last 200.
    for (let turn = 0; turn < 100; turn += 1) {
      await cycle.send('forgotten', hold, OWNER);
      await cycle.send('forgotten', resume, OWNER);
    }
    const again = { by: OWNER, admin: false, commandId: 'first', repeated: true };
    expect(await cycle.theses.send('forgotten', hold, again)).toEqual(first);
    expect((await cycle.thesis('forgotten')).view.hold).toBeNull();
  });
});

describe('more time or another form', () => {
  test('is given as often as the playbook allows, and then refused', async () => {
    const { cycle } = time;
    await cycle.propose('again', briskContract());
    await time.demand('again');
    await time.untilGate('again');
    await cycle.vote('again', PAIR, { ballot: 'refine', reason: 'Another angle.' });
    const refined = (await cycle.thesis('again')).view;
    expect(refined).toMatchObject({ stage: 'detect', round: 1, lastReadOut: null, gate: null });

    await time.demand('again');
    await time.untilGate('again');
    const refine = { ballot: 'refine', reason: 'A third angle.' } as const;
    expect(await cycle.vote('again', [AMINA], refine)).toMatchObject([{ refused: 'refinements_exhausted' }]);
    await cycle.vote('again', PAIR, { ballot: 'extend', reason: 'One more day.' });
    const [extended] = eventsOf(await cycle.journal('again'), 'StageExtended');

    const gate = await time.untilGate('again');
    expect(epoch(gate.openedAt)).toBeGreaterThanOrEqual(epoch(extended?.until ?? ''));
    const extend = { ballot: 'extend', reason: 'And one more.' } as const;
    expect(await cycle.vote('again', [AMINA], extend)).toMatchObject([{ refused: 'extensions_exhausted' }]);
    await cycle.vote('again', PAIR, { ballot: 'kill', reason: 'Enough.' });
    expect((await cycle.thesis('again')).view).toMatchObject({ stage: 'retex', outcome: 'killed' });
  });
});

describe('an amendment', () => {
  test('voids the votes, and the gate goes on with a file under a new hash', async () => {
    const { cycle } = time;
    await cycle.propose('amended', briskContract());
    await time.demand('amended');
    const before = await time.untilGate('amended');
    await cycle.vote('amended', [AMINA], { ballot: 'advance' });
    const amend = { type: 'Amend', reason: 'Twice as much must be asked for.' } as const;
    expect(await cycle.send('amended', { ...amend, contract: sealed(stricter(3)) }, OWNER)).toMatchObject({
      refused: 'stale_version',
    });
    await cycle.send('amended', { ...amend, contract: sealed(stricter(2)) }, OWNER);

    const after = await time.untilGate('amended');
    expect(after).toMatchObject({ id: before.id, votes: [], recommendation: 'refine' });
    expect(after.evidenceHash).not.toBe(before.evidenceHash);
    const journal = await cycle.journal('amended');
    expect(eventsOf(journal, 'VotesVoided')).toMatchObject([{ gateId: before.id, members: [AMINA] }]);
    const packs = await Promise.all(
      [before, after].map(({ id, evidenceHash }) => findPack(cycle.db, id, evidenceHash)),
    );
    expect(packs.map((pack) => pack?.contract.version)).toEqual([1, 2]);
    const stale = { ballot: 'kill', reason: 'No.', evidenceHash: before.evidenceHash } as const;
    expect(await cycle.vote('amended', [BRUNO], stale)).toMatchObject([{ refused: 'evidence_changed' }]);
    // The new read-out waits until the amendment is recorded: no step was tried in vain.
    const [history] = await historiesOf(time.environment.client, 'amended');
    const started = history?.events?.map(({ activityTaskStartedEventAttributes: start }) => start?.attempt);
    expect(new Set(started)).toEqual(new Set([undefined, 1]));
    await cycle.vote('amended', PAIR, { ballot: 'kill', reason: 'Nobody asks for it twice.' });
    expect((await cycle.thesis('amended')).view).toMatchObject({ outcome: 'killed', contractVersion: 2 });
  });
});

describe('a go with conditions', () => {
  test('holds the thesis when one is missed, and only then', async () => {
    const { cycle } = time;
    await cycle.propose('conditional', briskContract());
    await time.demand('conditional');
    await time.untilGate('conditional');
    const due = later(await time.now(), 3 * DAY);
    const base = { owner: OWNER, due, metric: null };
    const conditions: Condition[] = [
      {
        ...base,
        id: 'mentions',
        text: '',
        metric: { metric: 'demand_mentions', comparison: 'at_least', bound: '5' },
      },
      { ...base, id: 'stock', text: 'Fifty phones in stock' },
      { ...base, id: 'terms', text: 'Terms of sale signed' },
    ];
    await cycle.vote('conditional', [AMINA], { ballot: 'advance_with_conditions', conditions });
    await cycle.vote('conditional', [BRUNO], { ballot: 'advance' });
    expect((await cycle.thesis('conditional')).view).toMatchObject({ stage: 'prototype', conditions });

    const meet = { type: 'MeetCondition', conditionId: 'terms' } as const;
    expect(await cycle.send('conditional', meet, AMINA)).toMatchObject({ refused: 'not_owner' });
    await cycle.send('conditional', meet, OWNER);
    const metric = { type: 'MeetCondition', conditionId: 'mentions' } as const;
    expect(await cycle.send('conditional', metric, OWNER)).toMatchObject({ refused: 'condition_unknown' });
    await time.demand('conditional', '7');
    const { hold } = await time.until('conditional', (view) => view.hold !== null);

    expect(hold).toMatchObject({ by: 'jalon', until: null });
    expect(hold?.reason).toContain('Fifty phones in stock');
    const journal = await cycle.journal('conditional');
    const met = eventsOf(journal, 'ConditionMet').map(({ conditionId, by }) => [conditionId, by]);
    expect(met).toEqual([
      ['terms', OWNER],
      ['mentions', 'jalon'],
    ]);
    expect(eventsOf(journal, 'ConditionMissed').map(({ conditionId }) => conditionId)).toEqual(['stock']);
    await time.days(10);
    expect((await cycle.thesis('conditional')).view.status).toBe('on_hold');
    await cycle.send('conditional', { type: 'Resume', reason: 'The phones came.' }, OWNER);
    expect((await cycle.thesis('conditional')).view.conditions).toEqual([]);
  });
});

describe('a withdrawal', () => {
  test('leads to the retex, and closes with it', async () => {
    const { cycle } = time;
    await cycle.propose('withdrawn', briskContract());
    await time.demand('withdrawn');
    const { id } = await time.untilGate('withdrawn');
    const withdraw = { type: 'Withdraw', reason: 'The supplier left.' } as const;
    expect(await cycle.send('withdrawn', withdraw, AMINA)).toMatchObject({ refused: 'not_owner' });
    await cycle.send('withdrawn', withdraw, OWNER);

    expect((await cycle.thesis('withdrawn')).view).toMatchObject({ stage: 'retex', outcome: 'withdrawn' });
    expect(await cycle.vote('withdrawn', [], { ballot: 'advance' }).catch(String)).toContain('no gate');
    const gate = await cycle.db.selectFrom('gate').selectAll().where('gate_id', '=', id).executeTakeFirst();
    expect(gate).toMatchObject({ decision: null, waits_for: [] });
    expect(gate?.decided_at).not.toBeNull();
    const hold = { type: 'Hold', reason: 'Wait.', until: later(await time.now(), DAY) } as const;
    expect(await cycle.send('withdrawn', hold, OWNER)).toMatchObject({ refused: 'not_in_this_stage' });

    await time.until('withdrawn', ({ waiting }) => waiting.sentence.startsWith('The retex is drafted'));
    const empty = { type: 'CompleteRetex', summary: '', learnings: [], tags: [] } as const;
    expect(await cycle.send('withdrawn', empty, OWNER)).toMatchObject({
      refused: 'retex_incomplete',
      fields: [{ path: 'summary' }, { path: 'learnings' }, { path: 'tags' }],
    });
    const learnings = [{ topic: 'supply', text: 'One supplier is none.' }];
    await cycle.send('withdrawn', { ...empty, summary: 'No supplier.', learnings, tags: ['supply'] }, OWNER);
    expect((await cycle.thesis('withdrawn')).view.status).toBe('closed');
  });
});

/** The brisk contract with a bound of 40 mentions in its first stage, in a later version. */
function stricter(version: number): Contract {
  const rule = { kind: 'threshold', comparison: 'at_least', bound: '40' } as const;
  return { ...briskContract({ detect: { criteria: [{ ...MENTIONS, rule }] } }), version };
}
