// What the chaos run says of one notification, from its requests and the log of its attempts: which repeats are legal and
// why, and that each wrong is named.
import { expect, test } from 'vitest';
import type { Arrival, Deed } from '../../local/chaos/receiver.ts';
import { judge, type LoggedAttempt } from '../../local/chaos/repeats.ts';

const BEGUN = Date.parse('2026-03-01T10:00:00Z');

/** An attempt that began so many seconds after the first; a status of null: its worker died. */
function attempt(number: number, second: number, status: number | null): LoggedAttempt {
  const at = new Date(BEGUN + second * 1_000).toISOString();
  return { number, at, durationMs: status === null ? null : 100, status };
}

function arrival(second: number, deed: Deed, change: Partial<Arrival> = {}): Arrival {
  const at = BEGUN + second * 1_000 + 20;
  return { webhook: 'all', id: 'msg_1', body: '{}', forged: null, at, endedAt: at + 50, deed, ...change };
}

const judged = (log: readonly LoggedAttempt[], arrivals: readonly Arrival[], state = 'delivered') =>
  judge({ id: 'msg_1', state, attempts: log.length, log }, arrivals);

test('a notification that was taken at once has no repeat and nothing wrong', () => {
  expect(judged([attempt(1, 0, 204)], [arrival(0, 'taken')])).toEqual({ losses: [], repeats: [] });
});

test.each([
  ['our 500', attempt(1, 0, 500), 6, 'refused'],
  ['we hung up', { ...attempt(1, 0, null), durationMs: 40 }, 6, 'hung up'],
  ['we gave no answer', { ...attempt(1, 0, null), durationMs: 15_000 }, 21, 'silent'],
  ['our answer came too late', { ...attempt(1, 0, null), durationMs: 15_000 }, 21, 'taken'],
  ['its sender was killed before it could tell', attempt(1, 0, null), 61, 'taken'],
  ['its sender was killed before it could tell', attempt(1, 0, null), 61, 'killed'],
] as const)('a repeat is legal because: %s', (reason, first, again, deed) => {
  const log = [first, attempt(2, again, 204)];
  expect(judged(log, [arrival(0, deed), arrival(again, 'taken')])).toEqual({ losses: [], repeats: [reason] });
});

test('an attempt that never arrived is no repeat', () => {
  const log = [attempt(1, 0, null), attempt(2, 61, 204)];
  expect(judged(log, [arrival(61, 'taken')])).toEqual({ losses: [], repeats: [] });
});

const TWICE = [arrival(0, 'taken'), arrival(61, 'taken')];

test.each([
  ['was sent again (attempt 2) after', [attempt(1, 0, 204), attempt(2, 61, 204)], TWICE],
  ['arrived 2 times in attempt 1', [attempt(1, 0, 204)], TWICE],
  ['was sent before it was written down', [attempt(1, 30, 204)], TWICE],
  [
    'is logged as taken (attempt 1: 204), and the receiver: refused',
    [attempt(1, 0, 204)],
    [arrival(0, 'refused')],
  ],
  ['is logged as taken (attempt 1: 204), and the receiver: never saw it', [attempt(1, 0, 204)], []],
  [
    'after 2900 ms, before its time',
    [attempt(1, 0, 500), attempt(2, 3, 204)],
    [arrival(0, 'refused'), arrival(3, 'taken')],
  ],
  [
    'was sent again while it was being sent',
    [attempt(1, 0, null), attempt(2, 61, 204)],
    [arrival(0, 'taken', { endedAt: null }), arrival(61, 'taken')],
  ],
  [
    'has several bodies',
    [attempt(1, 0, null), attempt(2, 61, 204)],
    [arrival(0, 'taken'), arrival(61, 'taken', { body: '{"other":1}' })],
  ],
  ['has 1 attempts, and its log has 2', [attempt(2, 0, 204)], [arrival(0, 'taken')]],
])('it is named that a notification %s', (words, log, arrivals) => {
  expect(judged(log, arrivals).losses.join('\n')).toContain(words);
});

test('it is named that a notification did not come through', () => {
  expect(judged([attempt(1, 0, 500)], [arrival(0, 'refused')], 'pending').losses).toEqual([
    'notification msg_1 is pending after 1 attempts',
  ]);
});
