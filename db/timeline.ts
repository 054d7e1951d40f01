// Reads a thesis's journal back from the ledger, whole or page by page.

import type { RecordedEvent } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

export async function readJournal(
  db: Db,
  thesisId: string,
  page: { readonly after: number; readonly limit: number } | null = null,
): Promise<RecordedEvent[]> {
  let query = db
    .selectFrom('thesis_event')
    .select(['sequence', 'at', 'actor', 'command_id', 'data'])
    .where('thesis_id', '=', thesisId)
    .orderBy('sequence');
  if (page !== null) query = query.where('sequence', '>', page.after).limit(page.limit);
  const rows = await query.execute();
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    commandId: row.command_id,
    event: row.data,
  }));
}
