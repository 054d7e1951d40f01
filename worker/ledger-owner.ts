// Tells operators, when a process starts, that its own login could rewrite the ledger. It stops nothing: an installation
// of before must come up, and says at every start what to change.

import type { Logger } from 'pino';
import type { Db } from '../db/connect.ts';
import { canRewriteLedger } from '../db/privileges.ts';
import { outlast } from './patience.ts';

/** Resolves when it has looked, which waits for PostgreSQL, or when the signal is aborted. */
export async function warnOfLedgerOwner(
  db: Db,
  log: Pick<Logger, 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  const can = await outlast('PostgreSQL', () => canRewriteLedger(db), { log, signal });
  if (can !== true) return;
  log.warn(
    { set: 'DATABASE_OWNER_URL' },
    'the login of DATABASE_URL could rewrite the ledger: give migrate an owner of its own, see docs/operation.md',
  );
}
