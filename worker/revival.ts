// Starts theses again whose run is lost or has ended before them, from the ledger alone: it is the record, and the state
// is what its events make of it. Changes nothing in PostgreSQL, and leaves runs that go on alone unless told otherwise.

import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { openThesesAfter } from '../db/attention.ts';
import type { Db } from '../db/connect.ts';
import { findThesis } from '../db/theses.ts';
import { readJournal } from '../db/timeline.ts';
import type { RunStatus } from '../domain/thesis/attention.ts';
import { stateFrom } from '../domain/thesis/past.ts';
import { TASK_QUEUE, THESIS_WORKFLOW, type ThesisStart, thesisWorkflowId } from '../workflows/contract.ts';
import { describeRun, statusOf } from './run-status.ts';

export interface Revival {
  readonly db: Db;
  readonly client: Client;
  readonly taskQueue?: string;
  /** Also ends runs that go on and starts them from the ledger: after the engine was restored to another moment. */
  readonly restart?: boolean;
}

export interface Revived {
  readonly thesisId: string;
  /** How its run stood before. */
  readonly was: RunStatus;
  /** The event of the ledger that it goes on from. */
  readonly sequence: number;
}

const SLICE = 250;

/** Revives every open thesis that needs it, and yields each once it runs. Doing it again does nothing more. */
export async function* reviveTheses(revival: Revival): AsyncGenerator<Revived> {
  for (let after = ''; ; ) {
    const slice = await openThesesAfter(revival.db, after, SLICE);
    for (const thesisId of slice) {
      const revived = await revive(revival, thesisId);
      if (revived !== null) yield revived;
    }
    if (slice.length < SLICE) return;
    after = slice.at(-1) ?? '';
  }
}

async function revive(revival: Revival, thesisId: string): Promise<Revived | null> {
  const { client, taskQueue = TASK_QUEUE, restart = false } = revival;
  const was = statusOf(await describeRun(client, thesisId));
  if (was === 'running' && !restart) return null;
  // Read after the engine was asked: a thesis that has closed since shows it here.
  const start = await startOf(revival.db, thesisId);
  if (start?.state == null || start.state.closed) return null;
  try {
    await client.workflow.start(THESIS_WORKFLOW, {
      workflowId: thesisWorkflowId(thesisId),
      taskQueue,
      args: [start],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: restart ? 'TERMINATE_EXISTING' : 'FAIL',
    });
    return { thesisId, was, sequence: start.state.sequence };
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** What the thesis would carry into its next run, had it just recorded its last event. */
async function startOf(db: Db, thesisId: string): Promise<ThesisStart | null> {
  const thesis = await findThesis(db, thesisId);
  if (thesis === null) return null;
  return { thesisId, clock: thesis.clock, state: stateFrom(thesisId, await readJournal(db, thesisId)) };
}
