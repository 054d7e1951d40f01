// `jalon verify`: walks the whole ledger and names the first link that does not hold. Reads PostgreSQL itself: who
// doubts the ledger does not ask the API.

import { loadConfig } from '../config.ts';
import { connect } from '../db/connect.ts';
import { type LedgerCheck, verifyLedger } from '../db/ledger.ts';
import type { Common } from './reach.ts';
import { databaseUrlOf } from './running.ts';
import { say, sayJson } from './terminal.ts';
import { Unable } from './unable.ts';

export async function verify({ json }: Common): Promise<void> {
  const config = loadConfig();
  const url = await databaseUrlOf(config);
  if (url === null) {
    throw new Unable(
      'No database is named.',
      `Set DATABASE_URL, or run \`npm start\` (looked for in ${config.dataDir}).`,
    );
  }
  const db = connect(url, { poolSize: 1, name: 'jalon-verify' });
  try {
    const check = await verifyLedger(db);
    if (json === true) sayJson(check);
    report(check, json === true);
  } finally {
    await db.destroy();
  }
}

function report({ theses, events, broken }: LedgerCheck, silent: boolean): void {
  if (broken !== null) {
    throw new Unable(
      `The ledger is broken at event ${broken.sequence} of thesis ${broken.thesisId}: ${broken.problem}.`,
      'Somebody changed the database itself. Keep it as it is, and compare it with a backup.',
    );
  }
  if (!silent) say(`The ledger holds: ${events} events of ${theses} theses, every link checked.`);
}
