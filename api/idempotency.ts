// Makes writes happen once, however often they are sent: the first attempt reserves the key and an id, the answer
// is kept, and the same request again gets the kept answer. A refused request has no effect and leaves the key free.

import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { uuidv7 } from 'uuidv7';
import type { Db } from '../db/connect.ts';
import { type Answer, type Attempt, finish, type Reservation, release, reserve } from '../db/idempotency.ts';
import type { ApiContext, ApiEnv } from './context.ts';
import { Problem } from './problem.ts';

/**
 * How a write comes to happen once.
 * `transaction`: it writes to PostgreSQL only, through `c.var.db`; effect and kept answer commit together.
 * `reserved`: it acts elsewhere; its handler is idempotent on `c.var.reservedId`, and an attempt that broke off
 * between acting and answering is run again under the same id. What it refuses must have had no effect.
 * `computation`: it only computes an answer from its body and changes nothing; no Idempotency-Key is asked for.
 * `per-row`: its body is a stream whose rows each carry a key of their own; no Idempotency-Key is asked for.
 */
export type Idempotent = 'transaction' | 'reserved' | 'computation' | 'per-row';

const KEY_PATTERN = /^[\x21-\x7e]{1,200}$/;

/** The middleware of a write. `redact` takes out of a kept answer what may be shown only once. */
export function once(
  kind: 'transaction' | 'reserved',
  redact: (body: object) => object,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const attempt = await attemptOf(c);
    const answered =
      kind === 'transaction'
        ? await inTransaction(c, attempt, next, redact)
        : await underReservedId(c, attempt, next, redact);
    if (answered !== null) c.res = replay(answered);
  };
}

async function attemptOf(c: ApiContext): Promise<Attempt> {
  const key = c.req.header('idempotency-key') ?? '';
  if (!KEY_PATTERN.test(key)) {
    throw new Problem('idempotency_key_required', 'The header is missing, too long or not visible ASCII.');
  }
  const { pathname, search } = new URL(c.req.url);
  const requestHash = createHash('sha256')
    .update(`${c.req.method} ${pathname}${search}\n`)
    .update(new Uint8Array(await c.req.arrayBuffer()))
    .digest();
  return { memberId: c.var.member.memberId, key, requestHash };
}

/** The kept answer, or null once the request has been handled and its answer stands in `c.res`. */
async function inTransaction(
  c: ApiContext,
  attempt: Attempt,
  next: () => Promise<void>,
  redact: (body: object) => object,
): Promise<Answer | null> {
  const pool = c.var.db;
  const refused = new Error('refused: roll back');
  try {
    return await pool.transaction().execute(async (transaction) => {
      const reservation = await open(c, transaction, attempt);
      if (reservation.state === 'finished') return reservation.answer;
      c.set('db', transaction);
      await next();
      if (!c.res.ok) throw refused;
      await finish(transaction, attempt, reservation.reservedId, await answerOf(c, redact));
      return null;
    });
  } catch (error) {
    // A refusal's answer already stands in c.res; all that it wrote is undone, the reservation included.
    if (error === refused) return null;
    throw error;
  } finally {
    c.set('db', pool);
  }
}

async function underReservedId(
  c: ApiContext,
  attempt: Attempt,
  next: () => Promise<void>,
  redact: (body: object) => object,
): Promise<Answer | null> {
  const { db } = c.var;
  const reservation = await open(c, db, attempt);
  if (reservation.state === 'finished') return reservation.answer;
  await next();
  const { state, reservedId } = reservation;
  if (c.res.ok) await finish(db, attempt, reservedId, await answerOf(c, redact));
  // Only a fresh attempt is known to have had no effect: an earlier one may have acted and lost its answer.
  else if (c.res.status < 500 && state === 'fresh') await release(db, attempt, reservedId);
  return null;
}

async function open(
  c: ApiContext,
  db: Db,
  attempt: Attempt,
): Promise<Exclude<Reservation, { state: 'reused' }>> {
  const reservation = await reserve(db, attempt, uuidv7());
  if (reservation.state === 'reused') {
    throw new Problem('idempotency_key_reused', 'The key was sent with another method, address or body.');
  }
  if (reservation.state !== 'finished') {
    c.set('reservedId', reservation.reservedId);
    c.set('repeated', reservation.state === 'unfinished');
  }
  return reservation;
}

async function answerOf(c: ApiContext, redact: (body: object) => object): Promise<Answer> {
  const { status } = c.res;
  const location = c.res.headers.get('location');
  const text = await c.res.clone().text();
  if (text === '') return { status, body: null, location };
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new TypeError('an answer is a JSON object');
  return { status, body: redact(body), location };
}

function replay({ status, body, location }: Answer): Response {
  const headers = new Headers({ 'idempotency-replayed': 'true' });
  if (location !== null) headers.set('location', location);
  if (body !== null) headers.set('content-type', 'application/json');
  return new Response(body === null ? null : JSON.stringify(body), { status, headers });
}
