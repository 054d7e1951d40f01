// What follows from a connector's error: which kinds may be tried again, after how long, and what the workflow engine
// is told. The one home of that table.

import { ApplicationFailure } from '@temporalio/common';
import { between, type Instant, MINUTE, SECOND } from '../domain/duration.ts';
import type { ConnectorError, ConnectorErrorKind } from './connectors/port.ts';

interface Treatment {
  /** Whether the same call may succeed without anybody doing anything. */
  readonly retryable: boolean;
  /** Milliseconds to wait at least, where the system does not say; null: the usual back-off. */
  readonly delay: number | null;
}

const retry = (delay: number | null): Treatment => ({ retryable: true, delay });
const stop: Treatment = { retryable: false, delay: null };

export const TREATMENTS = {
  auth_expired: retry(SECOND),
  auth_revoked: stop,
  forbidden: stop,
  invalid_request: stop,
  not_found: stop,
  rate_limited: retry(30 * SECOND),
  // Hours away, as a rule: whoever called sleeps until `retryAt` instead of spending attempts.
  quota_exhausted: stop,
  // The same call gives as much again: whoever called asks for less.
  too_large: stop,
  version_sunset: stop,
  not_ready: retry(5 * MINUTE),
  transient: retry(null),
  // A write is looked for before it is written again, never blindly repeated.
  outcome_unknown: stop,
  contract_broken: stop,
} as const satisfies Record<ConnectorErrorKind, Treatment>;

/** Milliseconds after which the call may be tried again; null when it may not. `usual` is the caller's back-off. */
export function retryDelay(error: ConnectorError, now: Instant, usual: number): number | null {
  const { retryable, delay } = TREATMENTS[error.kind];
  if (!retryable) return null;
  return error.retryAt === null ? (delay ?? usual) : Math.max(0, between(now, error.retryAt));
}

/** The error as an activity throws it: typed by its kind, retryable or not, with the delay that the system asks for. */
export function failureOf(error: ConnectorError, now: Instant): ApplicationFailure {
  const { retryable, delay } = TREATMENTS[error.kind];
  const wait = error.retryAt === null ? delay : Math.max(0, between(now, error.retryAt));
  return ApplicationFailure.create({
    message: error.message,
    type: error.kind,
    nonRetryable: !retryable,
    details: [{ kind: error.kind, retryAt: error.retryAt }],
    ...(retryable && wait !== null ? { nextRetryDelay: wait } : {}),
  });
}
