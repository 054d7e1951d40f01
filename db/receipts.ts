// What the ledger knows when the engine has no answer: whether a thesis goes on, and whether a command was done.

import type { Receipt } from '../domain/thesis/command.ts';
import { isOpen } from './attention.ts';
import type { Db } from './connect.ts';

export function ledgerOf(db: Db) {
  return {
    isOpen: (thesisId: string) => isOpen(db, thesisId),
    receiptOf: (thesisId: string, commandId: string) => receiptOf(db, thesisId, commandId),
  };
}

/** The receipt of a command whose events are recorded; null when none is: not done, not yet, or it had nothing to do. */
async function receiptOf(db: Db, thesisId: string, commandId: string): Promise<Receipt | null> {
  const { sequence } = await db
    .selectFrom('thesis_event')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('thesis_id', '=', thesisId)
    .where('command_id', '=', commandId)
    .executeTakeFirstOrThrow();
  return sequence === null ? null : { thesisId, sequence };
}
