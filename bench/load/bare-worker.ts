// The process of the bare program: a worker with one workflow and one activity, which inserts one row. Started by
// bare.ts with Temporal's address and the database's URL.

import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import pg from 'pg';
import type { BareActivities } from './bare-workflow.ts';

const [address = '', databaseUrl = '', taskQueue = ''] = process.argv.slice(2);

const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const activities: BareActivities = {
  async insert({ id, body }) {
    await pool.query('insert into bare (id, body) values ($1, $2)', [id, body]);
  },
};
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./bare-workflow.ts', import.meta.url)),
  activities: { ...activities },
});
await worker.run();
await pool.end();
