// The database's commands, for people and for jobs: `migrate` brings it up to date, `first-admin` makes the first key,
// `verify` walks the ledger. A
// composition root: it reads the configuration and connects.

import { databaseUrlOf } from '../cli/running.ts';
import { loadConfig } from '../config.ts';
import { connect, type Db } from './connect.ts';
import { createFirstAdmin } from './first-admin.ts';
import { verifyLedger } from './ledger.ts';
import { prepareDatabase } from './prepare.ts';

const COMMANDS: Record<string, (db: Db) => Promise<boolean>> = {
  async migrate(db) {
    const applied = await prepareDatabase(db);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
    return true;
  },
  async 'first-admin'(db) {
    const token = await createFirstAdmin(db);
    console.log(token ?? 'There are members already: an administrator makes keys for others.');
    return token !== null;
  },
  async verify(db) {
    const { theses, events, broken } = await verifyLedger(db);
    if (broken === null) {
      console.log(`The ledger holds: ${events} events of ${theses} theses, every link checked.`);
      return true;
    }
    const { thesisId, sequence, problem } = broken;
    console.error(`The ledger is broken at event ${sequence} of thesis ${thesisId}: ${problem}.`);
    return false;
  },
};

const [name = ''] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) {
  console.error(`Usage: node db/cli.ts ${Object.keys(COMMANDS).join('|')}`);
  process.exitCode = 2;
} else {
  const db = connect(await databaseUrl(), { poolSize: 2, name: `jalon-${name}` });
  try {
    process.exitCode = (await command(db)) ? 0 : 1;
  } finally {
    await db.destroy();
  }
}

/** DATABASE_URL, or the embedded PostgreSQL of a platform that is running on this machine. */
async function databaseUrl(): Promise<string> {
  const config = loadConfig();
  const url = await databaseUrlOf(config);
  if (url !== null) return url;
  console.error(
    `Set DATABASE_URL, or start the embedded platform (npm start): none runs in ${config.dataDir}.`,
  );
  process.exit(1);
}
