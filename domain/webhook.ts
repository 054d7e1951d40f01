// What webhooks are, and what follows from the answer to an attempt at delivery: delivered, tried again and when, given
// up, or the whole webhook disabled. Sends nothing, and knows neither clock nor chance: both come in.

import { between, DAY, HOUR, type Instant, later, MINUTE, SECOND } from './duration.ts';
import type { Announcement, AnnouncementType } from './thesis/announcement.ts';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** `gone`: its server said 410. `failing`: nothing has come through for days. `by_hand`: an administrator did it. */
export const DISABLED_REASONS = ['gone', 'failing', 'by_hand'] as const;

export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** Sent by hand to see whether anybody listens; about no thesis. */
export const PING = 'webhook.ping';

export type MessageType = AnnouncementType | typeof PING;

/** The pause before each attempt, as the Standard Webhooks convention proposes: three days and three hours in all. */
export const ATTEMPT_PAUSES = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Attempts that a delivery gets, at first and again at each replay by hand. */
export const ATTEMPTS = ATTEMPT_PAUSES.length;

/** A webhook that gives up a delivery after so long without one success is disabled. */
const FAILING_FOR = 5 * DAY;

/** No server may put us off for longer. */
const LONGEST_WAIT = DAY;

/** How much of a pause chance moves, so that what failed at once does not return at once. */
const JITTER = 0.2;

/** What came of an attempt: an HTTP status, or why there is none, in words that tell no secret. */
export type Answer =
  | {
      readonly status: number /** Milliseconds that the server asks for. */;
      readonly retryAfter: number | null;
    }
  | { readonly fault: string };

export interface AttemptContext {
  readonly at: Instant;
  /** Attempts that the delivery still has after this one. */
  readonly attemptsLeft: number;
  /** Since when the webhook has had no success; null: the last attempt was one. */
  readonly failingSince: Instant | null;
  /** From 0 to 1, by chance. */
  readonly chance: number;
}

/** What follows from an attempt. */
export interface Verdict {
  readonly state: DeliveryState;
  /** Null once the delivery is settled. */
  readonly nextAttemptAt: Instant | null;
  /** Why it did not come through; null when it did. */
  readonly error: string | null;
  /** No request of this webhook before then: its server asked for quiet. */
  readonly quietUntil: Instant | null;
  readonly failingSince: Instant | null;
  readonly disable: DisabledReason | null;
}

export function verdictOn(answer: Answer, context: AttemptContext): Verdict {
  const { at, attemptsLeft } = context;
  if ('status' in answer && answer.status >= 200 && answer.status < 300) {
    return {
      state: 'delivered',
      nextAttemptAt: null,
      error: null,
      quietUntil: null,
      failingSince: null,
      disable: null,
    };
  }
  const failingSince = context.failingSince ?? at;
  const gone = 'status' in answer && answer.status === 410;
  const over = gone || attemptsLeft === 0;
  const quietUntil = quietFor(answer, at);
  return {
    state: over ? 'failed' : 'pending',
    nextAttemptAt: over ? null : nextAttempt(context, quietUntil),
    error: 'fault' in answer ? answer.fault : wordsOf(answer.status),
    quietUntil,
    failingSince,
    disable: gone ? 'gone' : over && between(failingSince, at) >= FAILING_FOR ? 'failing' : null,
  };
}

function nextAttempt({ at, attemptsLeft, chance }: AttemptContext, quietUntil: Instant | null): Instant {
  const pause = ATTEMPT_PAUSES[ATTEMPTS - attemptsLeft] ?? 0;
  const planned = later(at, Math.round(pause * (1 + JITTER * (chance - 0.5))));
  return quietUntil !== null && quietUntil > planned ? quietUntil : planned;
}

function quietFor(answer: Answer, at: Instant): Instant | null {
  if (!('status' in answer) || answer.retryAfter === null) return null;
  const asksForQuiet = answer.status === 429 || answer.status === 503;
  return asksForQuiet ? later(at, Math.min(Math.max(answer.retryAfter, 0), LONGEST_WAIT)) : null;
}

function wordsOf(status: number): string {
  if (status >= 300 && status < 400) {
    return `Answered ${status}: redirects are not followed. Give the webhook its final address.`;
  }
  return status === 410 ? 'Answered 410: it wants no more.' : `Answered ${status}.`;
}

/** The body of a message. Top level as the convention has it, and where the event stands in the one order of all. */
export function bodyOf({ type, at, position, thesisId, sequence, actor, data }: Announcement): string {
  return JSON.stringify({ type, timestamp: at, position, thesisId, sequence, actor, data });
}

/** The body of a ping. */
export function pingBody(webhookId: string, at: Instant): string {
  return JSON.stringify({ type: PING, timestamp: at, data: { webhookId } });
}

/**
 * The id under which a webhook is told of an event: the same at every attempt. From the event's hash and not its position,
 * which a database that was set back to a backup gives again, perhaps to another event.
 */
export function messageId(webhookId: string, eventHash: string): string {
  return `msg_${webhookId}_${eventHash.slice(0, 32)}`;
}
