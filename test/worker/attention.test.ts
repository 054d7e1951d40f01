// Poison never stays silent: a step that always fails, code that throws, a start of an older shape, a past that the code
// does not reproduce, a run that ended or vanished are each noted on the thesis, and gone once mended.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { attentionTo, noteAttention, takeTurn } from '../../db/attention.ts';
import { readOperation } from '../../db/operation.ts';
import type { Attention } from '../../domain/thesis/attention.ts';
import { lookAt, type ScanDependencies, scanPass } from '../../worker/attention-scan.ts';
import { dataConverterOf } from '../../worker/payload-codec.ts';
import { THESIS_WORKFLOW, thesisWorkflowId } from '../../workflows/contract.ts';
import { briskContract } from '../support/brisk-contract.ts';
import { type FastTime, startFastTime } from '../support/fast-time.ts';
import { storeThesis } from '../support/stored-thesis.ts';
import { quietSdk } from '../support/time-skipping.ts';

const TASK_QUEUE = 'attention';
const PATIENCE = { timeout: 40_000, interval: 250 };

let time: FastTime;
let deps: ScanDependencies;

beforeAll(async () => {
  // The failures are meant: the SDK need not tell of them.
  quietSdk('ERROR');
  const dataConverter = dataConverterOf(newSecretKey());
  time = await startFastTime({ taskQueue: TASK_QUEUE, dataConverter });
  const codec = dataConverter.payloadCodecs?.[0] ?? null;
  deps = { db: time.cycle.db, client: time.client, codec, now: () => new Date() };
});

afterAll(async () => {
  await time?.close();
});

/** What is noted of a thesis once it has been looked at. */
async function looked(thesisId: string): Promise<Attention[]> {
  await lookAt(deps, thesisId);
  return await attentionTo(deps.db, [thesisId]);
}

async function startOlder(thesisId: string): Promise<void> {
  // As an older release would have started it: without the state that is carried today.
  const args = [{ thesisId, clock: { origin: new Date().toISOString(), rate: 1 } }];
  const options = { workflowId: thesisWorkflowId(thesisId), taskQueue: TASK_QUEUE, args };
  await time.client.workflow.start(THESIS_WORKFLOW, options);
}

/** Lets another release live the first half second of a thesis, and takes it away. */
async function otherRelease(taskQueue: string, thesisId: string): Promise<{ connection: NativeConnection }> {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const other = await Worker.create({
    connection,
    namespace: 'default',
    taskQueue,
    workflowsPath: fileURLToPath(new URL('other-release-workflow.ts', import.meta.url)),
  });
  // Its history is in the clear: the clients of this file read both.
  await other.runUntil(async () => {
    const client = new Client({ connection });
    const start = { thesisId, clock: { origin: new Date().toISOString(), rate: 1 }, state: null };
    await client.workflow.start(THESIS_WORKFLOW, {
      workflowId: thesisWorkflowId(thesisId),
      taskQueue,
      args: [start],
    });
    await sleep(1_500);
  });
  return { connection };
}

test('a step that always fails is noted with its words, which Temporal keeps encrypted, until it is mended', async () => {
  const gate = { committee: 'a-committee-to-be' };
  await time.cycle.propose('poisoned', briskContract({ detect: { gate } }));
  await time.demand('poisoned');
  await expect
    .poll(() => looked('poisoned'), PATIENCE)
    .toMatchObject([
      {
        kind: 'activity_failing',
        subject: 'seatCommittee',
        detail: expect.stringContaining('the committee a-committee-to-be does not exist'),
      },
    ]);

  await deps.db
    .insertInto('committee')
    .columns(['name', 'holders', 'calendar', 'updated_by'])
    .expression((eb) =>
      eb
        .selectFrom('committee')
        .select([eb.val('a-committee-to-be').as('name'), 'holders', 'calendar', 'updated_by'])
        .where('name', '=', 'growth-committee'),
    )
    .execute();
  await time.until('poisoned', (view) => view.gate !== null);
  await scanPass(deps, '');
  expect(await attentionTo(deps.db, ['poisoned'])).toEqual([]);
});

test('a start of an older shape, which the code cannot read, is noted with what it lacks', async () => {
  await startOlder('older');
  await expect
    .poll(() => looked('older'), PATIENCE)
    .toMatchObject([
      { kind: 'workflow_task_failing', detail: expect.stringContaining('The carried state lacks thesisId,') },
    ]);
  // What /metrics is made of.
  expect((await readOperation(deps.db)).attention).toContainEqual({
    kind: 'workflow_task_failing',
    count: 1,
  });
});

test('a past that the present code does not reproduce is told apart', async () => {
  const taskQueue = 'attention-other';
  const { connection } = await otherRelease(taskQueue, 'rewritten');
  const present = await Worker.create({
    connection,
    namespace: 'default',
    taskQueue,
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
  });
  const running = present.run();
  try {
    await expect
      .poll(() => looked('rewritten'), PATIENCE)
      .toMatchObject([{ kind: 'replay_failing', detail: expect.stringMatching(/determinis/i) }]);
  } finally {
    present.shutdown();
    await running;
    await connection.close();
  }
});

test('a run that ended before its thesis, or that the engine does not know, is noted; a closed thesis is not', async () => {
  await time.cycle.propose('ended', briskContract());
  await time.client.workflow.getHandle(thesisWorkflowId('ended')).terminate('by hand');
  expect(await looked('ended')).toMatchObject([
    { kind: 'run_ended', detail: expect.stringMatching(/ terminated: by hand$/) },
  ]);

  await storeThesis(deps.db, { thesisId: 'vanished', windows: [['detect', '09-01', null]] });
  await storeThesis(deps.db, { thesisId: 'over', windows: [['detect', '09-01', '09-20']] });
  await deps.db.updateTable('thesis').set({ status: 'closed' }).where('thesis_id', '=', 'over').execute();
  await scanPass(deps, '');
  const noted = await attentionTo(deps.db, ['vanished', 'over']);
  expect(noted).toMatchObject([{ thesisId: 'vanished', kind: 'run_missing' }]);
});

test('a trouble that goes on keeps the moment it began, and others come and go beside it', async () => {
  const [first, second] = ['2026-09-01T00:00:00.000Z', '2026-09-01T01:00:00.000Z'];
  const trouble = (subject: string): Attention => ({
    kind: 'activity_failing',
    subject,
    detail: 'it does not answer',
    attempts: 7,
  });
  await noteAttention(deps.db, { thesisId: 'two', found: [trouble('a'), trouble('b')], at: first });
  await noteAttention(deps.db, { thesisId: 'two', found: [trouble('b'), trouble('c')], at: second });
  const noted = await attentionTo(deps.db, ['two']);
  expect(noted.map(({ subject, since, seenAt }) => [subject, since, seenAt])).toEqual([
    ['b', first, second],
    ['c', second, second],
  ]);
});

test('one of several workers has the turn, and when it does not return another takes it', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => takeTurn(deps.db, 'test', 0.5)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  await expect.poll(() => takeTurn(deps.db, 'test', 60), PATIENCE).toBe(true);
  expect(await takeTurn(deps.db, 'test', 60)).toBe(false);
});
