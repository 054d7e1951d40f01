// The events of one thesis in the order of the feed, for whoever follows that thesis alone.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index event_feed_of_thesis on event_feed (thesis_id, position)`.execute(db);
}
