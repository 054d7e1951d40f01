// A thesis whose carried state is of an older shape than the release in charge can read: it says so, on the thesis and
// in the metrics, for as long as it waits, and goes on under a release that can.

import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { quietOperation } from '../../api/operation-deps.ts';
import { attentionTo } from '../../db/attention.ts';
import { verifyLedger } from '../../db/ledger.ts';
import { lookAt } from '../../worker/attention-scan.ts';
import { buildWorkflowBundle } from '../../worker/bundle.ts';
import { WORKFLOWS_PATH } from '../../worker/worker.ts';
import { createTestApi } from '../support/api.ts';
import { SILENT, VOTERS } from '../support/cycle.ts';
import { startFastTime, unhurriedContract } from '../support/fast-time.ts';
import { quietSdk } from '../support/time-skipping.ts';

const PATIENCE = { timeout: 60_000, interval: 250 };

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

test('a state without a field that is needed waits in plain sight until a release can read it', async () => {
  quietSdk('ERROR');
  const id = `older-${Date.now()}`;
  // The present code, to which its runs are handed over as that release would have.
  const older = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS_PATH,
    workflowInterceptorModules: [beside('older-state-interceptors.ts')],
    logger: SILENT,
  });
  const time = await startFastTime({ taskQueue: id, bundle: older });
  const { client, cycle } = time;
  const operation = { ...quietOperation(), isMetricsReader: () => true };
  const api = await createTestApi({ db: cycle.db, operation });
  const stuckInMetrics = async () => String((await api.send(null, 'GET', '/metrics')).body);
  const looked = async () => {
    await lookAt({ db: cycle.db, client, codec: null, now: () => new Date() }, id);
    return await attentionTo(cycle.db, [id]);
  };
  try {
    await cycle.propose(id, unhurriedContract());
    await time.demand(id);
    await time.until(id, ({ gate }) => gate !== null);
    await cycle.vote(id, VOTERS.slice(0, 2), { ballot: 'advance' });

    await expect.poll(looked, PATIENCE).toMatchObject([
      {
        kind: 'workflow_task_failing',
        detail: expect.stringContaining('The carried state lacks conditions.'),
      },
    ]);
    expect(await stuckInMetrics()).toContain(
      'jalon_theses_needing_attention{kind="workflow_task_failing"} 1',
    );

    const reading = { code: await buildWorkflowBundle(beside('reading-release-workflow.ts')) };
    await cycle.replaceWorker({ bundle: reading });
    expect(await time.liveToItsEnd(id)).toMatchObject({ outcome: 'industrialised' });
    expect(await looked()).toEqual([]);
    expect(await stuckInMetrics()).toContain(
      'jalon_theses_needing_attention{kind="workflow_task_failing"} 0',
    );
    expect(await verifyLedger(cycle.db)).toMatchObject({ theses: 1, broken: null });
  } finally {
    await api.close();
    await time.close();
  }
}, 240_000);
