// Remembers which request came with which Idempotency-Key and what was answered, so that sending a write again has
// no second effect. Rows are written before the effect and completed after it, or in the same transaction.

import { sql } from 'kysely';
import type { Db } from './connect.ts';

export interface Attempt {
  readonly memberId: string;
  readonly key: string;
  /** SHA-256 of method, address and body. */
  readonly requestHash: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: object | null;
  /** The Location header, of what was made. */
  readonly location: string | null;
}

export type Reservation =
  /** Nobody has asked this before: act, and make what you make under `reservedId`. */
  | { readonly state: 'fresh'; readonly reservedId: string }
  /** Asked before and perhaps acted upon: act again under the same `reservedId`. */
  | { readonly state: 'unfinished'; readonly reservedId: string }
  | { readonly state: 'finished'; readonly answer: Answer }
  /** The key belongs to another request. */
  | { readonly state: 'reused' };

/**
 * Reserves the key for the request. In a transaction, a concurrent attempt with the same key waits here until the
 * first one commits or rolls back.
 */
export async function reserve(db: Db, attempt: Attempt, newId: string): Promise<Reservation> {
  // Between a lost insert and the look at its winner, the winner may be released: then the key is free again.
  for (;;) {
    const inserted = await db
      .insertInto('idempotency')
      .values({
        member_id: attempt.memberId,
        idempotency_key: attempt.key,
        request_hash: attempt.requestHash,
        reserved_id: newId,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return { state: 'fresh', reservedId: newId };
    const row = await db
      .selectFrom('idempotency')
      .select(['request_hash', 'reserved_id', 'status', 'body'])
      .where('member_id', '=', attempt.memberId)
      .where('idempotency_key', '=', attempt.key)
      .executeTakeFirst();
    if (row === undefined) continue;
    if (!row.request_hash.equals(attempt.requestHash)) return { state: 'reused' };
    if (row.status === null) return { state: 'unfinished', reservedId: row.reserved_id };
    const { body = null, location = null } = row.body ?? {};
    return { state: 'finished', answer: { status: row.status, body, location } };
  }
}

/** Keeps the answer for every later attempt. The first answer kept stays. */
export async function finish(db: Db, attempt: Attempt, reservedId: string, answer: Answer): Promise<void> {
  const { status, ...kept } = answer;
  const completed = { status, body: JSON.stringify(kept) };
  await db
    .insertInto('idempotency')
    .values({
      member_id: attempt.memberId,
      idempotency_key: attempt.key,
      request_hash: attempt.requestHash,
      reserved_id: reservedId,
      ...completed,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['member_id', 'idempotency_key'])
        .doUpdateSet(completed)
        .where('idempotency.status', 'is', null)
        .where('idempotency.reserved_id', '=', reservedId),
    )
    .execute();
}

/** Frees the key of a request that was refused and so had no effect. */
export async function release(db: Db, attempt: Attempt, reservedId: string): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('member_id', '=', attempt.memberId)
    .where('idempotency_key', '=', attempt.key)
    .where('reserved_id', '=', reservedId)
    .where('status', 'is', null)
    .execute();
}

/** For so long a request may be sent again under its key; after that, the same key is a new request. */
export const KEPT_DAYS = 30;

const FORGOTTEN_AT_ONCE = 5_000;

/** Forgets the keys that are older than that. In small portions, so that no request waits long for one of them. */
export async function forgetOldKeys(db: Db): Promise<void> {
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from idempotency where ctid = any (array(
      select ctid from idempotency where created_at < now() - make_interval(days => ${KEPT_DAYS})
      limit ${FORGOTTEN_AT_ONCE}))`.execute(db);
    if (numAffectedRows < FORGOTTEN_AT_ONCE) return;
  }
}
