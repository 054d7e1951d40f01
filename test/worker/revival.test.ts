// PostgreSQL alone is enough: when Temporal has lost everything, or was restored to another moment, each open thesis goes
// on from the last event of its ledger, and nothing that was acknowledged is missing.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { EngineUnavailable } from '../../api/theses-port.ts';
import { attentionTo } from '../../db/attention.ts';
import { verifyLedger } from '../../db/ledger.ts';
import type { VoteProposal } from '../../domain/thesis/command.ts';
import { lookAt } from '../../worker/attention-scan.ts';
import { type Revived, reviveTheses } from '../../worker/revival.ts';
import { TASK_QUEUE, thesisWorkflowId } from '../../workflows/contract.ts';
import { ballotOf } from '../support/ballot.ts';
import { OWNER, VOTERS } from '../support/cycle.ts';
import { type FastTime, startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { type OwnTemporal, startOwnTemporal } from '../support/own-temporal.ts';
import { startScript } from '../support/processes.ts';
import { quietSdk } from '../support/time-skipping.ts';

const [AMINA, BRUNO] = VOTERS;

vi.setConfig({ testTimeout: 180_000 });

let temporal: OwnTemporal | undefined;
let time: FastTime | undefined;

beforeAll(() => {
  quietSdk('ERROR');
});

afterEach(async () => {
  await time?.close();
  await temporal?.close();
});

async function begin(taskQueue: string): Promise<{ temporal: OwnTemporal; time: FastTime }> {
  temporal = await startOwnTemporal();
  time = await startFastTime({ taskQueue, address: temporal.address });
  return { temporal, time };
}

/** A thesis at its first gate. */
async function atGate({ cycle, ...life }: FastTime, id: string): Promise<VoteProposal> {
  await cycle.propose(id, unhurriedContract());
  await life.demand(id);
  const { gate } = await life.until(id, (view) => view.gate !== null);
  return ballotOf(gate, AMINA);
}

async function attention({ cycle: { db }, client }: FastTime, id: string) {
  await lookAt({ db, client, codec: null, now: () => new Date() }, id);
  return await attentionTo(db, [id]);
}

async function revive({ cycle: { db }, client }: FastTime, taskQueue: string, restart = false) {
  const revived: Revived[] = [];
  for await (const one of reviveTheses({ db, client, taskQueue, restart })) revived.push(one);
  return revived;
}

test('Temporal has lost everything: the program revives the theses, and they live to their end', async () => {
  const { temporal, time } = await begin(TASK_QUEUE);
  const { cycle } = time;
  const vote = await atGate(time, 'voted');
  const cast = await cycle.send('voted', { type: 'DecideGate', vote }, AMINA, 'amina-1');
  await cycle.propose('young', unhurriedContract());
  await cycle.send(
    'young',
    { type: 'Hold', reason: 'Strike.', until: '2099-01-01T00:00:00.000Z' },
    OWNER,
    'h-1',
  );
  const before = await cycle.journal('voted');

  await temporal.kill();
  await temporal.wipe();
  await temporal.start();
  expect(await attention(time, 'voted')).toMatchObject([{ kind: 'run_missing' }]);
  // An open thesis without a run is an outage, not a thesis that is closed.
  const meanwhile = cycle.send(
    'voted',
    { type: 'DecideGate', vote: { ...vote, member: BRUNO } },
    BRUNO,
    'bruno-1',
  );
  await expect(meanwhile).rejects.toBeInstanceOf(EngineUnavailable);

  const program = startScript('worker/revive.ts', {
    DATABASE_URL: time.wire.url,
    TEMPORAL_ADDRESS: temporal.address,
    JALON_SECRET_KEY: newSecretKey(),
    JALON_PAYLOAD_KEY: 'off',
  });
  expect(await program.exited, program.printed()).toBe(0);
  const last = before.at(-1)?.sequence;
  expect(program.printed()).toContain(`voted: its run was missing; it goes on from event ${last}.`);
  expect(program.printed()).toContain('2 theses go on.');
  expect(await revive(time, TASK_QUEUE)).toEqual([]);

  // What was done before is known by its id, though the engine has never heard of it.
  expect(await cycle.send('voted', { type: 'DecideGate', vote }, AMINA, 'amina-1')).toEqual(cast);
  expect((await cycle.journal('voted')).slice(0, last)).toEqual(before);
  expect((await cycle.thesis('young')).view.hold).toMatchObject({ reason: 'Strike.' });
  await cycle.send('young', { type: 'Withdraw', reason: 'Seen enough.' }, OWNER);
  await cycle.vote('voted', [BRUNO], { ballot: 'advance' });
  expect(await time.liveToItsEnd('voted')).toMatchObject({ outcome: 'industrialised', gate: null });
  expect(await verifyLedger(cycle.db)).toMatchObject({ theses: 2, broken: null });
  expect(await attention(time, 'voted')).toEqual([]);
});

test('Temporal was restored to an older moment: the ledger refuses what its run invents, and the thesis goes on', async () => {
  const queue = 'revival-older';
  const { temporal, time } = await begin(queue);
  const { cycle } = time;
  const vote = await atGate(time, 'older');
  await temporal.kill();
  const putBack = await temporal.remember();
  await temporal.start();
  const send = (by: string, id: string) =>
    cycle.send('older', { type: 'DecideGate', vote: { ...vote, member: by } }, by, id);
  const cast = await vi.waitFor(() => send(AMINA, 'amina-1'), { timeout: 30_000 });
  await temporal.kill();
  await putBack();
  await temporal.start();

  // The run has never heard of Amina's vote, and writes Bruno's in its place.
  await vi.waitFor(
    async () => {
      await expect(send(BRUNO, 'bruno-1')).rejects.toBeInstanceOf(EngineUnavailable);
      expect((await attention(time, 'older'))[0]?.kind).toBe('run_ended');
    },
    { timeout: 60_000 },
  );
  expect(await attention(time, 'older')).toMatchObject([
    {
      kind: 'run_ended',
      detail: expect.stringMatching(/failed: .*event \d+ is already recorded with other content/),
    },
  ]);

  expect(await revive(time, queue)).toMatchObject([{ thesisId: 'older', was: 'failed' }]);
  expect(await attention(time, 'older')).toEqual([]);
  expect(await send(AMINA, 'amina-1')).toEqual(cast);
  // The same request again, as its caller was told: it decides the gate now.
  await send(BRUNO, 'bruno-1');
  expect((await cycle.thesis('older')).view.stage).toBe('prototype');
  const votes = (await cycle.journal('older')).filter(({ event }) => event.type === 'VoteCast');
  expect(votes.map(({ actor, commandId }) => [actor, commandId])).toEqual([
    [AMINA, 'amina-1'],
    [BRUNO, 'bruno-1'],
  ]);
  await time.liveToItsEnd('older');
  expect(await verifyLedger(cycle.db)).toMatchObject({ broken: null });
});

test('a run that goes on is left alone, and started from the ledger when that is asked for', async () => {
  const queue = 'revival-restart';
  const { time } = await begin(queue);
  const { cycle, client } = time;
  await atGate(time, 'going');
  const run = async () => (await client.workflow.getHandle(thesisWorkflowId('going')).describe()).runId;
  const first = await run();
  expect(await revive(time, queue)).toEqual([]);
  expect(await run()).toBe(first);
  expect(await revive(time, queue, true)).toMatchObject([{ thesisId: 'going', was: 'running' }]);
  expect(await run()).not.toBe(first);
  await time.liveToItsEnd('going');
  expect(await verifyLedger(cycle.db)).toMatchObject({ theses: 1, broken: null });
  expect(await revive(time, queue, true)).toEqual([]);
});
