// Business time with the holidays of France and the United States, clock changes, February, and calendars that cannot
// be used.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addBusinessMilliseconds,
  addBusinessTime,
  businessTimeBetween,
  checkCalendar,
  subtractBusinessTime,
} from '../../activities/business-calendar.ts';
import { isPublicHoliday } from '../../activities/public-holidays.ts';
import { DAY, HOUR, instant } from '../../domain/duration.ts';
import type { BusinessCalendar } from '../../domain/gate.ts';

const WEEK = [1, 2, 3, 4, 5];
const PARIS: BusinessCalendar = {
  timeZone: 'Europe/Paris',
  workingDays: WEEK,
  holidaysOf: 'FR',
  daysOff: [],
};
const NEW_YORK: BusinessCalendar = { ...PARIS, timeZone: 'America/New_York', holidaysOf: 'US' };
const EVERY_DAY: BusinessCalendar = { ...PARIS, workingDays: [...WEEK, 6, 7], holidaysOf: null };

/** A local time with its offset as an instant. */
const at = (local: string) => new Date(local).toISOString();

describe('days keep the local time and skip days off', () => {
  test.each([
    ['a plain week', PARIS, '2026-02-02T10:00+01:00', 'P3D', '2026-02-05T10:00+01:00'],
    ['a weekend', PARIS, '2026-02-05T10:00+01:00', 'P3D', '2026-02-10T10:00+01:00'],
    ['Easter Monday', PARIS, '2026-04-03T10:00+02:00', 'P3D', '2026-04-09T10:00+02:00'],
    ['the clock change in spring', PARIS, '2026-03-27T10:00+01:00', 'P3D', '2026-04-01T10:00+02:00'],
    ['the clock change in autumn', PARIS, '2026-10-23T10:00+02:00', 'P3D', '2026-10-28T10:00+01:00'],
    ['a change and Easter', PARIS, '2024-03-28T10:00+01:00', 'P3D', '2024-04-03T10:00+02:00'],
    ['the holidays of May', PARIS, '2026-05-07T10:00+02:00', 'P5D', '2026-05-18T10:00+02:00'],
    ['Christmas and New Year', PARIS, '2026-12-24T10:00+01:00', 'P5D', '2027-01-04T10:00+01:00'],
    ['Ascension, no holiday there', NEW_YORK, '2026-05-13T10:00-04:00', 'P1D', '2026-05-14T10:00-04:00'],
    ['Thanksgiving', NEW_YORK, '2026-11-25T10:00-05:00', 'P1D', '2026-11-27T10:00-05:00'],
    ['Independence Day observed', NEW_YORK, '2026-07-02T10:00-04:00', 'P1D', '2026-07-06T10:00-04:00'],
    ['the change there', NEW_YORK, '2026-03-06T10:00-05:00', 'P1D', '2026-03-09T10:00-04:00'],
    ['the end of a leap February', PARIS, '2028-02-28T10:00+01:00', 'P2D', '2028-03-01T10:00+01:00'],
    ['the end of a common February', PARIS, '2026-02-27T10:00+01:00', 'P1D', '2026-03-02T10:00+01:00'],
    ['a week of seven working days', PARIS, '2026-02-02T10:00+01:00', 'P1W', '2026-02-11T10:00+01:00'],
    ['days and hours', PARIS, '2026-02-05T20:00+01:00', 'P1DT6H', '2026-02-09T02:00+01:00'],
  ])('over %s', (_, calendar, from, duration, expected) => {
    expect(addBusinessTime(at(from), duration, calendar)).toBe(at(expected));
    expect(subtractBusinessTime(at(expected), duration, calendar)).toBe(at(from));
  });

  test('further days off are skipped', () => {
    const bridged = { ...PARIS, daysOff: ['2026-05-15'] };
    expect(addBusinessTime(at('2026-05-13T10:00+02:00'), 'P1D', bridged)).toBe(at('2026-05-18T10:00+02:00'));
  });

  test('a local time that the clock change skips moves on by an hour', () => {
    expect(addBusinessTime(at('2026-03-28T02:30+01:00'), 'P1D', EVERY_DAY)).toBe(
      at('2026-03-29T03:30+02:00'),
    );
  });
});

describe('hours are elapsed time within working days', () => {
  test('they stand still over a weekend', () => {
    expect(addBusinessTime(at('2026-02-06T20:00+01:00'), 'PT6H', PARIS)).toBe(at('2026-02-09T02:00+01:00'));
  });

  test('a working day of 23 or 25 hours counts what it has', () => {
    expect(addBusinessTime(at('2026-03-28T10:00+01:00'), 'PT24H', EVERY_DAY)).toBe(
      at('2026-03-29T11:00+02:00'),
    );
    expect(addBusinessTime(at('2026-10-24T10:00+02:00'), 'PT24H', EVERY_DAY)).toBe(
      at('2026-10-25T09:00+01:00'),
    );
    const change = ['2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00'].map(at);
    expect(businessTimeBetween(change[0] ?? '', change[1] ?? '', EVERY_DAY)).toBe(23 * HOUR);
  });

  test('the second pass of the hour that comes twice is told from the first', () => {
    const second = at('2026-10-25T02:30+01:00');
    expect(addBusinessTime(second, 'PT1H', EVERY_DAY)).toBe(at('2026-10-25T03:30+01:00'));
    expect(subtractBusinessTime(second, 'PT1H', EVERY_DAY)).toBe(at('2026-10-25T02:30+02:00'));
  });
});

describe('the edges of working days', () => {
  test('the clock starts with the next working day', () => {
    expect(addBusinessTime(at('2026-02-07T15:00+01:00'), 'P1D', PARIS)).toBe(at('2026-02-10T00:00+01:00'));
    expect(addBusinessTime(at('2026-02-07T15:00+01:00'), 'PT1H', PARIS)).toBe(at('2026-02-09T01:00+01:00'));
  });

  test('what ends with a Friday ends at its midnight, in days as in hours', () => {
    const midnight = at('2026-02-07T00:00+01:00');
    expect(addBusinessTime(at('2026-02-06T00:00+01:00'), 'P1D', PARIS)).toBe(midnight);
    expect(addBusinessTime(at('2026-02-06T00:00+01:00'), 'PT24H', PARIS)).toBe(midnight);
    expect(addBusinessTime(at('2026-01-31T12:00+01:00'), 'P5D', PARIS)).toBe(midnight);
    expect(subtractBusinessTime(midnight, 'P1D', PARIS)).toBe(at('2026-02-06T00:00+01:00'));
    expect(subtractBusinessTime(at('2026-02-08T12:00+01:00'), 'PT1H', PARIS)).toBe(
      at('2026-02-06T23:00+01:00'),
    );
  });

  test('no time is no change, even on a Sunday', () => {
    const sunday = at('2026-02-08T12:00+01:00');
    expect(addBusinessTime(sunday, 'PT0S', PARIS)).toBe(sunday);
    expect(subtractBusinessTime(sunday, 'P0D', PARIS)).toBe(sunday);
    expect(addBusinessMilliseconds(sunday, 0, PARIS)).toBe(sunday);
  });
});

describe('business time between two instants', () => {
  test('leaves out weekends and holidays, and is signed', () => {
    const friday = at('2026-04-03T10:00+02:00');
    const thursday = at('2026-04-09T10:00+02:00');
    expect(businessTimeBetween(friday, thursday, PARIS)).toBe(3 * DAY);
    expect(businessTimeBetween(thursday, friday, PARIS)).toBe(-3 * DAY);
    expect(businessTimeBetween(friday, friday, PARIS)).toBe(0);
    const sunday = at('2026-04-05T10:00+02:00');
    expect(businessTimeBetween(at('2026-04-06T23:00+02:00'), sunday, PARIS)).toBe(0);
  });

  const moments = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2029, 0, 1) }).map(instant);
  const calendars = fc.constantFrom(PARIS, NEW_YORK, EVERY_DAY);

  test('is what adding milliseconds added', () => {
    const lengths = fc.integer({ min: 0, max: 40 * DAY });
    fc.assert(
      fc.property(moments, lengths, calendars, (from, ms, calendar) => {
        const end = addBusinessMilliseconds(from, ms, calendar);
        expect(businessTimeBetween(from, end, calendar)).toBe(ms);
        if (ms > 0)
          expect(businessTimeBetween(from, instant(Date.parse(end) - 1), calendar)).toBeLessThan(ms);
      }),
      { numRuns: 150 },
    );
  });

  test('adds up over a point between, and subtracting undoes adding', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 900 }), calendars, (from, hours, calendar) => {
        const end = addBusinessTime(from, `PT${hours}H`, calendar);
        const middle = instant((Date.parse(from) + Date.parse(end)) / 2);
        const halves = [
          businessTimeBetween(from, middle, calendar),
          businessTimeBetween(middle, end, calendar),
        ];
        expect((halves[0] ?? 0) + (halves[1] ?? 0)).toBe(hours * HOUR);
        const back = subtractBusinessTime(end, `PT${hours}H`, calendar);
        expect(businessTimeBetween(from, back, calendar)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a calendar that cannot be used', () => {
  test('a sound one has nothing wrong', () => {
    expect(checkCalendar(PARIS)).toEqual([]);
    expect(checkCalendar({ ...EVERY_DAY, timeZone: 'UTC', daysOff: ['2028-02-29'] })).toEqual([]);
  });

  test.each([
    [{ timeZone: 'Mars/Base' }, ['timeZone']],
    [{ timeZone: '+02:00' }, ['timeZone']],
    [{ timeZone: '' }, ['timeZone']],
    [{ workingDays: [] }, ['workingDays']],
    [{ workingDays: [1, 8, 1, 2.5] }, ['workingDays[1]', 'workingDays[2]', 'workingDays[3]']],
    [{ holidaysOf: 'XX' }, ['holidaysOf']],
    [{ holidaysOf: 'fr' }, ['holidaysOf']],
    [{ daysOff: ['2026-02-29', '1 May', '2026-05-15'] }, ['daysOff[0]', 'daysOff[1]']],
    [{ timeZone: 'Nowhere', holidaysOf: 'XX' }, ['timeZone', 'holidaysOf']],
  ])('%j', (changes, paths) => {
    const errors = checkCalendar({ ...PARIS, ...changes });
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });

  test('is refused when it is used, with the reason', () => {
    const use = () => addBusinessTime(at('2026-02-06T20:00+01:00'), 'P1D', { ...PARIS, holidaysOf: 'XX' });
    expect(use).toThrow(/holidaysOf: no public holidays are known of XX/);
  });

  test('without any working day left is refused rather than searched for ever', () => {
    const sundays = Array.from({ length: 600 }, (_, week) =>
      instant(Date.UTC(2026, 1, 8) + week * 7 * DAY).slice(0, 10),
    );
    const never = { ...PARIS, workingDays: [7], daysOff: sundays };
    expect(() => addBusinessTime(at('2026-02-06T20:00+01:00'), 'P1D', never)).toThrow(/no working day/);
  });

  test('bad instants, durations and lengths are refused', () => {
    const friday = at('2026-02-06T20:00+01:00');
    expect(() => addBusinessTime('soon', 'P1D', PARIS)).toThrow(RangeError);
    expect(() => addBusinessTime(friday, 'P1M', PARIS)).toThrow(RangeError);
    expect(() => addBusinessMilliseconds(friday, -1, PARIS)).toThrow(RangeError);
    expect(() => addBusinessMilliseconds(friday, Number.NaN, PARIS)).toThrow(RangeError);
  });
});

describe('public holidays', () => {
  test('whole days of several, half-days not', () => {
    const eid = ['2026-03-18', '2026-03-19', '2026-03-20', '2026-03-21', '2026-03-22', '2026-03-23'];
    expect(eid.map((date) => isPublicHoliday('SA', date))).toEqual([false, true, true, true, true, false]);
    expect(isPublicHoliday('IS', '2026-12-24')).toBe(false);
    expect(isPublicHoliday('IS', '2026-12-25')).toBe(true);
  });

  test('regional holidays are working days of the country', () => {
    expect(isPublicHoliday('FR', '2026-12-26')).toBe(false);
  });
});
