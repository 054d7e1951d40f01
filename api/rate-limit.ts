// How many requests a credential may make, told in each answer's RateLimit headers. Each process counts in its memory and
// settles with PostgreSQL, where all processes count together, a twentieth of the limit at a time: no request waits for it,
// and N processes let through at most N twentieths too many.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../db/connect.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { sharedCounter } from './shared-counter.ts';

/** Counts a request of a credential. Throws `too_many_requests` over the limit. */
export type RateLimit = (c: ApiContext, credential: string) => Promise<void>;

const WINDOW_SECONDS = 60;

const PORTIONS = 20;

/** At most so many requests a minute and credential; 0: no limit. */
export function createRateLimit(db: Db, requestsPerMinute: number): RateLimit {
  if (requestsPerMinute === 0) return async () => undefined;
  const own = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_SECONDS });
  const settle = settlement(db, requestsPerMinute, own);
  return async (c, credential) => {
    const standing = await own.consume(credential).catch((reason: unknown) => {
      if (reason instanceof RateLimiterRes) return reason;
      throw reason;
    });
    const seconds = Math.ceil(standing.msBeforeNext / 1_000);
    // The names and form of draft-ietf-httpapi-ratelimit-headers.
    c.set('quota', {
      'ratelimit-policy': `"credential";q=${requestsPerMinute};w=${WINDOW_SECONDS}`,
      ratelimit: `"credential";r=${standing.remainingPoints};t=${seconds}`,
    });
    if (standing.consumedPoints > requestsPerMinute) {
      throw new Problem('too_many_requests', `At most ${requestsPerMinute} requests a minute.`, {
        retryAfter: Math.max(1, seconds),
      });
    }
    settle(credential, standing.isFirstInDuration).catch((error: unknown) => {
      c.var.log.warn({ err: error }, 'requests are counted in this process only, for now');
    });
  };
}

/** Adds what this process counted to what all did, and closes the process to a credential that is over in all. */
function settlement(db: Db, points: number, own: RateLimiterMemory) {
  const shared = sharedCounter(db, {
    table: 'request_count',
    keyPrefix: 'credential',
    points,
    windowSeconds: WINDOW_SECONDS,
  });
  const portion = Math.max(1, Math.floor(points / PORTIONS));
  const unsettled = new Map<string, number>();
  return async (credential: string, isFirst: boolean): Promise<void> => {
    const count = (isFirst ? 0 : (unsettled.get(credential) ?? 0)) + 1;
    unsettled.set(credential, count % portion);
    if (count < portion) return;
    const all = await shared.penalty(credential, count);
    if (all.consumedPoints > points) await own.block(credential, Math.ceil(all.msBeforeNext / 1_000));
  };
}
