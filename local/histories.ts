// Reads from Temporal what a thesis's workflow lived through: the history of each of its runs. Only reads.

import type { Client } from '@temporalio/client';
import { thesisWorkflowId } from '../workflows/contract.ts';

/** The histories of a thesis's runs, first to last: each run but the last was continued as the next. */
export async function historiesOf(client: Client, thesisId: string) {
  const workflowId = thesisWorkflowId(thesisId);
  let history = await client.workflow.getHandle(workflowId).fetchHistory();
  const runs = [history];
  for (;;) {
    const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return runs;
    history = await client.workflow.getHandle(workflowId, before).fetchHistory();
    runs.unshift(history);
  }
}
