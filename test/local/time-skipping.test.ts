// The test server found on this machine lets a workflow live forty days in a moment.
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { sleepDays } from './sleeper-workflow.ts';

const DAY_MS = 24 * 3600 * 1000;

test('forty simulated days take seconds at most', async () => {
  const environment = await createTimeSkippingEnvironment();
  try {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: 'sleepers',
      workflowsPath: fileURLToPath(new URL('./sleeper-workflow.ts', import.meta.url)),
    });
    const started = Date.now();
    const elapsed = await worker.runUntil(
      environment.client.workflow.execute(sleepDays, {
        workflowId: 'forty-days',
        taskQueue: 'sleepers',
        args: [40],
      }),
    );
    expect(elapsed).toBeGreaterThanOrEqual(40 * DAY_MS);
    expect(elapsed).toBeLessThan(41 * DAY_MS);
    expect(Date.now() - started).toBeLessThan(30_000);
  } finally {
    await environment.teardown();
  }
});
