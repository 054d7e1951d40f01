// The bare program as the benchmarks see it: launch it, send it an update. Its worker is a process of its own, like the
// platform's; its caller speaks to Temporal without an API in between.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import pg from 'pg';
import { startGuardedProcess } from '../../local/guarded-process.ts';
import { RECORD } from './bare-workflow.ts';
import type { Engine } from './engine.ts';

export interface Bare {
  /** Starts a workflow by its first update, as a thesis is launched. */
  launch(id: string, body: object): Promise<void>;
  update(id: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

const TASK_QUEUE = 'bare';

export async function startBare({ folder, databaseUrl, temporalAddress }: Engine): Promise<Bare> {
  await createTable(databaseUrl);
  const worker = startGuardedProcess({
    command: process.execPath,
    args: [
      fileURLToPath(new URL('./bare-worker.ts', import.meta.url)),
      temporalAddress,
      databaseUrl,
      TASK_QUEUE,
    ],
    logFile: path.join(folder, 'bare-worker.log'),
    stopSignal: 'TERM',
    graceMs: 20_000,
  });
  const connection = await Connection.connect({ address: temporalAddress });
  const { workflow } = new Client({ connection });
  return {
    async launch(id, body) {
      const startWorkflowOperation = new WithStartWorkflowOperation('bareWorkflow', {
        workflowId: id,
        taskQueue: TASK_QUEUE,
        args: [id],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
      await workflow.executeUpdateWithStart(RECORD, { args: [body], startWorkflowOperation });
    },
    async update(id, body) {
      await workflow.getHandle(id).executeUpdate(RECORD, { args: [body] });
    },
    async stop() {
      await connection.close();
      await worker.stop();
    },
  };
}

async function createTable(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bare (id text primary key, body jsonb not null)');
  await client.end();
}
