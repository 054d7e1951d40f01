// Slows down guessing: failed attempts are counted by source address, and by address and key id together, in
// PostgreSQL, because a guesser may try every API process and failures are rare enough to be written. A key that has
// been good from an address is not held up by what others guess from there.

import { type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../db/connect.ts';
import { Problem } from './problem.ts';
import { sharedCounter } from './shared-counter.ts';

export interface FailedAttempts {
  /** Throws `too_many_requests` for whoever failed too often to be listened to now. */
  listen(address: string, credential: string): Promise<void>;
  /** Counts a guess, and throws `too_many_requests` when it is one too many. */
  failed(address: string, credential: string): Promise<void>;
  /** Remembers that this credential is good from this address. */
  succeeded(address: string, credential: string): void;
}

const WINDOW_SECONDS = 15 * 60;

/** How many times more an address may fail than one key from it: many people may share an address. */
const ADDRESS_ALLOWANCE = 5;

const MOST_REMEMBERED = 10_000;

/** `allowed` failures of one key from one address in a quarter of an hour. */
export function createFailedAttempts(db: Db, allowed: number): FailedAttempts {
  const byKey = counterOf(db, 'key', allowed);
  const byAddress = counterOf(db, 'address', allowed * ADDRESS_ALLOWANCE);
  const known = new Set<string>();
  return {
    async listen(address, credential) {
      const pair = `${address}|${credential}`;
      if (known.has(pair)) return;
      const standings = await Promise.all([byKey.get(pair), byAddress.get(address)]);
      for (const [place, standing] of standings.entries()) {
        const most = place === 0 ? byKey.points : byAddress.points;
        if (standing !== null && standing.consumedPoints > most) throw tooMany(standing);
      }
    },
    async failed(address, credential) {
      const pair = `${address}|${credential}`;
      known.delete(pair);
      await Promise.all([consume(byKey, pair), consume(byAddress, address)]);
    },
    succeeded(address, credential) {
      known.add(`${address}|${credential}`);
      const [oldest] = known;
      if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
    },
  };
}

function counterOf(db: Db, keyPrefix: string, points: number): RateLimiterPostgres {
  return sharedCounter(db, { table: 'failed_attempt', keyPrefix, points, windowSeconds: WINDOW_SECONDS });
}

async function consume(counter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await counter.consume(key);
  } catch (reason) {
    throw reason instanceof RateLimiterRes ? tooMany(reason) : reason;
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): Problem {
  const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  return new Problem(
    'too_many_requests',
    'Too many attempts failed from here; no more are listened to for now.',
    {
      retryAfter,
    },
  );
}
