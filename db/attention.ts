// Keeps what needs an operator: one row a trouble, as the last look found it. Written by whoever looks, read by API
// and metrics; a trouble that is over leaves no row.

import { sql } from 'kysely';
import type { Attention } from '../domain/thesis/attention.ts';
import type { Db } from './connect.ts';

export interface NotedAttention extends Attention {
  readonly thesisId: string;
  /** When it was first seen without a break, in real time. */
  readonly since: string;
  readonly seenAt: string;
}

/** Puts what was found now in the place of what was known: troubles that go on keep their `since`. */
export async function noteAttention(
  db: Db,
  { thesisId, found, at }: { thesisId: string; found: readonly Attention[]; at: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('thesis_attention')
      .where('thesis_id', '=', thesisId)
      .$if(found.length > 0, (query) =>
        query.where(({ eb, refTuple, tuple, not }) =>
          not(
            eb(
              refTuple('kind', 'subject'),
              'in',
              found.map(({ kind, subject }) => tuple(kind, subject)),
            ),
          ),
        ),
      )
      .execute();
    if (found.length === 0) return;
    await trx
      .insertInto('thesis_attention')
      .values(found.map((one) => ({ thesis_id: thesisId, ...one, since: at, seen_at: at })))
      .onConflict((conflict) =>
        conflict.columns(['thesis_id', 'kind', 'subject']).doUpdateSet((eb) => ({
          detail: eb.ref('excluded.detail'),
          attempts: eb.ref('excluded.attempts'),
          seen_at: eb.ref('excluded.seen_at'),
        })),
      )
      .execute();
  });
}

/** What is noted of some theses, longest first. */
export async function attentionTo(db: Db, thesisIds: readonly string[]): Promise<NotedAttention[]> {
  if (thesisIds.length === 0) return [];
  const rows = await db
    .selectFrom('thesis_attention')
    .selectAll()
    .where('thesis_id', 'in', [...thesisIds])
    .orderBy('since')
    .orderBy('kind')
    .orderBy('subject')
    .execute();
  return rows.map(({ thesis_id, seen_at, ...row }) => ({ thesisId: thesis_id, seenAt: seen_at, ...row }));
}

/** Theses of which something is noted, at most `limit`, those seen longest ago first. */
export async function thesesNoted(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('thesis_attention')
    .select(({ fn }) => ['thesis_id', fn.min('seen_at').as('oldest')])
    .groupBy('thesis_id')
    .orderBy('oldest')
    .limit(limit)
    .execute();
  return rows.map(({ thesis_id }) => thesis_id);
}

/** Ids of theses that are not closed, in order, after the one given. */
export async function openThesesAfter(db: Db, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('thesis')
    .select('thesis_id')
    .where('status', '<>', 'closed')
    .where('thesis_id', '>', after)
    .orderBy('thesis_id')
    .limit(limit)
    .execute();
  return rows.map(({ thesis_id }) => thesis_id);
}

/** Whether the thesis is recorded, and not closed. */
export async function isOpen(db: Db, thesisId: string): Promise<boolean> {
  const row = await db
    .selectFrom('thesis')
    .select('status')
    .where('thesis_id', '=', thesisId)
    .where('status', '<>', 'closed')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes the turn of a periodic look for some seconds; false while another process has it. */
export async function takeTurn(db: Db, name: string, seconds: number): Promise<boolean> {
  const until = sql<string>`now() + make_interval(secs => ${seconds})`;
  const taken = await db
    .insertInto('watch_turn')
    .values({ name, taken_until: until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ taken_until: until })
        .where(sql<boolean>`watch_turn.taken_until <= now()`),
    )
    .returning('name')
    .executeTakeFirst();
  return taken !== undefined;
}
