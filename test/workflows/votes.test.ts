// Votes as they reach a thesis, by update and by signal: which count, which are refused and how, and that sending one
// twice is the same as sending it once.

import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Gate } from '../../domain/gate.ts';
import type { VoteProposal } from '../../domain/thesis/command.ts';
import { historiesOf } from '../../local/histories.ts';
import { DESCRIBE_QUERY, thesisWorkflowId, VOTE_SIGNAL } from '../../workflows/contract.ts';
import { ballotOf } from '../support/ballot.ts';
import { briskContract } from '../support/brisk-contract.ts';
import { OWNER, VOTERS } from '../support/cycle.ts';
import { eventsOf, type SkippedTime, startSkippedTime } from '../support/skipped-time.ts';
import { quietSdk } from '../support/time-skipping.ts';

const [AMINA, BRUNO, CLAIRE] = VOTERS;

let time: SkippedTime;

beforeAll(async () => {
  // Dropped votes are logged as warnings: here they are meant.
  quietSdk('ERROR');
  time = await startSkippedTime('votes');
});

afterAll(async () => {
  await time?.close();
});

describe('a vote by signal', () => {
  test('counts like one by update, once however often it is sent', async () => {
    const gate = await openGate('signalled');
    const vote = { ...ballotOf(gate, AMINA), commandId: 'amina-votes' };
    await handleOf('signalled').signal(VOTE_SIGNAL, vote);
    await handleOf('signalled').signal(VOTE_SIGNAL, vote);
    await settled('signalled');

    const cast = (await time.cycle.journal('signalled')).filter(({ event }) => event.type === 'VoteCast');
    expect(cast).toMatchObject([
      { actor: AMINA, commandId: 'amina-votes', event: { via: 'signal', vote: { ballot: 'advance' } } },
    ]);
    expect(await send('signalled', ballotOf(gate, BRUNO))).toMatchObject({ thesisId: 'signalled' });
    expect((await time.cycle.thesis('signalled')).view.stage).toBe('prototype');
  });

  test('that is refused becomes a recorded event and the thesis lives on', async () => {
    const gate = await openGate('refused');
    const refused: [string, Partial<VoteProposal>][] = [
      ['no_seat', { member: 'nobody' }],
      ['owner_cannot_vote', { member: OWNER }],
      ['evidence_changed', { evidenceHash: 'f'.repeat(64) }],
      ['reason_required', { ballot: 'kill' }],
      ['gate_not_open', { gateId: 'refused.2' }],
      ['gate_unknown', { gateId: 'another.1' }],
      ['invalid_input', { holdUntil: gate.deadline }],
    ];
    for (const [commandId, change] of refused) {
      await handleOf('refused').signal(VOTE_SIGNAL, { ...ballotOf(gate, AMINA), ...change, commandId });
    }
    await settled('refused');

    const events = eventsOf(await time.cycle.journal('refused'), 'VoteRefused');
    expect(events.map(({ refusal }) => refusal.refused)).toEqual(refused.map(([code]) => code));
    await bothAdvance('refused', gate);
    expect((await time.cycle.thesis('refused')).view.stage).toBe('prototype');
  });

  test('that is no vote at all is dropped', async () => {
    const gate = await openGate('garbage');
    const before = await time.cycle.journal('garbage');
    const { gateId: _gateId, ...noGate } = ballotOf(gate, AMINA);
    const garbage = [
      null,
      'advance',
      42,
      [],
      {},
      new Uint8Array([1, 2, 3]),
      { commandId: 'a' },
      { ...noGate, commandId: 'b' },
      { ...ballotOf(gate, AMINA), ballot: 'perhaps', commandId: 'c' },
      { ...ballotOf(gate, AMINA), probability: 'high', commandId: 'd' },
      ballotOf(gate, AMINA),
      { ...ballotOf(gate, AMINA), commandId: 'x'.repeat(201) },
    ];
    for (const payload of garbage) await handleOf('garbage').signal(VOTE_SIGNAL, payload);
    await handleOf('garbage').signal(VOTE_SIGNAL);
    await settled('garbage');

    expect(await time.cycle.journal('garbage')).toEqual(before);
    await bothAdvance('garbage', gate);
    expect((await time.cycle.thesis('garbage')).view.stage).toBe('prototype');
  });
});

describe('a vote by update', () => {
  test('before its gate opens is refused as not open', async () => {
    await time.cycle.propose('early', briskContract());
    const answer = await send('early', ballotOf({ id: 'early.1', evidenceHash: 'f'.repeat(64) }, AMINA));
    expect(answer).toMatchObject({ refused: 'gate_not_open' });
  });

  test('is refused with its reason, and leaves no trace', async () => {
    const gate = await openGate('typed');
    const before = await time.cycle.journal('typed');
    const refused: [string, Partial<VoteProposal>, string?][] = [
      ['evidence_changed', { evidenceHash: 'f'.repeat(64) }],
      ['owner_cannot_vote', { member: OWNER }],
      ['no_seat', { member: 'nobody' }],
      ['no_seat', { member: BRUNO }, AMINA],
      ['gate_unknown', { gateId: 'another.1' }],
      ['gate_not_open', { gateId: 'typed.2' }],
      ['reason_required', { ballot: 'refine' }],
      ['conditions_required', { ballot: 'advance_with_conditions' }],
      ['hold_expiry_required', { ballot: 'hold', reason: 'We wait.' }],
      ['invalid_input', { probability: 2 }],
    ];
    for (const [code, change, by] of refused) {
      const vote = { ...ballotOf(gate, AMINA), ...change };
      expect(await send('typed', vote, by), code).toMatchObject({ refused: code });
    }
    expect(await time.cycle.journal('typed')).toEqual(before);
  });

  test('after the decision is refused as closed', async () => {
    const gate = await openGate('late');
    await bothAdvance('late', gate);
    expect(await send('late', ballotOf(gate, CLAIRE))).toMatchObject({ refused: 'gate_closed' });
  });
});

describe('the same command id twice', () => {
  test('has one effect, also when the thesis has begun another run in between', async () => {
    const gate = await openGate('twice');
    const amina = await send('twice', ballotOf(gate, AMINA), AMINA, 'amina-1');
    expect(await send('twice', ballotOf(gate, AMINA), AMINA, 'amina-1')).toEqual(amina);
    const firstRun = (await handleOf('twice').describe()).runId;
    const deciding = await send('twice', ballotOf(gate, BRUNO), BRUNO, 'bruno-1');
    await vi.waitUntil(async () => (await handleOf('twice').describe()).runId !== firstRun);

    expect(await send('twice', ballotOf(gate, BRUNO), BRUNO, 'bruno-1')).toEqual(deciding);
    expect(await send('twice', ballotOf(gate, AMINA), AMINA, 'amina-1')).toEqual(amina);
    expect(await send('twice', ballotOf(gate, AMINA), AMINA, 'amina-2')).toMatchObject({
      refused: 'gate_closed',
    });
    const journal = await time.cycle.journal('twice');
    expect(eventsOf(journal, 'VoteCast').map(({ vote }) => vote.member)).toEqual([AMINA, BRUNO]);
    expect(eventsOf(journal, 'StageEntered').map(({ stage }) => stage)).toEqual(['detect', 'prototype']);
    // What was sent again across the runs stands once in Temporal's history too.
    const runs = await historiesOf(time.environment.client, 'twice');
    const accepted = runs.flatMap(({ events }) =>
      (events ?? []).map((event) => event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId),
    );
    expect(accepted.filter((id) => id === 'amina-1' || id === 'bruno-1').toSorted()).toEqual([
      'amina-1',
      'bruno-1',
    ]);
  });
});

describe('a closed thesis', () => {
  test('answers that it is closed', async () => {
    const { cycle } = time;
    await cycle.propose('closed', briskContract());
    await cycle.send('closed', { type: 'Withdraw', reason: 'The supplier left.' }, OWNER);
    await settled('closed');
    const learnings = [{ topic: 'supply', text: 'One supplier is none.' }];
    const completion = { type: 'CompleteRetex', summary: 'Withdrawn.', learnings, tags: ['supply'] } as const;
    await vi.waitUntil(async () => 'sequence' in (await cycle.send('closed', completion, OWNER)));

    expect((await cycle.thesis('closed')).view).toMatchObject({ status: 'closed', outcome: 'withdrawn' });
    const again = await cycle.send('closed', { type: 'Withdraw', reason: 'Once more.' }, OWNER);
    expect(again).toMatchObject({ refused: 'thesis_closed' });
    expect((await handleOf('closed').describe()).status.name).toBe('COMPLETED');
  });
});

/** Proposes a thesis with enough evidence and waits for its first gate. */
async function openGate(thesisId: string): Promise<Gate> {
  await time.cycle.propose(thesisId, briskContract());
  await time.demand(thesisId);
  return await time.untilGate(thesisId);
}

function send(thesisId: string, vote: VoteProposal, by: string = vote.member, commandId?: string) {
  return time.cycle.send(thesisId, { type: 'DecideGate', vote }, by, commandId);
}

async function bothAdvance(thesisId: string, gate: Gate): Promise<void> {
  await send(thesisId, ballotOf(gate, AMINA));
  await send(thesisId, ballotOf(gate, BRUNO));
}

function handleOf(thesisId: string): WorkflowHandle {
  return time.environment.client.workflow.getHandle(thesisWorkflowId(thesisId));
}

/** Signals have no answer: a query answered after them has seen them, and a pause lets their events be recorded. */
async function settled(thesisId: string): Promise<void> {
  await vi.waitUntil(async () => {
    const described: { sequence: number } = await handleOf(thesisId).query(DESCRIBE_QUERY);
    return (await time.cycle.thesis(thesisId)).view.sequence === described.sequence;
  });
}
