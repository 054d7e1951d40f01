// The worker process: reads the configuration, connects, works until it is asked to end, and drains.

import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createSecretBox } from '../activities/secret-box.ts';
import { loadConfig } from '../config.ts';
import { connect } from '../db/connect.ts';
import { CODE_VERSION } from '../domain/version.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { createWorker } from './worker.ts';

const config = loadConfig();
const log = pino({ name: 'jalon-worker', level: config.logLevel });
if (config.databaseUrl === null || config.secretKey === null || config.temporalAddress === null) {
  log.fatal(
    'a worker needs DATABASE_URL, JALON_SECRET_KEY and TEMPORAL_ADDRESS; `npm start` gives it all three',
  );
  process.exit(1);
}

// The SDK would otherwise end the process by itself on a signal; the order of ending is ours.
Runtime.install({ shutdownSignals: [] });
const { connectionOptions } = loadClientConnectConfig();
const connection = await NativeConnection.connect({ ...connectionOptions, address: config.temporalAddress });
await registerSearchAttributes(connection, config.temporalNamespace);
const db = connect(config.databaseUrl, { poolSize: config.poolSize, name: 'jalon-worker' });
const worker = await createWorker({
  connection,
  namespace: config.temporalNamespace,
  dependencies: { db, secretBox: createSecretBox(config.secretKey), codeVersion: CODE_VERSION },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'draining');
    worker.shutdown();
  });
}
log.info({ taskQueue: worker.options.taskQueue }, 'working');
await worker.run();
await db.destroy();
await connection.close();
log.info('ended');
