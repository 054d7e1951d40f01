// The first shape of the database. Frozen once released: a change is a new migration.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // People and access.
  `create table member (
    member_id text primary key,
    name text not null,
    roles text[] not null,
    active boolean not null default true,
    created_at timestamptz not null default now()
  )`,
  `create table api_key (
    key_id text primary key,
    member_id text not null references member,
    name text not null,
    secret_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  `create index api_key_member on api_key (member_id)`,
  `create table idempotency (
    member_id text not null references member,
    idempotency_key text not null,
    request_hash bytea not null,
    reserved_id text not null,
    status integer,
    body jsonb,
    created_at timestamptz not null default now(),
    primary key (member_id, idempotency_key)
  )`,

  // What theses are made from.
  `create table committee (
    name text primary key,
    holders jsonb not null,
    calendar jsonb not null,
    updated_at timestamptz not null default now(),
    updated_by text not null
  )`,
  `create table playbook (
    name text not null,
    version integer not null check (version > 0),
    title text not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    created_by text not null,
    primary key (name, version)
  )`,
  `create table connection (
    name text primary key,
    kind text not null,
    settings jsonb not null,
    secret bytea not null,
    queries jsonb not null,
    updated_at timestamptz not null default now(),
    updated_by text not null
  )`,

  // The ledger: the truth of what happened to each thesis.
  `create table thesis_event (
    thesis_id text not null,
    sequence integer not null check (sequence > 0),
    type text not null,
    at timestamptz not null,
    actor text not null,
    command_id text,
    data jsonb not null,
    previous_hash bytea not null,
    hash bytea not null,
    recorded_at timestamptz not null default now(),
    primary key (thesis_id, sequence)
  )`,

  // Projections of the ledger, written in the same transaction.
  `create table thesis (
    thesis_id text primary key,
    title text not null,
    owner text not null,
    portfolio text not null,
    market text not null,
    playbook text not null,
    playbook_version integer not null,
    currency text not null,
    stage text not null,
    status text not null,
    outcome text,
    proposed_at timestamptz not null,
    stage_since timestamptz not null,
    clock_origin timestamptz not null,
    clock_rate double precision not null check (clock_rate > 0),
    sequence integer not null,
    view jsonb not null,
    updated_at timestamptz not null default now()
  )`,
  `create index thesis_listing on thesis (proposed_at desc, thesis_id desc)`,
  `create table contract (
    thesis_id text not null references thesis,
    version integer not null,
    body jsonb not null,
    hash text not null,
    sealed_at timestamptz not null,
    primary key (thesis_id, version)
  )`,
  `create table stage_window (
    thesis_id text not null references thesis,
    stage text not null,
    round integer not null,
    entered_at timestamptz not null,
    left_at timestamptz,
    primary key (thesis_id, stage, round)
  )`,
  `create table gate (
    gate_id text primary key,
    thesis_id text not null references thesis,
    stage text not null,
    opened_at timestamptz not null,
    deadline timestamptz not null,
    decided_at timestamptz,
    decision text,
    recommendation text not null,
    evidence_hash text not null,
    waits_for text[] not null,
    body jsonb not null,
    outcome jsonb
  )`,
  `create index gate_waiting on gate using gin (waits_for) where decided_at is null`,
  `create index gate_of_thesis on gate (thesis_id, opened_at)`,
  `create table vote (
    gate_id text not null references gate,
    sequence integer not null,
    member_id text not null,
    seat text not null,
    ballot text not null,
    body jsonb not null,
    voided_at timestamptz,
    primary key (gate_id, sequence)
  )`,
  `create table retex (
    thesis_id text primary key references thesis,
    draft jsonb not null,
    summary text,
    learnings jsonb not null default '[]',
    tags text[] not null default '{}',
    completed_by text,
    completed_at timestamptz,
    search tsvector not null default ''
  )`,
  `create index retex_search on retex using gin (search)`,

  // Evidence: append-only, about a period, known at a moment.
  `create table observation (
    observation_id bigint generated always as identity primary key,
    thesis_id text not null references thesis,
    source text not null,
    row_key text not null,
    revision integer not null check (revision > 0),
    metric text not null,
    period_from timestamptz not null,
    period_to timestamptz not null check (period_to > period_from),
    arm text,
    channel text,
    market text,
    n numeric(30, 10),
    sum numeric(30, 10),
    sum_squares numeric(50, 20),
    currency text,
    missing text,
    grade text not null,
    finality text not null,
    content_hash bytea not null,
    submission_id text,
    known_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    unique (thesis_id, source, row_key, revision),
    check ((sum is null) = (missing is not null))
  )`,
  `create index observation_reading on observation (thesis_id, period_to, metric)`,
  `create index observation_listing on observation (thesis_id, observation_id)`,
  `create table submission (
    submission_id text primary key,
    thesis_id text not null references thesis,
    author text not null,
    method text not null,
    notes text not null,
    known_at timestamptz not null,
    recorded_at timestamptz not null default now()
  )`,
  `create table source_watermark (
    thesis_id text not null references thesis,
    source text not null,
    watermark timestamptz,
    checked_at timestamptz not null,
    failing_since timestamptz,
    failure text,
    primary key (thesis_id, source)
  )`,
  `create table read_out (
    thesis_id text not null references thesis,
    stage text not null,
    round integer not null,
    at timestamptz not null,
    body jsonb not null,
    primary key (thesis_id, stage, round, at)
  )`,
  `create table evidence_pack (
    gate_id text not null,
    hash text not null,
    thesis_id text not null,
    frozen_at timestamptz not null,
    pack jsonb not null,
    primary key (gate_id, hash)
  )`,

  // History cannot be rewritten, not even by the application.
  `create function refuse_rewrite() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
  end $$`,
  ...['thesis_event', 'observation', 'submission', 'contract', 'playbook', 'evidence_pack'].map(
    (table) =>
      `create trigger ${table}_append_only before update or delete on ${table}
       for each row execute function refuse_rewrite()`,
  ),
  ...['thesis_event', 'observation', 'evidence_pack'].map(
    (table) =>
      `create trigger ${table}_no_truncate before truncate on ${table}
       for each statement execute function refuse_rewrite()`,
  ),
];
