// That a thesis outlives what it runs on, shown on a real server: workers without a memory, workers that are replaced,
// and a database that is away for a while.

import { Worker } from '@temporalio/worker';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { problemOf } from '../../api/failure.ts';
import { explain } from '../../api/problem.ts';
import { EngineUnavailable } from '../../api/theses-port.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { historiesOf } from '../../local/histories.ts';
import { ballotOf } from '../support/ballot.ts';
import { type Cycle, OWNER, VOTERS, workflowBundle } from '../support/cycle.ts';
import { type FastTime, startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { quietSdk } from '../support/time-skipping.ts';

const [AMINA, BRUNO] = VOTERS;

// Several workers start and replay in each test: minutes on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let time: FastTime | undefined;

beforeAll(() => {
  // Activities that fail while the database is away are logged as warnings: here they are meant.
  quietSdk('ERROR');
});

afterEach(async () => {
  await time?.close();
  time = undefined;
});

describe('a worker that keeps no workflow in memory', () => {
  test('replays the thesis at every step, and it lives to its end all the same', async () => {
    time = await startFastTime({ taskQueue: 'no-cache', cachedWorkflows: 0 });
    const { client, cycle } = time;
    const id = `no-cache-${Date.now()}`;
    await cycle.propose(id, unhurriedContract());
    await time.demand(id);
    await time.until(id, ({ gate }) => gate !== null);
    const query = `JalonOwner = '${OWNER}' and JalonStage = 'detect' and JalonGateOpen = true`;
    await vi.waitUntil(async () => (await workflowIds(query)).includes(`thesis/${id}`), { timeout: 5_000 });

    const view = await time.liveToItsEnd(id);
    expect(view).toMatchObject({ outcome: 'industrialised', status: 'closed' });
    const { portfolio } = unhurriedContract();
    const closed = `JalonPortfolio = '${portfolio}' and JalonStage = 'retex' and ExecutionStatus = 'Completed'`;
    await vi.waitUntil(async () => (await workflowIds(closed)).includes(`thesis/${id}`), { timeout: 5_000 });
    expect(await verifyLedger(cycle.db)).toMatchObject({ theses: 1, broken: null });

    const histories = await historiesOf(client, id);
    expect(histories).toHaveLength(5);
    // Found from its start: until its first gate opens, there is nothing to publish.
    expect(gateOpenIn(histories[0])).toEqual(['born false', 'then true', 'then false']);
    const runs = histories.map((history, index) => ({ workflowId: `run-${index + 1}`, history }));
    const options = { workflowBundle: await workflowBundle() };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, runs)) {
      expect(error, workflowId).toBeUndefined();
    }
  });
});

describe('a worker that is replaced', () => {
  test('hands the thesis over in the middle of a stage and of a vote', async () => {
    time = await startFastTime({ taskQueue: 'replaced' });
    const { cycle } = time;
    const id = `replaced-${Date.now()}`;
    await cycle.propose(id, unhurriedContract());
    await cycle.replaceWorker();
    await time.demand(id);
    await time.until(id, ({ gate }) => gate !== null);
    await cycle.vote(id, [AMINA], { ballot: 'advance' });
    await cycle.replaceWorker();
    await cycle.vote(id, [BRUNO], { ballot: 'advance' });

    expect((await cycle.thesis(id)).view.stage).toBe('prototype');
    expect(await time.liveToItsEnd(id)).toMatchObject({ outcome: 'industrialised' });
    expect(await verifyLedger(cycle.db)).toMatchObject({ broken: null });
  });
});

describe('a database that is away during a vote', () => {
  test('is waited for: the caller learns that nobody knows yet, and the same vote is answered once later', async () => {
    const { cycle, wire, id, vote } = await openGate('database-away');
    const before = await cycle.journal(id);
    const send = () => cycle.send(id, { type: 'DecideGate', vote }, AMINA, 'amina-1');

    wire.cut();
    const failure = await send().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineUnavailable);
    expect(explain(problemOf(failure).code)).toMatchObject({ status: 503 });
    expect((await cycle.journal(id)).slice(before.length).map(({ event }) => event.type)).not.toContain(
      'VoteCast',
    );

    wire.mend();
    const answer = await vi.waitFor(send, { timeout: 30_000 });
    expect(await send()).toEqual(answer);
    await expectOneVote(cycle, id, 'amina-1');
  });

  test.each(['before', 'after'] as const)('and breaks right %s the commit', async (when) => {
    const { cycle, wire, id, vote } = await openGate(`breaks-${when}`);
    wire.breakAtCommitOf('amina-1', when);
    const answer = await cycle.send(id, { type: 'DecideGate', vote }, AMINA, 'amina-1');
    expect(wire.hasBroken).toBe(true);
    expect(answer).toMatchObject({ thesisId: id });
    await expectOneVote(cycle, id, 'amina-1');
  });

  test('and stays away from the worker after the commit: who asks is answered from the ledger', async () => {
    const { cycle, wire, id, vote } = await openGate('ledger-answers');
    wire.breakAtCommitOf('amina-1', 'after');
    const sent = cycle.send(id, { type: 'DecideGate', vote }, AMINA, 'amina-1');
    await vi.waitUntil(() => wire.hasBroken, { timeout: 10_000, interval: 5 });
    wire.cut();
    expect(await sent).toEqual({ thesisId: id, sequence: (await cycle.journal(id)).at(-1)?.sequence });
    wire.mend();
    await expectOneVote(cycle, id, 'amina-1');
  });
});

/** A thesis at its first gate, and a vote of Amina's on it. */
async function openGate(taskQueue: string) {
  time = await startFastTime({ taskQueue });
  const { cycle, wire } = time;
  const id = `${taskQueue}-${Date.now()}`;
  await cycle.propose(id, unhurriedContract());
  await time.demand(id);
  const { gate } = await time.until(id, (view) => view.gate !== null);
  return { cycle, wire, id, vote: ballotOf(gate, AMINA) };
}

/** One event, one row, a ledger that holds, and a committee that goes on from there. */
async function expectOneVote({ db, ...cycle }: Cycle, id: string, commandId: string): Promise<void> {
  const journal = await cycle.journal(id);
  expect(journal.filter((recorded) => recorded.commandId === commandId)).toMatchObject([
    { actor: AMINA, event: { type: 'VoteCast', vote: { ballot: 'advance' } } },
  ]);
  expect(await db.selectFrom('vote').select('member_id').execute()).toEqual([{ member_id: AMINA }]);
  expect(await verifyLedger(db)).toMatchObject({ theses: 1, broken: null });
  await cycle.vote(id, [BRUNO], { ballot: 'advance' });
  expect((await cycle.thesis(id)).view.stage).toBe('prototype');
  await cycle.send(id, { type: 'Withdraw', reason: 'The test is over.' }, OWNER);
}

async function workflowIds(query: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId } of time?.client.workflow.list({ query }) ?? []) found.push(workflowId);
  return found;
}

/** What a run of a thesis told of its gate through its search attributes, as it was started and after that. */
function gateOpenIn(history: Awaited<ReturnType<typeof historiesOf>>[number] | undefined): string[] {
  return (history?.events ?? []).flatMap((event) => {
    const {
      workflowExecutionStartedEventAttributes: born,
      upsertWorkflowSearchAttributesEventAttributes: then,
    } = event;
    const told = (born ?? then)?.searchAttributes?.indexedFields?.JalonGateOpen?.data;
    return told ? [`${born ? 'born' : 'then'} ${Buffer.from(told).toString()}`] : [];
  });
}
