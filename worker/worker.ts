// Runs a worker: the workflows in their sandbox and the activities over the database. Decides nothing; what it needs
// comes in as arguments.

import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/activities.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import { TASK_QUEUE } from '../workflows/contract.ts';

export interface WorkerSettings {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue?: string;
  readonly dependencies: ActivityDependencies;
  /** A bundle built ahead of time; absent: built now from the sources. */
  readonly bundle?: WorkerOptions['workflowBundle'];
  /** Workflows kept in memory between tasks; 0 replays each from its history, as tests of determinism want. */
  readonly cachedWorkflows?: number;
}

/** Where the bundler starts. */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

export async function createWorker(settings: WorkerSettings): Promise<Worker> {
  const { connection, namespace, taskQueue = TASK_QUEUE, dependencies, bundle, cachedWorkflows } = settings;
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: createActivities(dependencies),
    ...(bundle === undefined ? { workflowsPath: WORKFLOWS_PATH } : { workflowBundle: bundle }),
    ...(cachedWorkflows === undefined ? {} : { maxCachedWorkflows: cachedWorkflows }),
    // An activity in flight gets this long to finish before it is handed to another worker.
    shutdownGraceTime: '15 seconds',
  });
}
