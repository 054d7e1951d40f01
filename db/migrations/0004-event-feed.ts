// One order over the events of all theses, without a gap, for whoever follows them.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table event_feed (
    position bigint primary key check (position > 0),
    thesis_id text not null,
    sequence integer not null,
    unique (thesis_id, sequence),
    foreign key (thesis_id, sequence) references thesis_event (thesis_id, sequence)
  )`,
  // What was recorded before there was a feed, in the order in which it was recorded.
  `insert into event_feed (position, thesis_id, sequence)
    select row_number() over (order by recorded_at, thesis_id, sequence), thesis_id, sequence from thesis_event`,
  `create trigger event_feed_append_only before update or delete on event_feed
    for each row execute function refuse_rewrite()`,
  `create trigger event_feed_no_truncate before truncate on event_feed
    for each statement execute function refuse_rewrite()`,
];
