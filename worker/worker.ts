// Runs a worker: the workflows in their sandbox and the activities over the database. Decides nothing; what it needs
// comes in as arguments.

import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
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
  /** How payloads are written; absent: in the clear. A bundle must have been built with its failure converter. */
  readonly dataConverter?: DataConverter;
  /** See every attempt of every activity. */
  readonly activityInterceptors?: readonly ActivityInterceptorsFactory[];
  readonly plugins?: readonly WorkerPlugin[];
}

/** Where the bundler starts. */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

export async function createWorker(settings: WorkerSettings): Promise<Worker> {
  const { connection, namespace, taskQueue = TASK_QUEUE, dependencies, bundle, cachedWorkflows } = settings;
  const { dataConverter = {}, activityInterceptors = [], plugins = [] } = settings;
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    dataConverter,
    activities: createActivities(dependencies),
    ...(bundle === undefined ? { workflowsPath: WORKFLOWS_PATH } : { workflowBundle: bundle }),
    ...(cachedWorkflows === undefined ? {} : { maxCachedWorkflows: cachedWorkflows }),
    interceptors: { activity: [...activityInterceptors] },
    plugins: [...plugins],
    // An activity in flight gets this long to finish before it is handed to another worker,
    shutdownGraceTime: '15 seconds',
    // and one that does not listen may not keep the process: it is idempotent and will be tried again elsewhere.
    shutdownForceTime: '18 seconds',
  });
}
