// The tables as TypeScript sees them. Instants are ISO text, numerics are decimal text (see connect.ts); JSON
// columns hold the domain's own plain types.

import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { ConnectionKind, ConnectionQuery, WarehouseSettings } from '../domain/connection.ts';
import type {
  BusinessCalendar,
  Gate,
  GateOutcome,
  Recommendation,
  SeatHolder,
  Vote,
} from '../domain/gate.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Stage } from '../domain/stage.ts';
import type { AttentionKind } from '../domain/thesis/attention.ts';
import type { RetexDraft } from '../domain/thesis/retex.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { Learning, SealedContract, ThesisEvent } from '../domain/thesis.ts';
import type { DeliveryState, DisabledReason, MessageType } from '../domain/webhook.ts';
import type { EvidencePack } from './evidence-packs.ts';
import type { ReadOutBody } from './read-outs.ts';

type Json<T extends object> = JSONColumnType<T>;

export interface Database {
  member: {
    member_id: string;
    name: string;
    roles: string[];
    active: Generated<boolean>;
    /** Who the identity provider says this is; null: the member id itself. */
    subject: string | null;
    created_at: Generated<string>;
  };
  api_key: {
    key_id: string;
    member_id: string;
    name: string;
    secret_hash: Buffer;
    created_at: Generated<string>;
    expires_at: string | null;
    last_used_at: string | null;
    revoked_at: string | null;
    /** Null: the roles of its member. */
    roles: string[] | null;
    rotated_at: string | null;
    /** The secret before the last rotation, and until when it is taken. */
    previous_hash: Buffer | null;
    previous_until: string | null;
  };
  /** Written by rate-limiter-flexible only. */
  failed_attempt: {
    key: string;
    points: number;
    expire: string | null;
  };
  /** Written by rate-limiter-flexible only. */
  request_count: {
    key: string;
    points: number;
    expire: string | null;
  };
  idempotency: {
    member_id: string;
    idempotency_key: string;
    request_hash: Buffer;
    reserved_id: string;
    status: number | null;
    body: Json<{ body: object | null; location: string | null }> | null;
    created_at: Generated<string>;
  };
  committee: {
    name: string;
    holders: Json<SeatHolder[]>;
    calendar: Json<BusinessCalendar>;
    updated_at: Generated<string>;
    updated_by: string;
  };
  playbook: {
    name: string;
    version: number;
    title: string;
    body: Json<Playbook>;
    created_at: Generated<string>;
    created_by: string;
  };
  connection: {
    name: string;
    kind: ConnectionKind;
    settings: Json<WarehouseSettings>;
    secret: Buffer;
    queries: Json<ConnectionQuery[]>;
    updated_at: Generated<string>;
    updated_by: string;
  };
  thesis_event: {
    thesis_id: string;
    sequence: number;
    type: string;
    at: string;
    actor: string;
    command_id: string | null;
    data: Json<ThesisEvent>;
    previous_hash: Buffer;
    hash: Buffer;
    recorded_at: Generated<string>;
  };
  event_feed: {
    /** Read as decimal text, like every bigint. */
    position: string;
    thesis_id: string;
    sequence: number;
  };
  thesis: {
    thesis_id: string;
    title: string;
    owner: string;
    portfolio: string;
    market: string;
    playbook: string;
    playbook_version: number;
    currency: string;
    stage: string;
    status: string;
    outcome: string | null;
    proposed_at: string;
    stage_since: string;
    clock_origin: string;
    clock_rate: number;
    sequence: number;
    view: Json<ThesisView>;
    updated_at: Generated<string>;
  };
  contract: {
    thesis_id: string;
    version: number;
    body: Json<SealedContract>;
    hash: string;
    sealed_at: string;
  };
  stage_window: {
    thesis_id: string;
    stage: string;
    round: number;
    entered_at: string;
    left_at: string | null;
  };
  gate: {
    gate_id: string;
    thesis_id: string;
    stage: Stage;
    opened_at: string;
    deadline: string;
    decided_at: string | null;
    decision: string | null;
    recommendation: Recommendation;
    evidence_hash: string;
    waits_for: string[];
    body: Json<Gate>;
    outcome: Json<GateOutcome> | null;
  };
  vote: {
    gate_id: string;
    sequence: number;
    member_id: string;
    seat: string;
    ballot: string;
    body: Json<Vote>;
    voided_at: string | null;
  };
  retex: {
    thesis_id: string;
    draft: Json<RetexDraft>;
    summary: string | null;
    learnings: Json<Learning[]>;
    tags: Generated<string[]>;
    completed_by: string | null;
    completed_at: string | null;
    search: Generated<string>;
  };
  observation: {
    observation_id: Generated<string>;
    thesis_id: string;
    source: string;
    row_key: string;
    revision: number;
    metric: string;
    period_from: string;
    period_to: string;
    arm: string | null;
    channel: string | null;
    market: string | null;
    n: string | null;
    sum: string | null;
    sum_squares: string | null;
    covariate_sum: string | null;
    covariate_sum_squares: string | null;
    covariate_sum_of_products: string | null;
    currency: string | null;
    missing: string | null;
    grade: string;
    finality: string;
    content_hash: Buffer;
    submission_id: string | null;
    known_at: string;
    recorded_at: Generated<string>;
  };
  submission: {
    submission_id: string;
    thesis_id: string;
    author: string;
    method: string;
    notes: string;
    known_at: string;
    recorded_at: Generated<string>;
  };
  source_watermark: {
    thesis_id: string;
    source: string;
    watermark: string | null;
    checked_at: string;
    failing_since: string | null;
    failure: string | null;
  };
  read_out: { thesis_id: string; stage: string; round: number; at: string; body: Json<ReadOutBody> };
  evidence_pack: {
    gate_id: string;
    hash: string;
    thesis_id: string;
    frozen_at: string;
    pack: Json<EvidencePack>;
  };
  thesis_attention: {
    thesis_id: string;
    kind: AttentionKind;
    subject: string;
    detail: string;
    attempts: number;
    since: string;
    seen_at: string;
  };
  ledger_check: {
    only: Generated<boolean>;
    checked_at: string;
    theses: number;
    events: string;
    broken_thesis: string | null;
    broken_sequence: number | null;
    problem: string | null;
  };
  watch_turn: { name: string; taken_until: string };
  webhook: {
    webhook_id: string;
    url: string;
    description: string;
    /** Null: all. */
    event_types: string[] | null;
    /** Null: of every portfolio. */
    portfolio: string | null;
    secret: Buffer;
    previous_secret: Buffer | null;
    previous_until: string | null;
    created_at: string;
    created_by: string;
    updated_at: string;
    disabled_at: string | null;
    disabled_reason: DisabledReason | null;
    /** The first failure since the last success. */
    failing_since: string | null;
    quiet_until: string | null;
    /** The last place in the feed that was made into deliveries, or passed over. */
    position: string;
  };
  webhook_delivery: {
    /** The webhook-id of its requests. */
    delivery_id: string;
    ordinal: GeneratedAlways<string>;
    webhook_id: string;
    /** Null: a ping. */
    position: string | null;
    type: MessageType;
    body: string;
    state: DeliveryState;
    attempts: Generated<number>;
    attempts_left: number;
    next_attempt_at: string | null;
    /** Until when one worker has it; by PostgreSQL's clock. */
    claimed_until: string | null;
    last_status: number | null;
    last_error: string | null;
    created_at: string;
    delivered_at: string | null;
  };
  webhook_attempt: {
    delivery_id: string;
    number: number;
    at: string;
    duration_ms: number | null;
    status: number | null;
    error: string | null;
  };
}
