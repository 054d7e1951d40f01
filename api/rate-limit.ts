// How many requests a credential may make, told in each answer's RateLimit headers. Counted in this process's memory: the
// limit keeps one process from being swamped by one caller, so each process guards itself, and no request waits for a
// shared counter: one in PostgreSQL costs a round trip, more than a millisecond at the median, and requests of one key wait
// for each other's row. Behind N processes a caller may get N times the limit.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';

/** Counts a request of a credential. Throws `too_many_requests` over the limit. */
export type RateLimit = (c: ApiContext, credential: string) => Promise<void>;

const WINDOW_SECONDS = 60;

/** At most so many requests a minute and credential; 0: no limit. */
export function createRateLimit(requestsPerMinute: number): RateLimit {
  if (requestsPerMinute === 0) return async () => undefined;
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: WINDOW_SECONDS });
  return async (c, credential) => {
    const standing = await limiter.consume(credential).catch((reason: unknown) => {
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
  };
}
