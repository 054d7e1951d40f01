// Events get their places in the feed inside the commit that records them, so that nobody who appends waits for more
// than the commits of others (docs/adr/0019).

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Two statements: the second sees what was committed while the first waited. The number is any constant that no other
  // lock of this database uses. As its owner, so that nobody else needs to write to the feed.
  `create function append_to_feed() returns trigger language plpgsql
    security definer set search_path from current as $$
  begin
    perform pg_advisory_xact_lock(7205759);
    insert into event_feed (position, thesis_id, sequence)
      select coalesce(max(position), 0) + 1, new.thesis_id, new.sequence from event_feed;
    return null;
  end $$`,
  `create constraint trigger thesis_event_feed after insert on thesis_event
    deferrable initially deferred for each row execute function append_to_feed()`,
];
