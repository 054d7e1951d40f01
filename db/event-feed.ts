// The feed: the events of all theses in one order, as it is read. PostgreSQL itself gives each event its position, in the
// commit that records it and one commit after another: a reader who has seen position n has seen every position before
// it, and positions have no gaps.

import { sql } from 'kysely';
import type { RecordedEvent } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

export interface FeedEntry {
  /** 1 for the oldest event of the installation, then without a gap. */
  readonly position: number;
  readonly thesisId: string;
  /** The event's hash in its ledger, hexadecimal. */
  readonly hash: string;
  readonly recorded: RecordedEvent;
}

/** The entries after a position, oldest first: of all theses, or of one. */
export async function readFeed(
  db: Db,
  {
    after,
    limit,
    thesisId = null,
  }: { readonly after: number; readonly limit: number; readonly thesisId?: string | null },
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
    .$if(thesisId !== null, (query) => query.where('event_feed.thesis_id', '=', thesisId))
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
