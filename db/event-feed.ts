// The feed: the events of all theses in one order. A position is given under a lock that is held until the commit, so
// a reader who has seen position n has seen every position before it, and positions have no gaps.

import { sql, type Transaction } from 'kysely';
import type { RecordedEvent } from '../domain/thesis.ts';
import type { Db } from './connect.ts';
import type { Database } from './schema.ts';

export interface FeedEntry {
  /** 1 for the oldest event of the installation, then without a gap. */
  readonly position: number;
  readonly thesisId: string;
  /** The event's hash in its ledger, hexadecimal. */
  readonly hash: string;
  readonly recorded: RecordedEvent;
}

/** Any constant that no other lock of this database uses. */
const FEED_LOCK = 7_205_759;

/** Gives the events their positions. The last statement of its transaction: everybody who appends waits for it. */
export async function appendToFeed(
  trx: Transaction<Database>,
  thesisId: string,
  sequences: readonly number[],
): Promise<void> {
  // Two statements: the second one must see what was committed while the first one waited.
  await sql`select pg_advisory_xact_lock(${FEED_LOCK}::bigint)`.execute(trx);
  await sql`insert into event_feed (position, thesis_id, sequence)
    select (select coalesce(max(position), 0) from event_feed) + row_number() over (order by sequence),
      ${thesisId}, sequence
    from unnest(${sequences}::integer[]) as fresh (sequence)`.execute(trx);
}

/** The entries after a position, oldest first. */
export async function readFeed(
  db: Db,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<FeedEntry[]> {
  const rows = await db
    .selectFrom('event_feed')
    .innerJoin('thesis_event', (join) =>
      join
        .onRef('thesis_event.thesis_id', '=', 'event_feed.thesis_id')
        .onRef('thesis_event.sequence', '=', 'event_feed.sequence'),
    )
    .select([
      'event_feed.position',
      'thesis_event.thesis_id',
      'thesis_event.sequence',
      'thesis_event.at',
      'thesis_event.actor',
      'thesis_event.command_id',
      'thesis_event.data',
      'thesis_event.hash',
    ])
    .where('event_feed.position', '>', String(after))
    .orderBy('event_feed.position')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    position: Number(row.position),
    thesisId: row.thesis_id,
    hash: row.hash.toString('hex'),
    recorded: {
      sequence: row.sequence,
      at: row.at,
      actor: row.actor,
      commandId: row.command_id,
      event: row.data,
    },
  }));
}

/** The newest position; 0 before the first event. */
export async function feedEnd(db: Db): Promise<number> {
  const { end } = await db
    .selectFrom('event_feed')
    .select(({ fn }) => fn.coalesce(fn.max('position'), sql<string>`0`).as('end'))
    .executeTakeFirstOrThrow();
  return Number(end);
}
