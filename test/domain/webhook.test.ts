// What follows from an attempt at delivery, and the form of what is sent.
import { describe, expect, test } from 'vitest';
import { ANNOUNCEMENT_TYPES } from '../../domain/thesis/announcement.ts';
import {
  type Answer,
  ATTEMPT_PAUSES,
  ATTEMPTS,
  type AttemptContext,
  bodyOf,
  messageId,
  PING,
  pingBody,
  verdictOn,
} from '../../domain/webhook.ts';

const AT = '2026-11-24T09:00:00.000Z';
const DOWN: Answer = { fault: 'The connection was refused.' };

function context(change: Partial<AttemptContext> = {}): AttemptContext {
  return { at: AT, attemptsLeft: ATTEMPTS - 1, failingSince: null, chance: 0.5, ...change };
}

const answered = (status: number, retryAfter: number | null = null): Answer => ({ status, retryAfter });

test.each([200, 201, 204, 299])('%i is a delivery, and ends a series of failures', (status) => {
  expect(verdictOn(answered(status), context({ failingSince: AT }))).toEqual({
    state: 'delivered',
    nextAttemptAt: null,
    error: null,
    quietUntil: null,
    failingSince: null,
    disable: null,
  });
});

test.each([199, 301, 302, 307, 400, 401, 404, 500, 502])('%i is none, and is tried again', (status) => {
  const verdict = verdictOn(answered(status), context());
  expect(verdict).toMatchObject({ state: 'pending', failingSince: AT, disable: null });
  expect(verdict.error).toContain(String(status));
});

test('a redirect says that it was not followed', () => {
  expect(verdictOn(answered(302), context()).error).toMatch(/redirects are not followed/);
});

test('ten attempts go over three days by the schedule of the convention, and then the delivery has failed', () => {
  const pauses: number[] = [];
  let [at, attemptsLeft] = [AT, ATTEMPTS];
  for (;;) {
    attemptsLeft -= 1;
    const { nextAttemptAt, state } = verdictOn(DOWN, context({ at, attemptsLeft }));
    if (nextAttemptAt === null) {
      expect(state).toBe('failed');
      break;
    }
    pauses.push(Date.parse(nextAttemptAt) - Date.parse(at));
    at = nextAttemptAt;
  }
  expect([0, ...pauses]).toEqual(ATTEMPT_PAUSES);
  expect(Date.parse(at) - Date.parse(AT)).toBe(((75 * 60 + 35) * 60 + 5) * 1_000);
});

test('chance moves a pause by a tenth at most, to both sides', () => {
  const next = (chance: number): number =>
    Date.parse(verdictOn(DOWN, context({ attemptsLeft: ATTEMPTS - 2, chance })).nextAttemptAt ?? '');
  const [early, planned, late] = [next(0), next(0.5), next(1)];
  expect([planned - early, late - planned]).toEqual([30_000, 30_000]);
});

describe('a server that asks for quiet', () => {
  test.each([429, 503])('by %i with Retry-After gets it, whatever the schedule says', (status) => {
    const until = '2026-11-24T10:00:00.000Z';
    expect(verdictOn(answered(status, 3_600_000), context())).toMatchObject({
      nextAttemptAt: until,
      quietUntil: until,
    });
  });

  test('for a moment does not come sooner than the schedule', () => {
    const { nextAttemptAt } = verdictOn(answered(429, 1_000), context({ attemptsLeft: ATTEMPTS - 3 }));
    expect(nextAttemptAt).toBe('2026-11-24T09:30:00.000Z');
  });

  test('for a year gets a day', () => {
    expect(verdictOn(answered(503, 365 * 86_400_000), context()).quietUntil).toBe('2026-11-25T09:00:00.000Z');
  });

  test('by any other status is not heard', () => {
    expect(verdictOn(answered(500, 3_600_000), context()).quietUntil).toBeNull();
  });
});

test('410 ends the delivery and the webhook', () => {
  expect(verdictOn(answered(410), context())).toMatchObject({ state: 'failed', disable: 'gone' });
});

test('a webhook that gives up a delivery after five days without success is disabled, and not a moment sooner', () => {
  const disable = (failingSince: string, attemptsLeft = 0) =>
    verdictOn(DOWN, context({ failingSince, attemptsLeft })).disable;
  expect(disable('2026-11-19T09:00:00.001Z')).toBeNull();
  expect(disable('2026-11-19T09:00:00.000Z')).toBe('failing');
  // Nobody may have tried for months: one more failure is no reason yet.
  expect(disable('2026-08-24T09:00:00.000Z', 1)).toBeNull();
});

test('a body has type, timestamp and data, and where the event stands', () => {
  const announcement = {
    position: 41,
    thesisId: 'lyon',
    sequence: 7,
    type: 'thesis.held',
    at: AT,
    actor: 'lea',
    data: { reason: 'Stock' },
  } as const;
  expect(JSON.parse(bodyOf(announcement))).toEqual({
    type: 'thesis.held',
    timestamp: AT,
    position: 41,
    thesisId: 'lyon',
    sequence: 7,
    actor: 'lea',
    data: { reason: 'Stock' },
  });
  expect(JSON.parse(pingBody('w', AT))).toEqual({ type: PING, timestamp: AT, data: { webhookId: 'w' } });
});

test('the id of a message is the same at every attempt, and another for another event or webhook', () => {
  const hash = 'ab'.repeat(32);
  expect(messageId('0197-a', hash)).toBe('msg_0197-a_abababababababababababababababab');
  expect(messageId('0197-a', `cd${hash}`)).not.toBe(messageId('0197-a', hash));
  expect(messageId('0197-b', hash)).not.toBe(messageId('0197-a', hash));
});

test('names are what the convention allows', () => {
  for (const type of [...ANNOUNCEMENT_TYPES, PING]) expect(type).toMatch(/^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)+$/);
  expect(messageId('0197-a', 'ab'.repeat(32))).not.toContain('.');
});
