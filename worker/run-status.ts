// How the newest run of a thesis stands, in the words of the domain. Only asks the engine.

import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { RunStatus } from '../domain/thesis/attention.ts';
import { thesisWorkflowId } from '../workflows/contract.ts';

/** What the engine says of the newest run; null when it does not know the thesis. */
export async function describeRun(
  client: Client,
  thesisId: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(thesisWorkflowId(thesisId)).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

export function statusOf(run: WorkflowExecutionDescription | null): RunStatus {
  return run === null ? 'missing' : STATUSES[run.status.name];
}

const STATUSES: Record<WorkflowExecutionDescription['status']['name'], RunStatus> = {
  UNSPECIFIED: 'running',
  UNKNOWN: 'running',
  RUNNING: 'running',
  PAUSED: 'running',
  COMPLETED: 'completed',
  // The next run has begun already: the look a moment later sees it.
  CONTINUED_AS_NEW: 'running',
  FAILED: 'failed',
  TERMINATED: 'terminated',
  CANCELLED: 'canceled',
  TIMED_OUT: 'timed_out',
};
