// What stops a thesis, or its clock, without a vote: data that stop coming, money that runs out, and a committee that
// does not answer.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DAY, epoch, HOUR, type Instant } from '../../domain/duration.ts';
import type { SourceBinding } from '../../domain/thesis.ts';
import { briskContract, MENTIONS } from '../support/brisk-contract.ts';
import { type Cycle, daily, OWNER, VOTERS } from '../support/cycle.ts';
import { eventsOf, type SkippedTime, startSkippedTime } from '../support/skipped-time.ts';

const [AMINA, BRUNO] = VOTERS;
const PAIR = [AMINA, BRUNO];

/** A source that must not be older than two days. */
const SHOP: SourceBinding = {
  id: 'shop',
  kind: 'push',
  connection: null,
  metrics: ['demand_mentions'],
  parameters: {},
  stages: ['detect'],
  required: true,
  maximumStaleness: 'P2D',
};

let time: SkippedTime;
let cycle: Cycle;

beforeAll(async () => {
  time = await startSkippedTime('stops');
  cycle = time.cycle;
});

afterAll(async () => {
  await time?.close();
});

describe('data that stop coming', () => {
  test('pause the clock of the stage, which runs on by itself when they come back', async () => {
    const id = 'stale-stage';
    const later = { criteria: [{ ...MENTIONS, minimumAge: 'P4D' }], minimumDuration: 'P4D' };
    await cycle.propose(id, briskContract({ detect: later }, [SHOP]));
    await shopSends(id, await time.now());
    const plannedEnd = epoch((await cycle.thesis(id)).view.waiting.until ?? '');

    const paused = await time.until(id, ({ clockPaused }) => clockPaused !== null);
    expect(paused).toMatchObject({ waiting: { for: 'data', until: null }, sources: [{ state: 'stale' }] });
    expect(paused.clockPaused?.reason).toMatch(/^shop: The newest figure is of /);
    await time.days(15);
    expect((await cycle.thesis(id)).view).toMatchObject({ gate: null, waiting: { for: 'data' } });

    await shopSends(id, await time.now());
    const running = await time.until(id, ({ clockPaused }) => clockPaused === null);
    const [resumed] = eventsOf(await cycle.journal(id), 'ClockResumed');
    const pausedFor = resumed?.pausedFor ?? 0;
    expect(pausedFor).toBeGreaterThanOrEqual(15 * DAY);
    expect(Math.abs(epoch(running.waiting.until ?? '') - plannedEnd - pausedFor)).toBeLessThan(HOUR);
    await time.days(1, (now) => shopSends(id, now));
    await time.untilGate(id);
  });

  test('pause the deadline of an open gate, and the committee keeps the time it had left', async () => {
    const id = 'stale-gate';
    const gate = { onSilence: 'kill', reminders: [] } as const;
    await cycle.propose(id, briskContract({ detect: { gate } }, [SHOP]));
    await shopSends(id, await time.now());
    const opened = await time.untilGate(id);
    await time.until(id, ({ clockPaused }) => clockPaused !== null);
    await time.days(12);
    expect(epoch(await time.now())).toBeGreaterThan(epoch(opened.deadline));
    expect((await cycle.thesis(id)).view).toMatchObject({ outcome: null, gate: { id: opened.id } });

    await shopSends(id, await time.now());
    const back = await time.until(id, ({ clockPaused }) => clockPaused === null);
    const [resumed] = eventsOf(await cycle.journal(id), 'ClockResumed');
    expect(back.gate?.deadline).toBe(resumed?.deadline);
    expect(epoch(back.gate?.deadline ?? '')).toBeGreaterThan(epoch(await time.now()));
    await time.days(7, (now) => shopSends(id, now));
    expect((await cycle.thesis(id)).view.outcome).toBe('killed');
    const decided = (await cycle.journal(id)).find(({ event }) => event.type === 'GateDecided');
    expect(decided?.event).toMatchObject({ outcome: { decision: 'kill', by: 'silence' } });
    expect(epoch(decided?.at ?? '')).toBeGreaterThanOrEqual(epoch(back.gate?.deadline ?? ''));
  });
});

describe('an envelope that is spent', () => {
  test('kills at once where the playbook says so, without waiting for the cadence', async () => {
    const id = 'spent-kill';
    const plan = { onStopLoss: 'kill', cadence: 'P5D' } as const;
    await cycle.propose(id, briskContract({ detect: plan }));
    await spends(id, '5001');
    await submits(id);

    const { view } = await cycle.thesis(id);
    expect(view).toMatchObject({ stage: 'retex', outcome: 'killed' });
    const journal = await cycle.journal(id);
    expect(eventsOf(journal, 'StopLossTripped')).toMatchObject([{ action: 'kill' }]);
    expect(eventsOf(journal, 'ThesisKilled')).toMatchObject([{ by: 'stop_loss', stage: 'detect' }]);
    const life = epoch(journal.at(-1)?.at ?? '') - epoch(journal[0]?.at ?? '');
    expect(life).toBeLessThan(HOUR);
  });

  test('holds where the playbook says so, until people act; an open gate may then only kill', async () => {
    const id = 'spent-hold';
    await cycle.propose(id, briskContract());
    await time.demand(id);
    const { id: gateId } = await time.untilGate(id);
    await spends(id, '5001');
    await submits(id);

    const { view } = await cycle.thesis(id);
    expect(view).toMatchObject({ status: 'on_hold', hold: { by: 'jalon', until: null } });
    expect(view.hold?.reason).toContain('5001 EUR');
    await time.days(10);
    expect((await cycle.thesis(id)).view).toMatchObject({ status: 'on_hold', gate: { id: gateId } });
    await cycle.send(id, { type: 'Resume', reason: 'We look at the file.' }, OWNER);
    // The money is still gone: the first read-out after the hold trips again.
    await time.until(id, ({ hold, gate }) => hold !== null && gate?.evidenceHash !== '');
    expect(eventsOf(await cycle.journal(id), 'StopLossTripped')).toHaveLength(2);
    expect(await cycle.vote(id, [AMINA], { ballot: 'advance' })).toMatchObject([{ refused: 'already_held' }]);
    await cycle.vote(id, PAIR, { ballot: 'kill', reason: 'The money is gone.' });
    expect((await cycle.thesis(id)).view).toMatchObject({ stage: 'retex', outcome: 'killed' });
  });
});

describe('a committee that does not answer, where silence escalates', () => {
  const gate = {
    onSilence: 'escalate',
    escalation: { committee: 'executive-committee', deadline: 'P2D' },
  } as const;

  test('hands the gate to the executive committee, whose votes decide', async () => {
    const id = 'escalated';
    await cycle.propose(id, briskContract({ detect: { gate } }));
    await time.demand(id);
    const opened = await time.untilGate(id);
    await cycle.vote(id, [AMINA], { ballot: 'advance' });
    const { gate: escalated } = await time.until(id, (view) => view.gate?.escalated === true);

    expect(escalated).toMatchObject({ id: opened.id, committee: { name: 'executive-committee' }, votes: [] });
    expect(epoch(escalated?.deadline ?? '')).toBeGreaterThan(epoch(opened.deadline));
    await cycle.vote(id, PAIR, { ballot: 'kill', reason: 'Nobody stands for it.' });
    const decided = eventsOf(await cycle.journal(id), 'GateDecided');
    expect(decided).toMatchObject([{ outcome: { decision: 'kill', by: 'votes' } }]);
  });

  test('holds when the executive committee is silent too, and asks again after the hold', async () => {
    const id = 'silent-twice';
    await cycle.propose(id, briskContract({ detect: { gate } }));
    await time.demand(id);
    const first = await time.untilGate(id);
    const { hold } = await time.until(id, (view) => view.hold !== null);
    expect(hold).toMatchObject({ by: 'jalon' });
    expect(hold?.until).not.toBeNull();

    const again = await time.untilGate(id);
    expect(again.id).not.toBe(first.id);
    const journal = await cycle.journal(id);
    expect(eventsOf(journal, 'GateEscalated')).toHaveLength(1);
    expect(eventsOf(journal, 'GateDecided')).toMatchObject([
      { outcome: { decision: 'hold', by: 'silence' } },
    ]);
    expect(eventsOf(journal, 'StageEntered').map(({ stage }) => stage)).toEqual(['detect']);
  });
});

async function shopSends(thesisId: string, at: Instant): Promise<void> {
  await cycle.observe(thesisId, daily('demand_mentions', 1, at, { sum: '20' }), at, SHOP.id);
}

async function spends(thesisId: string, amount: string): Promise<void> {
  const at = await time.now();
  await cycle.observe(thesisId, daily('spend', 1, at, { sum: amount, currency: 'EUR' }), at);
}

/** Evidence sent in by the owner is read out at once; returns when it has been. */
async function submits(thesisId: string): Promise<void> {
  const before = eventsOf(await cycle.journal(thesisId), 'StageReadOut').length;
  await cycle.send(
    thesisId,
    { type: 'SubmitEvidence', submission: `${thesisId}-1`, metrics: ['spend'] },
    OWNER,
  );
  await vi.waitUntil(async () => {
    return eventsOf(await cycle.journal(thesisId), 'StageReadOut').length > before;
  });
}
