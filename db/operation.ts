// The state of the whole platform in numbers, for metrics. Aggregates only: nothing in it names a thesis or a person.

import { sql } from 'kysely';
import type { AttentionKind } from '../domain/thesis/attention.ts';
import type { DeliveryState, DisabledReason } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import { lastLedgerCheck } from './ledger-checks.ts';

export interface Operation {
  readonly theses: readonly { readonly stage: string; readonly status: string; readonly count: number }[];
  /** Gates past their deadline that nobody has closed, on theses that are not paused. */
  readonly overdueGates: number;
  readonly openGates: number;
  /** Sources of theses that are not closed, as the last collection saw them. */
  readonly sources: readonly { readonly state: string; readonly count: number }[];
  readonly attention: readonly { readonly kind: AttentionKind; readonly count: number }[];
  readonly ledger: Awaited<ReturnType<typeof lastLedgerCheck>>;
  readonly webhooks: WebhookOperation;
  /** Seconds of thesis time since the last read-out of the thesis that waits for one longest; null when none waits. */
  readonly oldestReadOut: number | null;
}

export interface WebhookOperation {
  readonly deliveries: readonly { readonly state: DeliveryState; readonly count: number }[];
  /** Seconds since the oldest delivery that still waits was made, of webhooks that are not disabled; null: none waits. */
  readonly oldestPending: number | null;
  readonly disabled: readonly { readonly reason: DisabledReason; readonly count: number }[];
}

export async function readOperation(db: Db): Promise<Operation> {
  const theses = await db
    .selectFrom('thesis')
    .select(({ fn }) => ['stage', 'status', fn.countAll<string>().as('count')])
    .groupBy(['stage', 'status'])
    .execute();
  const gates = await openGates(db);
  const attention = await db
    .selectFrom('thesis_attention')
    .select(({ fn }) => ['kind', fn.countAll<string>().as('count')])
    .groupBy('kind')
    .execute();
  return {
    theses: theses.map((row) => ({ ...row, count: Number(row.count) })),
    ...gates,
    sources: await sourceStates(db),
    attention: attention.map((row) => ({ ...row, count: Number(row.count) })),
    ledger: await lastLedgerCheck(db),
    webhooks: await webhookOperation(db),
    oldestReadOut: await oldestReadOut(db),
  };
}

/** Where the thesis's own clock stands now, in SQL: see thesis/clock.ts. */
const thesisNow = sql<string>`(thesis.clock_origin + (now() - thesis.clock_origin) * thesis.clock_rate)`;

async function openGates(db: Db): Promise<Pick<Operation, 'openGates' | 'overdueGates'>> {
  const overdue = sql<string>`count(*) filter (
    where gate.deadline < ${thesisNow} and thesis.view->>'clockPaused' is null and thesis.status <> 'on_hold')`;
  const row = await db
    .selectFrom('gate')
    .innerJoin('thesis', 'thesis.thesis_id', 'gate.thesis_id')
    .select(({ fn }) => [fn.countAll<string>().as('open'), overdue.as('overdue')])
    .where('gate.decided_at', 'is', null)
    .executeTakeFirstOrThrow();
  return { openGates: Number(row.open), overdueGates: Number(row.overdue) };
}

async function sourceStates(db: Db): Promise<Operation['sources']> {
  const { rows } = await sql<{ state: string; count: string }>`
    select source->>'state' as state, count(*) as count
    from thesis, jsonb_array_elements(view->'sources') as source
    where status <> 'closed'
    group by 1`.execute(db);
  return rows.map(({ state, count }) => ({ state, count: Number(count) }));
}

/** Only theses that collect: on hold, in retex or with a clock that stands still nothing is read out. */
async function oldestReadOut(db: Db): Promise<number | null> {
  const since = sql`coalesce((view->'lastReadOut'->>'at')::timestamptz, stage_since)`;
  const { rows } = await sql<{ seconds: string | null }>`
    select extract(epoch from max(${thesisNow} - ${since}))::text as seconds
    from thesis
    where status = 'collecting' and view->>'clockPaused' is null`.execute(db);
  const seconds = rows[0]?.seconds ?? null;
  return seconds === null ? null : Number(seconds);
}

async function webhookOperation(db: Db): Promise<WebhookOperation> {
  const deliveries = await db
    .selectFrom('webhook_delivery')
    .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
    .groupBy('state')
    .execute();
  const { seconds } = await db
    .selectFrom('webhook_delivery')
    .innerJoin('webhook', 'webhook.webhook_id', 'webhook_delivery.webhook_id')
    .select(
      sql<string | null>`extract(epoch from now() - min(webhook_delivery.created_at))::text`.as('seconds'),
    )
    .where('state', '=', 'pending')
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow();
  const { rows: disabled } = await sql<{ reason: DisabledReason; count: string }>`
    select disabled_reason as reason, count(*) as count from webhook
    where disabled_reason is not null group by 1`.execute(db);
  return {
    deliveries: deliveries.map((row) => ({ ...row, count: Number(row.count) })),
    oldestPending: seconds === null ? null : Number(seconds),
    disabled: disabled.map((row) => ({ ...row, count: Number(row.count) })),
  };
}
