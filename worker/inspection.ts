// What Temporal says of our namespace to whoever looks after it: whether it is there, which search attributes it has,
// who asks for work, and whether what it keeps sealed can be opened here. Reads only, and judges nothing.

import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { SEARCH_ATTRIBUTES, TASK_QUEUE } from '../workflows/contract.ts';

export interface TemporalFacts {
  readonly serverVersion: string;
  readonly namespaceExists: boolean;
  /** Names of our search attributes that are not there; null: Temporal does not tell us. */
  readonly missingAttributes: readonly string[] | null;
  readonly pollers: readonly Poller[];
  /** How the newest thesis reads with our key. */
  readonly payloads: 'opened' | 'in the clear' | 'cannot be opened' | 'none yet';
}

export interface Poller {
  readonly kind: 'workflows' | 'activities';
  readonly identity: string;
  /** When it last asked, by Temporal's clock. */
  readonly askedAt: string;
}

/** Temporal's numbers of its kinds of task queue (temporal.api.enums.v1.TaskQueueType). */
const KINDS = [
  ['workflows', 1],
  ['activities', 2],
] as const;

/** gRPC's number for what is not there. */
const NOT_FOUND = 5;

/** What proves the key: the encoding that sealed payloads carry. */
const SEALED = 'binary/encrypted';

export async function temporalFacts(
  connection: Connection,
  namespace: string,
  codec: PayloadCodec | null,
): Promise<TemporalFacts> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  const namespaceExists = await exists(connection, namespace);
  if (!namespaceExists) {
    return { serverVersion, namespaceExists, missingAttributes: null, pollers: [], payloads: 'none yet' };
  }
  const [missingAttributes, pollers, payloads] = await Promise.all([
    attributesMissing(connection, namespace),
    pollersOf(connection, namespace),
    payloadsOf(connection, namespace, codec),
  ]);
  return { serverVersion, namespaceExists, missingAttributes, pollers, payloads };
}

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
    throw error;
  }
}

async function attributesMissing(connection: Connection, namespace: string): Promise<string[] | null> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
    return names.filter((name) => !Object.hasOwn(customAttributes ?? {}, name));
  } catch (error) {
    // Temporal Cloud keeps this from its users.
    if (isGrpcServiceError(error)) return null;
    throw error;
  }
}

async function pollersOf(connection: Connection, namespace: string): Promise<Poller[]> {
  const found = await Promise.all(
    KINDS.map(async ([kind, taskQueueType]) => {
      const taskQueue = { name: TASK_QUEUE };
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue,
        taskQueueType,
      });
      return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
        kind,
        identity: identity ?? '',
        askedAt: new Date(
          Number(lastAccessTime?.seconds ?? 0) * 1_000 + (lastAccessTime?.nanos ?? 0) / 1_000_000,
        ).toISOString(),
      }));
    }),
  );
  return found.flat();
}

/** Reads what one thesis was started with: the proof that this key opens what workers write. */
async function payloadsOf(
  connection: Connection,
  namespace: string,
  codec: PayloadCodec | null,
): Promise<TemporalFacts['payloads']> {
  const query = `TaskQueue = '${TASK_QUEUE}'`;
  const { executions } = await connection.workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: 1,
  });
  const execution = executions?.[0]?.execution;
  if (execution == null) return 'none yet';
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution,
    maximumPageSize: 1,
  });
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (payload == null) return 'none yet';
  const encoding = payload.metadata?.encoding;
  if (encoding == null || Buffer.from(encoding).toString() !== SEALED) return 'in the clear';
  if (codec === null) return 'cannot be opened';
  // Whatever keeps it from being opened, the answer to the question is no.
  return await codec.decode([payload]).then(
    () => 'opened',
    () => 'cannot be opened',
  );
}
