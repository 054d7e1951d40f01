// The last walk of the ledger: when, how far, and what was found. One row; the walk itself is in ledger.ts.

import type { Db } from './connect.ts';
import type { LedgerCheck } from './ledger.ts';

export async function noteLedgerCheck(
  db: Db,
  { theses, events, broken }: LedgerCheck,
  at: string,
): Promise<void> {
  const row = {
    checked_at: at,
    theses,
    events: String(events),
    broken_thesis: broken?.thesisId ?? null,
    broken_sequence: broken?.sequence ?? null,
    problem: broken?.problem ?? null,
  };
  await db
    .insertInto('ledger_check')
    .values(row)
    .onConflict((conflict) => conflict.column('only').doUpdateSet(row))
    .execute();
}

/** Null before the first walk. */
export async function lastLedgerCheck(
  db: Db,
): Promise<{ readonly checkedAt: string; readonly events: number; readonly holds: boolean } | null> {
  const row = await db.selectFrom('ledger_check').selectAll().executeTakeFirst();
  if (row === undefined) return null;
  return { checkedAt: row.checked_at, events: Number(row.events), holds: row.problem === null };
}
