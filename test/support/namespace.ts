// Keeps the workers of tests apart: all whole worker processes poll one task queue, and one that has another test's
// database or key must not take its work.

import { Connection } from '@temporalio/client';
import protocol from '@temporalio/proto';
import { inject } from 'vitest';

/** A namespace of that name on the run's Temporal server, for a test whose workers are whole processes. */
export async function ownNamespace(name: string): Promise<string> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  try {
    const workflowExecutionRetentionPeriod = protocol.google.protobuf.Duration.fromObject({
      seconds: 86_400,
    });
    await connection.workflowService.registerNamespace({ namespace: name, workflowExecutionRetentionPeriod });
    return name;
  } finally {
    await connection.close();
  }
}
