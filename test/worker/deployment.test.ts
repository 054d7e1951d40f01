// Worker versioning as docs/upgrades.md tells operators to use it: a thesis goes where the current version is, forward
// and back, a version that is not current gets no work, and a process of a version says that it is ready.

import { randomUUID } from 'node:crypto';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { connect } from '../../db/connect.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { historiesOf } from '../../local/histories.ts';
import { freePort } from '../../local/machine.ts';
import { thesisWorkflowId } from '../../workflows/contract.ts';
import { VOTERS } from '../support/cycle.ts';
import { createTestDatabase } from '../support/database.ts';
import { type FastTime, startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { startProcess } from '../support/processes.ts';

const PATIENCE = { timeout: 60_000, interval: 250 };

vi.setConfig({ testTimeout: 180_000 });

let time: FastTime | undefined;

afterEach(async () => {
  await time?.close();
  time = undefined;
});

/** What `temporal worker deployment set-current-version` does, once the version has been seen to ask for work. */
async function setCurrent({ client }: FastTime, deploymentName: string, buildId: string): Promise<void> {
  const request = { namespace: 'default', deploymentName, buildId, identity: 'test' };
  await vi.waitFor(() => client.workflowService.setWorkerDeploymentCurrentVersion(request), PATIENCE);
}

/** The build that last did something for the thesis; null: one of no deployment. */
async function buildOf({ client }: FastTime, thesisId: string): Promise<string | null> {
  const { raw } = await client.workflow.getHandle(thesisWorkflowId(thesisId)).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? null;
}

test('a thesis lives under the current version, goes on under the next, and back when that is taken back', async () => {
  const name = `jalon-${Date.now()}`;
  const version = (buildId: string) => ({ deployment: { name, buildId } });
  time = await startFastTime({ taskQueue: name, ...version('v1') });
  const living = time;
  const { cycle, client } = living;
  await setCurrent(living, name, 'v1');
  await cycle.propose(name, unhurriedContract());
  const endV2 = await cycle.addWorker(version('v2'));
  await living.demand(name);
  await living.until(name, ({ gate }) => gate !== null);
  expect(await buildOf(living, name)).toBe('v1');

  await setCurrent(living, name, 'v2');
  await cycle.vote(name, VOTERS.slice(0, 2), { ballot: 'advance' });
  await living.until(name, ({ stage }) => stage === 'prototype');
  await vi.waitUntil(async () => (await buildOf(living, name)) === 'v2', PATIENCE);

  await setCurrent(living, name, 'v1');
  await living.liveUntil(name, ({ stage }) => stage === 'measure');
  await vi.waitUntil(async () => (await buildOf(living, name)) === 'v1', PATIENCE);
  await endV2();
  expect(await living.liveToItsEnd(name)).toMatchObject({ outcome: 'industrialised' });
  expect(await verifyLedger(cycle.db)).toMatchObject({ theses: 1, broken: null });
  const events = (await historiesOf(client, name)).flatMap((run) => run.events ?? []);
  expect(events.filter((event) => event.workflowTaskFailedEventAttributes != null)).toEqual([]);
});

test('a thesis that began without versions goes on under the first version that is made current', async () => {
  const name = `jalon-${Date.now()}`;
  time = await startFastTime({ taskQueue: name });
  const { cycle } = time;
  await cycle.propose(name, unhurriedContract());
  await time.until(name, ({ lastReadOut }) => lastReadOut !== null);
  expect(await buildOf(time, name)).toBeNull();
  const endV1 = await cycle.addWorker({ deployment: { name, buildId: 'v1' } });
  await setCurrent(time, name, 'v1');
  const view = await time.liveToItsEnd(name);
  expect(view).toMatchObject({ outcome: 'industrialised' });
  expect(await buildOf(time, name)).toBe('v1');
  await endV1();
});

test('a worker process of a version is ready before it is current', async () => {
  const database = await createTestDatabase();
  const db = connect(database.url);
  await prepareDatabase(db, database.appUrl);
  await db.destroy();
  const port = await freePort('A worker');
  const worker = startProcess('worker', {
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    JALON_SECRET_KEY: newSecretKey(),
    JALON_WORKER_PORT: String(port),
    JALON_DEPLOYMENT: `jalon-${randomUUID()}`,
    JALON_BUILD_ID: '0.1.0-test',
  });
  try {
    await vi.waitUntil(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      return answer?.ok === true;
    }, PATIENCE);
  } finally {
    await worker.close();
    await database.drop();
  }
});
