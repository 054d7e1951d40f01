// What was sent to webhooks, as people see it: deliveries and the log of their attempts, a ping, and a replay by hand.
// The worker's side, which claims and settles deliveries, is webhook-dispatch.ts.

import { type Selectable, sql } from 'kysely';
import { ATTEMPTS, type DeliveryState, type MessageType, PING, pingBody } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import type { Database } from './schema.ts';

export interface StoredDelivery {
  /** The webhook-id of its requests. */
  readonly deliveryId: string;
  /** Its place in the list. */
  readonly ordinal: string;
  readonly type: MessageType;
  /** The event's place in the feed; null: a ping. */
  readonly position: number | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
}

export interface StoredAttempt {
  readonly number: number;
  readonly at: string;
  /** Null, like the rest, while it goes on, and when its worker died before it could tell. */
  readonly durationMs: number | null;
  readonly status: number | null;
  readonly error: string | null;
}

/** Deliveries of a webhook, newest first, before the ordinal of the page before. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  page: { readonly before: string | null; readonly state: DeliveryState | null; readonly limit: number },
): Promise<StoredDelivery[]> {
  const { before, state, limit } = page;
  const rows = await db
    .selectFrom('webhook_delivery')
    .select(SHOWN)
    .where('webhook_id', '=', webhookId)
    .$if(before !== null, (query) => query.where('ordinal', '<', before))
    .$if(state !== null, (query) => query.where('state', '=', state))
    .orderBy('ordinal', 'desc')
    .limit(limit)
    .execute();
  return rows.map(shown);
}

/** One delivery with what is sent and the log of its attempts, oldest first. */
export async function findDelivery(
  db: Db,
  webhookId: string,
  deliveryId: string,
): Promise<(StoredDelivery & { readonly payload: object; readonly log: readonly StoredAttempt[] }) | null> {
  const row = await db
    .selectFrom('webhook_delivery')
    .select([...SHOWN, 'body'])
    .where('webhook_id', '=', webhookId)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const log = await db
    .selectFrom('webhook_attempt')
    .select(['number', 'at', 'duration_ms as durationMs', 'status', 'error'])
    .where('delivery_id', '=', deliveryId)
    .orderBy('number')
    .execute();
  const payload: object = JSON.parse(row.body);
  return { ...shown(row), payload, log };
}

/** Makes a delivery about nothing, to be attempted once. */
export async function addPing(
  db: Db,
  { webhookId, deliveryId, at }: { webhookId: string; deliveryId: string; at: string },
): Promise<StoredDelivery> {
  const row = await db
    .insertInto('webhook_delivery')
    .values({
      delivery_id: deliveryId,
      webhook_id: webhookId,
      type: PING,
      body: pingBody(webhookId, at),
      state: 'pending',
      attempts_left: 1,
      next_attempt_at: at,
      created_at: at,
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  return shown(row);
}

/** Has a delivery sent again, now and by a new schedule, under its id. Null while a worker is sending it. */
export async function replayDelivery(
  db: Db,
  { webhookId, deliveryId, at }: { webhookId: string; deliveryId: string; at: string },
): Promise<StoredDelivery | null> {
  const row = await db
    .updateTable('webhook_delivery')
    .set({
      state: 'pending',
      attempts_left: sql<number>`case when position is null then 1 else ${ATTEMPTS}::integer end`,
      next_attempt_at: at,
      claimed_until: null,
      delivered_at: null,
    })
    .where('webhook_id', '=', webhookId)
    .where('delivery_id', '=', deliveryId)
    .where(sql<boolean>`(claimed_until is null or claimed_until <= now())`)
    .returning(SHOWN)
    .executeTakeFirst();
  return row === undefined ? null : shown(row);
}

const SHOWN = [
  'delivery_id',
  'ordinal',
  'type',
  'position',
  'state',
  'attempts',
  'next_attempt_at',
  'last_status',
  'last_error',
  'created_at',
  'delivered_at',
] as const;

function shown(row: Pick<Selectable<Database['webhook_delivery']>, (typeof SHOWN)[number]>): StoredDelivery {
  return {
    deliveryId: row.delivery_id,
    ordinal: row.ordinal,
    type: row.type,
    position: row.position === null ? null : Number(row.position),
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    createdAt: row.created_at,
    deliveredAt: row.delivered_at,
  };
}
