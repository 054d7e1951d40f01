// What the API bears from its callers, and which addresses of theirs it believes.

import { type Values, wholeNumber } from './value.ts';

export const LIMIT_KEYS = {
  JALON_REQUESTS_PER_MINUTE: wholeNumber(0, 1_000_000).default(6_000).meta({
    description:
      'Requests that one API key, or one member with tokens of the identity provider, may make a minute, counted in PostgreSQL for all API processes together; 0: no limit.',
  }),
  JALON_EVENT_STREAMS: wholeNumber(1, 100_000).default(500).meta({
    description: 'Streams of events (GET /v1/events) that each API process holds open at most.',
  }),
  JALON_EVENT_STREAMS_PER_CREDENTIAL: wholeNumber(1, 100_000).default(10).meta({
    description:
      'Streams of events that one API key, or one member with tokens of the identity provider, may hold open in each API process.',
  }),
  JALON_FAILED_ATTEMPTS: wholeNumber(1, 1_000_000).default(10).meta({
    description:
      'Wrong secrets that are taken with one key from one address in a quarter of an hour, and five times as many from one address in all, counted in PostgreSQL for all API processes.',
  }),
  JALON_TRUSTED_PROXIES: wholeNumber(0, 10).default(0).meta({
    description:
      'Proxies of yours in front of the API that append to X-Forwarded-For; 0: the header is not believed.',
  }),
};

export interface LimitConfig {
  /** 0: no limit. */
  readonly requestsPerMinute: number;
  readonly eventStreams: number;
  readonly eventStreamsPerCredential: number;
  readonly failedAttempts: number;
  readonly trustedProxies: number;
}

export function limitConfig(keys: Values<typeof LIMIT_KEYS>): LimitConfig {
  return {
    requestsPerMinute: keys.JALON_REQUESTS_PER_MINUTE,
    eventStreams: keys.JALON_EVENT_STREAMS,
    eventStreamsPerCredential: keys.JALON_EVENT_STREAMS_PER_CREDENTIAL,
    failedAttempts: keys.JALON_FAILED_ATTEMPTS,
    trustedProxies: keys.JALON_TRUSTED_PROXIES,
  };
}
