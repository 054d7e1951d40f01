// The worker's side of deliveries: lends each that is due to one worker at a time, and settles what came of an attempt.
// Leases run by PostgreSQL's clock, which all workers share; when a delivery is due is told by the caller. Sends nothing.

import { sql, type Transaction } from 'kysely';
import { DAY, later } from '../domain/duration.ts';
import { type Answer, type Verdict, verdictOn } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import type { Database } from './schema.ts';

/** A delivery lent to this worker for one attempt. */
export interface ClaimedDelivery {
  readonly deliveryId: string;
  readonly webhookId: string;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly body: string;
  readonly url: string;
  /** Sealed; the present one first. */
  readonly secrets: readonly Buffer[];
}

/** Requests to one webhook at a time, about: a slow one must not take every place. */
const AT_ONCE = 4;

const DELIVERED_KEPT = 30 * DAY;
const FAILED_KEPT = 90 * DAY;

/** Borrows due deliveries, those due longest first, and writes each attempt into the log before it is made. */
export async function claimDeliveries(
  db: Db,
  { at, limit, leaseSeconds }: { at: string; limit: number; leaseSeconds: number },
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql<ClaimedRow>`
    with due as (
      select one.delivery_id
      from webhook cross join lateral (
        select delivery_id, next_attempt_at
        from webhook_delivery
        where webhook_id = webhook.webhook_id and state = 'pending' and attempts_left > 0
          and next_attempt_at <= ${at} and (claimed_until is null or claimed_until <= now())
        order by next_attempt_at
        limit (
          select greatest(0, ${AT_ONCE}::integer - count(*)) from webhook_delivery as busy
          where busy.webhook_id = webhook.webhook_id and busy.state = 'pending' and busy.claimed_until > now())
        for update skip locked
      ) as one
      where disabled_at is null and (quiet_until is null or quiet_until <= ${at})
      order by one.next_attempt_at
      limit ${limit}
    ), claimed as (
      update webhook_delivery
      set claimed_until = now() + make_interval(secs => ${leaseSeconds}),
        attempts = attempts + 1,
        attempts_left = attempts_left - 1
      from due
      where webhook_delivery.delivery_id = due.delivery_id
      returning webhook_delivery.*
    ), logged as (
      insert into webhook_attempt (delivery_id, number, at) select delivery_id, attempts, ${at} from claimed
    )
    select claimed.delivery_id, claimed.webhook_id, claimed.attempts, claimed.body, url, secret,
      case when previous_until > ${at} then previous_secret end as previous_secret
    from claimed join webhook using (webhook_id)`.execute(db);
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    webhookId: row.webhook_id,
    attempt: row.attempts,
    body: row.body,
    url: row.url,
    secrets: row.previous_secret === null ? [row.secret] : [row.secret, row.previous_secret],
  }));
}

interface ClaimedRow {
  readonly delivery_id: string;
  readonly webhook_id: string;
  readonly attempts: number;
  readonly body: string;
  readonly url: string;
  readonly secret: Buffer;
  readonly previous_secret: Buffer | null;
}

/**
 * Writes down what came of an attempt, and settles or plans the delivery. Told twice, it is the same as once. Null when
 * nothing follows: the webhook is gone, or a later attempt decides.
 */
export async function settleAttempt(
  db: Db,
  { deliveryId, webhookId, attempt }: Pick<ClaimedDelivery, 'deliveryId' | 'webhookId' | 'attempt'>,
  answer: Answer,
  { at, durationMs, chance }: { at: string; durationMs: number; chance: number },
): Promise<Verdict | null> {
  return await db.transaction().execute(async (trx) => {
    const webhook = await trx
      .selectFrom('webhook')
      .select('failing_since')
      .where('webhook_id', '=', webhookId)
      .forUpdate()
      .executeTakeFirst();
    const delivery = await trx
      .selectFrom('webhook_delivery')
      .select(['state', 'attempts', 'attempts_left'])
      .where('delivery_id', '=', deliveryId)
      .forUpdate()
      .executeTakeFirst();
    if (webhook === undefined || delivery === undefined) return null;
    const { attempts_left: attemptsLeft } = delivery;
    const verdict = verdictOn(answer, { at, attemptsLeft, failingSince: webhook.failing_since, chance });
    const status = 'status' in answer ? answer.status : null;
    await trx
      .updateTable('webhook_attempt')
      .set({ status, error: verdict.error, duration_ms: durationMs })
      .where('delivery_id', '=', deliveryId)
      .where('number', '=', attempt)
      .execute();
    const overtaken = delivery.attempts !== attempt && verdict.state !== 'delivered';
    if (delivery.state !== 'pending' || overtaken) return null;
    await settleDelivery(trx, deliveryId, verdict, { at, status });
    await markWebhook(trx, webhookId, verdict, at);
    return verdict;
  });
}

async function settleDelivery(
  trx: Transaction<Database>,
  deliveryId: string,
  verdict: Verdict,
  { at, status }: { at: string; status: number | null },
): Promise<void> {
  await trx
    .updateTable('webhook_delivery')
    .set({
      state: verdict.state,
      next_attempt_at: verdict.nextAttemptAt,
      claimed_until: null,
      last_status: status,
      last_error: verdict.error,
      delivered_at: verdict.state === 'delivered' ? at : null,
    })
    .where('delivery_id', '=', deliveryId)
    .execute();
}

async function markWebhook(
  trx: Transaction<Database>,
  webhookId: string,
  { failingSince, quietUntil, disable }: Verdict,
  at: string,
): Promise<void> {
  await trx
    .updateTable('webhook')
    .set({ failing_since: failingSince, ...(quietUntil === null ? {} : { quiet_until: quietUntil }) })
    .$if(disable !== null, (query) =>
      query.set((eb) => ({
        disabled_at: eb.fn.coalesce('disabled_at', eb.val(at)),
        disabled_reason: eb.fn.coalesce('disabled_reason', eb.val(disable)),
      })),
    )
    .where('webhook_id', '=', webhookId)
    .execute();
}

/** Gives up deliveries whose last attempt nobody came back from, so that none can end a worker for ever. */
export async function giveUpLost(db: Db): Promise<void> {
  await db
    .updateTable('webhook_delivery')
    .set({
      state: 'failed',
      next_attempt_at: null,
      claimed_until: null,
      last_status: null,
      last_error: 'The worker ended during the last attempt.',
    })
    .where('state', '=', 'pending')
    .where('attempts_left', '=', 0)
    .where(sql<boolean>`claimed_until <= now()`)
    .execute();
}

/** Forgets deliveries that came through a month ago, and those given up a quarter ago, with their log. */
export async function forgetDeliveries(db: Db, at: string): Promise<void> {
  await db
    .deleteFrom('webhook_delivery')
    .where(({ eb, and, or }) =>
      or([
        and([eb('state', '=', 'delivered'), eb('delivered_at', '<', later(at, -DELIVERED_KEPT))]),
        and([eb('state', '=', 'failed'), eb('created_at', '<', later(at, -FAILED_KEPT))]),
      ]),
    )
    .execute();
}
