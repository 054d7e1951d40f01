// Starts a Temporal server whose clock jumps over the waits of workflows, for tests of whole cycles. One test
// file uses one at a time: skipping is global to the server, not to a workflow.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';

/** The SDK gives the server five seconds to start, which a busy machine does not always keep. */
const STARTS = 4;

/** A new environment, with the SDK's log at warnings and above. Call `teardown` when the tests are over. */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  quietSdk();
  const executable = { type: 'existing-path' as const, path: inject('timeSkippingPath') };
  for (let start = 1; ; start += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    } catch (error) {
      if (start === STARTS || !/did not start within/.test(String(error))) throw error;
    }
  }
}

let quiet = false;

/**
 * Keeps the SDK's workers from telling each step of their lives on the console: only lines of the level and above are
 * left. Call it before the first worker or environment of a test file; more calls do nothing.
 */
export function quietSdk(level: 'WARN' | 'ERROR' = 'WARN'): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({ logger: new DefaultLogger(level) });
}
