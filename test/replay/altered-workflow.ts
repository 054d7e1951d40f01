// The workflow with one change that nobody versioned: it waits a second before it begins. Only there to show that the
// replays notice such a change.

import { sleep } from '@temporalio/workflow';
import type { ThesisStart } from '../../workflows/contract.ts';
import { thesisWorkflow as present } from '../../workflows/thesis.ts';

export async function thesisWorkflow(start: ThesisStart): Promise<unknown> {
  await sleep('1 second');
  return await present(start);
}
