// Durations of fixed length, and instants as text.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  between,
  DAY,
  epoch,
  HOUR,
  instant,
  isDuration,
  later,
  MINUTE,
  milliseconds,
  SECOND,
} from '../../domain/duration.ts';

describe('a duration', () => {
  test.each([
    ['P14D', 14 * DAY],
    ['P2W', 14 * DAY],
    ['PT6H', 6 * HOUR],
    ['P1DT2H3M4S', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
    ['P1WT1M', 7 * DAY + MINUTE],
    ['PT0S', 0],
  ])('%s has its length', (text, length) => {
    expect(isDuration(text)).toBe(true);
    expect(milliseconds(text)).toBe(length);
  });

  test.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', '1D', 'P-1D', 'P1.5D', 'PT1D', 'p1d', 'P1D '])(
    '%j is none: its length is not fixed, or it is not written as one',
    (text) => {
      expect(isDuration(text)).toBe(false);
      expect(() => milliseconds(text)).toThrow(RangeError);
    },
  );
});

test('an instant moves by milliseconds, whatever the calendar does', () => {
  const from = '2026-02-28T23:59:59.999Z';
  expect(later(from, 1)).toBe('2026-03-01T00:00:00.000Z');
  expect(between(from, later(from, DAY))).toBe(DAY);
  const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(moment, fc.integer({ min: -DAY, max: 400 * DAY }), (at, ms) => {
      expect(epoch(instant(at))).toBe(at);
      expect(between(instant(at), later(instant(at), ms))).toBe(ms);
    }),
  );
});
