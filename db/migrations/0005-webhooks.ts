// Webhooks: who is told of what, one row for each event and webhook, and the log of the attempts to deliver it.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table webhook (
    webhook_id text primary key,
    url text not null,
    description text not null,
    event_types text[],
    portfolio text,
    secret bytea not null,
    previous_secret bytea,
    previous_until timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    disabled_at timestamptz,
    disabled_reason text,
    failing_since timestamptz,
    quiet_until timestamptz,
    position bigint not null,
    check ((disabled_at is null) = (disabled_reason is null)),
    check ((previous_secret is null) = (previous_until is null))
  )`,
  `create table webhook_delivery (
    delivery_id text primary key,
    ordinal bigint generated always as identity,
    webhook_id text not null references webhook on delete cascade,
    position bigint,
    type text not null,
    body text not null,
    state text not null,
    attempts integer not null default 0,
    attempts_left integer not null,
    next_attempt_at timestamptz,
    claimed_until timestamptz,
    last_status integer,
    last_error text,
    created_at timestamptz not null,
    delivered_at timestamptz,
    unique (webhook_id, position),
    check ((state = 'pending') = (next_attempt_at is not null))
  )`,
  `create index webhook_delivery_due on webhook_delivery (webhook_id, next_attempt_at) where state = 'pending'`,
  `create index webhook_delivery_listed on webhook_delivery (webhook_id, ordinal)`,
  // A row without an outcome is an attempt whose worker died, or that goes on.
  `create table webhook_attempt (
    delivery_id text not null references webhook_delivery on delete cascade,
    number integer not null,
    at timestamptz not null,
    duration_ms integer,
    status integer,
    error text,
    primary key (delivery_id, number)
  )`,
];
