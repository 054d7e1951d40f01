// The limits of every request, whatever it asks for: how long its address may be, how large its body, and how long it
// may take; and what the server itself limits before a request is one.

import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from './context.ts';
import { Problem } from './problem.ts';

/** Twice what the longest list needs: a cursor of 1,000 characters and its filters. */
const LONGEST_ADDRESS = 4_096;

const RETRY_AFTER_SECONDS = 5;

/** For Node's server: all headers together, and how long a caller may take to send them, or the whole of a push. */
export const SERVER_LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 20_000,
  requestTimeout: 300_000,
} as const;

/** Refuses an address that no link of ours could have. */
export const limitAddress: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { pathname, search } = new URL(c.req.url);
  if (pathname.length + search.length > LONGEST_ADDRESS) {
    throw new Problem('address_too_long', `An address has at most ${LONGEST_ADDRESS} characters.`);
  }
  await next();
};

/** Refuses a body of more than so many bytes, whether or not it says its length. */
export function limitBody(maxSize: number): MiddlewareHandler<ApiEnv> {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem('body_too_large', `A body here has at most ${maxSize} bytes.`);
    },
  });
}

/**
 * Answers 503 to a request that takes too long. What it has begun is not undone: an Idempotency-Key makes it safe to
 * send again.
 */
export function limitTime(ms: number): MiddlewareHandler<ApiEnv> {
  return async (_c, next) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const detail = `There was no answer within ${ms / 1_000} seconds.`;
        reject(new Problem('unavailable', detail, { retryAfter: RETRY_AFTER_SECONDS }));
      }, ms);
    });
    try {
      await Promise.race([next(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
