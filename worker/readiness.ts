// Whether this worker works: not whether its process runs, but whether the engine sees it ask for work, and whether
// the database that the work needs answers.

import type { NativeConnection, Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import type { Db } from '../db/connect.ts';

export interface WorkerReadiness {
  readonly ready: boolean;
  readonly checks: Record<'worker' | 'temporal' | 'postgresql', string>;
}

/** Temporal's number for the queue of workflow tasks (temporal.api.enums.v1.TaskQueueType). */
const WORKFLOW_TASKS = 1;

const DEADLINE_MS = 3_000;

/** `worker` is null until it is made. */
export async function readinessOf(worker: Worker | null, connection: NativeConnection | null, db: Db) {
  const [polls, database] = await Promise.all([pollsAs(worker, connection), answers(db)]);
  const state = worker?.getState() ?? 'STARTING';
  const readiness: WorkerReadiness = {
    ready: state === 'RUNNING' && polls && database,
    checks: {
      worker: state.toLowerCase(),
      temporal: polls ? 'ok' : 'does not see this worker ask for work',
      postgresql: database ? 'ok' : 'does not answer',
    },
  };
  return readiness;
}

async function pollsAs(worker: Worker | null, connection: NativeConnection | null): Promise<boolean> {
  if (worker === null || connection === null) return false;
  const { identity, namespace, taskQueue } = worker.options;
  try {
    const { pollers } = await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_TASKS,
      }),
    );
    return (pollers ?? []).some((poller) => poller.identity === identity);
  } catch {
    // Whatever the reason, the answer to the question is no; the SDK logs what it cannot reach.
    return false;
  }
}

async function answers(db: Db): Promise<boolean> {
  try {
    await sql`select 1`.execute(db);
    return true;
  } catch {
    return false;
  }
}
