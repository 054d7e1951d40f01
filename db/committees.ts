// Reads and writes committees: who may sit in which seat, and when they work. A gate keeps the committee as it stood
// when it opened; what changes here counts for later gates.

import type { Instant } from '../domain/duration.ts';
import type { Committee } from '../domain/gate.ts';
import type { Db } from './connect.ts';

export interface StoredCommittee extends Committee {
  readonly updatedAt: Instant;
  readonly updatedBy: string;
}

const COLUMNS = ['name', 'holders', 'calendar', 'updated_at', 'updated_by'] as const;

export async function findCommittee(db: Db, name: string): Promise<StoredCommittee | undefined> {
  const row = await db.selectFrom('committee').select(COLUMNS).where('name', '=', name).executeTakeFirst();
  return row === undefined ? undefined : read(row);
}

/** Committees by name, after `after` (excluded), at most `limit`. */
export async function listCommittees(
  db: Db,
  page: { readonly after: string; readonly limit: number },
): Promise<StoredCommittee[]> {
  const rows = await db
    .selectFrom('committee')
    .select(COLUMNS)
    .where('name', '>', page.after)
    .orderBy('name')
    .limit(page.limit)
    .execute();
  return rows.map(read);
}

/** Creates the committee or replaces it whole. */
export async function saveCommittee(db: Db, committee: Committee, by: string): Promise<StoredCommittee> {
  const values = {
    holders: JSON.stringify(committee.holders),
    calendar: JSON.stringify(committee.calendar),
    updated_by: by,
  };
  const row = await db
    .insertInto('committee')
    .values({ name: committee.name, ...values })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((update) => ({ ...values, updated_at: update.fn('now', []) })),
    )
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return read(row);
}

function read({
  updated_at,
  updated_by,
  ...committee
}: Committee & { updated_at: string; updated_by: string }): StoredCommittee {
  return { ...committee, updatedAt: updated_at, updatedBy: updated_by };
}
