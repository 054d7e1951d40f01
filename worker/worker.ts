// Runs a worker: the workflows in their sandbox and the activities over the database. Decides nothing; what it needs
// comes in as arguments.

import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry';
import {
  type ActivityInterceptorsFactory,
  type InjectedSinks,
  type NativeConnection,
  Worker,
  type WorkerDeploymentOptions,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { createActivities } from '../activities/activities.ts';
import type { ActivityDependencies } from '../activities/dependencies.ts';
import type { DeploymentConfig } from '../config.ts';
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
  /** How payloads are written; absent: in the clear. A bundle has its own failure converter. */
  readonly dataConverter?: DataConverter;
  /** See every attempt of every activity. */
  readonly activityInterceptors?: readonly ActivityInterceptorsFactory[];
  readonly plugins?: readonly WorkerPlugin[];
  /** Which version of a worker deployment it is; absent: it takes part in none. */
  readonly deployment?: DeploymentConfig;
}

/** Where the bundler starts. */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

export async function createWorker(settings: WorkerSettings): Promise<Worker> {
  const { connection, namespace, taskQueue = TASK_QUEUE, dependencies, bundle, cachedWorkflows } = settings;
  const { dataConverter = {}, activityInterceptors = [], plugins = [], deployment } = settings;
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    dataConverter,
    activities: createActivities(dependencies),
    ...(bundle === undefined ? { workflowsPath: WORKFLOWS_PATH } : { workflowBundle: bundle }),
    ...(deployment === undefined ? {} : { workerDeploymentOptions: versionOf(deployment) }),
    sinks: UNTRACED,
    ...(cachedWorkflows === undefined ? {} : { maxCachedWorkflows: cachedWorkflows }),
    interceptors: { activity: [...activityInterceptors] },
    plugins: [...plugins, ...(bundle === undefined ? [] : [BUNDLED])],
    // An activity in flight gets this long to finish before it is handed to another worker,
    shutdownGraceTime: '15 seconds',
    // and one that does not listen may not keep the process: it is idempotent and will be tried again elsewhere.
    shutdownForceTime: '18 seconds',
  });
}

/** A bundle's workflows give their spans to this sink, traced or not; the tracing plugin puts its own in its place. */
export const UNTRACED: InjectedSinks<OpenTelemetrySinks> = {
  exporter: { export: { fn: () => undefined, callDuringReplay: false } },
};

/** What plugins would add to the workflows is in the bundle: the SDK would warn that it ignores it. */
const BUNDLED: WorkerPlugin = {
  name: 'bundled',
  configureWorker: ({ interceptors, ...options }) => ({
    ...options,
    interceptors: { ...interceptors, workflowModules: [] },
  }),
};

/** Theses live longer than any release should: they go on under the version that is current (docs/adr/0016). */
function versionOf({ name, buildId }: DeploymentConfig): WorkerDeploymentOptions {
  return {
    useWorkerVersioning: true,
    version: { deploymentName: name, buildId },
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  };
}
