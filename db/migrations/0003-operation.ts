// What operators need to see: theses that need attention, the last walk of the ledger, and whose turn it is to look.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Without a reference to thesis: a launch that could not be recorded yet needs attention too.
  `create table thesis_attention (
    thesis_id text not null,
    kind text not null,
    subject text not null,
    detail text not null,
    attempts integer not null,
    since timestamptz not null,
    seen_at timestamptz not null,
    primary key (thesis_id, kind, subject)
  )`,
  `create index thesis_open on thesis (thesis_id) where status <> 'closed'`,
  `create table ledger_check (
    "only" boolean primary key default true check ("only"),
    checked_at timestamptz not null,
    theses integer not null,
    events bigint not null,
    broken_thesis text,
    broken_sequence integer,
    problem text
  )`,
  `create table watch_turn (
    name text primary key,
    taken_until timestamptz not null
  )`,
];
