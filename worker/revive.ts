// `npm run theses:revive`: after the engine lost theses, starts each again from its ledger. `-- --restart` also starts
// those again whose run goes on. A composition root, in the environment of a worker.

import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { loadConfig, payloadKeysOf } from '../config.ts';
import { connect } from '../db/connect.ts';
import { openLog } from './log.ts';
import { dataConverterOf } from './payload-codec.ts';
import { reviveTheses } from './revival.ts';
import { installRuntime } from './runtime.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { temporalConnection } from './temporal-connection.ts';

const { values } = parseArgs({ options: { restart: { type: 'boolean', default: false } } });
const config = loadConfig();
const { databaseUrl, secretKey, payloadKey, temporalAddress, temporalNamespace: namespace } = config;
const log = openLog('jalon-revive', 'warn');
if (databaseUrl === null || secretKey === null || temporalAddress === null) {
  console.error(
    'Set DATABASE_URL, TEMPORAL_ADDRESS and JALON_SECRET_KEY as for a worker. The embedded platform revives its theses by itself when it starts.',
  );
  process.exit(2);
}

installRuntime(log, null);
const connection = await NativeConnection.connect(temporalConnection(config));
const db = connect(databaseUrl, { poolSize: 2, name: 'jalon-revive' });
try {
  // An engine that begins anew does not know them yet, and runs could not set them.
  await registerSearchAttributes(connection, namespace, log);
  const dataConverter = dataConverterOf(payloadKeysOf(payloadKey, secretKey));
  const client = new Client({ connection, namespace, dataConverter });
  let revived = 0;
  for await (const { thesisId, was, sequence } of reviveTheses({ db, client, restart: values.restart })) {
    console.log(`${thesisId}: its run was ${was}; it goes on from event ${sequence}.`);
    revived += 1;
  }
  console.log(revived === 0 ? 'Every open thesis has its run.' : `${revived} theses go on.`);
} finally {
  await db.destroy();
  await connection.close();
}
