// The database's commands, for people and for jobs: `migrate` brings it up to date as the owner of its tables,
// `first-admin` makes the first key, `verify` walks the ledger. A composition root: it reads the configuration and
// connects.

import { runningPlatform } from '../cli/running.ts';
import { type Config, loadConfig } from '../config.ts';
import { connect, type Db } from './connect.ts';
import { createFirstAdmin } from './first-admin.ts';
import { verifyLedger } from './ledger.ts';
import { prepareDatabase } from './prepare.ts';

interface Addresses {
  readonly databaseUrl: string;
  /** Null: the application's login owns the tables too. */
  readonly databaseOwnerUrl: string | null;
}

const COMMANDS: Record<string, (db: Db, addresses: Addresses) => Promise<boolean>> = {
  async migrate(db, { databaseUrl, databaseOwnerUrl }) {
    const { applied, advice } = await prepareDatabase(db, databaseOwnerUrl === null ? null : databaseUrl);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`);
    if (databaseOwnerUrl === null) {
      console.warn(
        'The login of DATABASE_URL owns the tables, so that API and worker could rewrite the ledger: set DATABASE_OWNER_URL.',
      );
    }
    if (advice.length === 0) return true;
    console.error(
      'This login may not make roles. An administrator of PostgreSQL must run, before the next migrate:',
    );
    for (const statement of advice) console.error(`  ${statement};`);
    // With a login of its own the application cannot work before that.
    return databaseOwnerUrl === null;
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
  const addresses = await addressesOf(loadConfig());
  const { databaseUrl, databaseOwnerUrl } = addresses;
  const url = name === 'migrate' ? (databaseOwnerUrl ?? databaseUrl) : databaseUrl;
  const db = connect(url, { poolSize: 2, name: `jalon-${name}` });
  try {
    process.exitCode = (await command(db, addresses)) ? 0 : 1;
  } finally {
    await db.destroy();
  }
}

/** As configured, or those of the embedded PostgreSQL of a platform that is running on this machine. */
async function addressesOf({ databaseUrl, databaseOwnerUrl, dataDir }: Config): Promise<Addresses> {
  if (databaseUrl !== null) return { databaseUrl, databaseOwnerUrl };
  const running = await runningPlatform(dataDir);
  if (running !== null) return running;
  console.error(`Set DATABASE_URL, or start the embedded platform (npm start): none runs in ${dataDir}.`);
  process.exit(1);
}
