// What a worker alone is told: its port, its workflows, and which version of which deployment it is.

import { z } from 'zod';
import { type Environment, type Values, wholeNumber } from './value.ts';

export const WORKER_KEYS = {
  JALON_WORKER_PORT: wholeNumber(0, 65_535).optional().meta({
    description:
      'Port on which a worker answers /healthz, /readyz and /metrics, on JALON_HOST; 0 takes a free one. Absent: none.',
    example: '8081',
  }),
  JALON_WORKFLOW_BUNDLE: z.string().min(1).optional().meta({
    description:
      'File with the workflows that a worker runs, made by `npm run build:workflows`. Absent: the worker builds them from the sources at its start.',
    example: 'dist/workflow-bundle.js',
  }),
  JALON_DEPLOYMENT: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'Must be letters, digits, hyphens and underscores.')
    .optional()
    .meta({
      description:
        "Temporal's worker deployment that a worker belongs to; with it, JALON_BUILD_ID is required, and a worker gets work only while its build is the deployment's current or ramping version: see docs/upgrades.md. Absent: every worker gets work.",
      example: 'jalon',
    }),
  JALON_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'Must be letters, digits, dots, hyphens and underscores.')
    .optional()
    .meta({
      description: 'Which build of that deployment a worker is: another one for each image.',
      example: '0.1.0-3f99b0b',
    }),
};

/** Which version of a worker deployment a worker is. */
export interface DeploymentConfig {
  readonly name: string;
  readonly buildId: string;
}

export interface WorkerConfig {
  /** Null: the worker opens no port. */
  readonly workerPort: number | null;
  /** Null: workflows are bundled from the sources. */
  readonly workflowBundle: string | null;
  /** Null: without worker versioning. */
  readonly deployment: DeploymentConfig | null;
}

export function workerConfig(keys: Values<typeof WORKER_KEYS>): WorkerConfig {
  return {
    workerPort: keys.JALON_WORKER_PORT ?? null,
    workflowBundle: keys.JALON_WORKFLOW_BUNDLE ?? null,
    deployment: deploymentOf(keys),
  };
}

/** A deployment without a build, or a build of none, says nothing. */
export function workerFaults({ JALON_DEPLOYMENT: name, JALON_BUILD_ID: buildId }: Environment): string[] {
  if ((name === undefined) === (buildId === undefined)) return [];
  return name === undefined
    ? ['JALON_DEPLOYMENT: Required with JALON_BUILD_ID.']
    : ['JALON_BUILD_ID: Required with JALON_DEPLOYMENT.'];
}

function deploymentOf(keys: Values<typeof WORKER_KEYS>): DeploymentConfig | null {
  const { JALON_DEPLOYMENT: name, JALON_BUILD_ID: buildId } = keys;
  return name === undefined || buildId === undefined ? null : { name, buildId };
}
