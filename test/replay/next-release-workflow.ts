// A release after the present one: the workflow with one command more in each run, behind a patch as docs/upgrades.md
// asks for. Only there to show that theses of both kinds live under it.

import { patched, upsertMemo } from '@temporalio/workflow';
import type { ThesisStart } from '../../workflows/contract.ts';
import { thesisWorkflow as present } from '../../workflows/thesis.ts';

export async function thesisWorkflow(start: ThesisStart): Promise<unknown> {
  if (patched('0016-memo')) upsertMemo({ release: 'next' });
  return await present(start);
}
