// Business time, the clock of people: it runs 24 hours on each working day in the calendar's zone and stands still on
// weekends and days off. It places deadlines and reminders; it waits for nothing and reads no clock of its own.
//
// Days and hours differ on purpose. Weeks and days count working days (a week is seven) and keep the local time of
// day, also across a clock change. Hours, minutes and seconds are elapsed time within working days.

import { DateTime, IANAZone } from 'luxon';
import { DAY, type Duration, type Instant, instant, milliseconds } from '../domain/duration.ts';
import type { BusinessCalendar } from '../domain/gate.ts';
import type { FieldError } from '../domain/refusal.ts';
import { hasHolidays, isPublicHoliday } from './public-holidays.ts';

/** Days off that a calendar may list: more than any office has, few enough to keep in a thesis's state. */
const MOST_DAYS_OFF = 1_000;

/** How far to look for a working day: a calendar whose days are all off must fail, not search for ever. */
const HORIZON_DAYS = 3_660;

/**
 * The earliest instant by which `duration` of business time has run since `from`. From a day that is not a working day
 * the clock starts with the next one. What ends as a working day ends falls on its midnight, not after the weekend.
 * Throws a RangeError for a calendar that checkCalendar does not pass, a bad instant, or a bad duration.
 */
export function addBusinessTime(from: Instant, duration: Duration, calendar: BusinessCalendar): Instant {
  const start = local(from, calendar);
  const { days, rest } = divide(duration);
  if (days === 0) return addBusinessMilliseconds(from, rest, calendar);
  const first = openingAt(start, calendar);
  const shifted = onDay(first, stepped(first, days, calendar, workingDayAfter));
  const end = rest > 0 ? ranOn(shifted, rest, calendar) : closeOfWork(shifted, calendar);
  return instant(end.toMillis());
}

/** As addBusinessTime, for elapsed milliseconds: what an interruption left of a deadline. Not for negative times. */
export function addBusinessMilliseconds(from: Instant, ms: number, calendar: BusinessCalendar): Instant {
  const start = local(from, calendar);
  if (!(ms >= 0 && Number.isFinite(ms))) throw new RangeError(`not a length of time: ${ms} ms`);
  return ms === 0 ? from : instant(ranOn(openingAt(start, calendar), ms, calendar).toMillis());
}

/**
 * The instant from which `duration` of business time runs until `to`: addBusinessTime backwards, for reminders that
 * come before a deadline. Throws as addBusinessTime does.
 */
export function subtractBusinessTime(to: Instant, duration: Duration, calendar: BusinessCalendar): Instant {
  const end = local(to, calendar);
  const { days, rest } = divide(duration);
  if (days === 0 && rest === 0) return to;
  const within = isWorkingDay(end, calendar) && end > end.startOf('day');
  const last = within ? end : workingDayBefore(end, calendar);
  const day = stepped(last, days, calendar, workingDayBefore);
  const timeOfDay = days === 0 ? end : onDay(end, day);
  const shifted = within ? timeOfDay : endOf(day);
  return instant(ranBack(shifted, day, rest, calendar).toMillis());
}

/**
 * Business time from `from` to `to` in elapsed milliseconds; negative when `to` is earlier. A working day of a clock
 * change has 23 or 25 hours here. Throws as addBusinessTime does.
 */
export function businessTimeBetween(from: Instant, to: Instant, calendar: BusinessCalendar): number {
  const start = local(from, calendar);
  const end = local(to, calendar);
  if (end < start) return 0 - businessTimeBetween(to, from, calendar);
  let total = 0;
  for (let day = start.startOf('day'); day < end; day = endOf(day)) {
    if (!isWorkingDay(day, calendar)) continue;
    const opens = Math.max(day.toMillis(), start.toMillis());
    total += Math.min(endOf(day).toMillis(), end.toMillis()) - opens;
  }
  return total;
}

/** What is wrong with a calendar, by path; empty when it can be used. */
export function checkCalendar(calendar: BusinessCalendar): FieldError[] {
  const { timeZone, workingDays, holidaysOf, daysOff } = calendar;
  const errors: FieldError[] = [];
  const wrong = (path: string, message: string): void => {
    errors.push({ path, message });
  };
  if (!isZone(timeZone)) wrong('timeZone', `${timeZone} is no IANA time zone, such as Europe/Paris`);
  if (workingDays.length === 0) wrong('workingDays', 'name at least one working day');
  workingDays.forEach((day, index) => {
    const path = `workingDays[${index}]`;
    if (!Number.isInteger(day) || day < 1 || day > 7) wrong(path, 'must be 1 (Monday) to 7 (Sunday)');
    else if (workingDays.indexOf(day) < index) wrong(path, `${day} is named twice`);
  });
  if (holidaysOf !== null && !hasHolidays(holidaysOf)) {
    wrong('holidaysOf', `no public holidays are known of ${holidaysOf}: give an ISO country code such as FR`);
  }
  if (daysOff.length > MOST_DAYS_OFF) wrong('daysOff', `at most ${MOST_DAYS_OFF} days off`);
  daysOff.forEach((date, index) => {
    if (!isDate(date)) wrong(`daysOff[${index}]`, `${date} is no date of the form YYYY-MM-DD`);
  });
  return errors;
}

function local(at: Instant, calendar: BusinessCalendar): DateTime {
  const errors = checkCalendar(calendar);
  const list = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  if (errors.length > 0) throw new RangeError(`the calendar cannot be used: ${list}`);
  const time = DateTime.fromISO(at, { zone: calendar.timeZone });
  if (!time.isValid) throw new RangeError(`not an instant: ${at}`);
  return time;
}

function divide(duration: Duration): { days: number; rest: number } {
  const total = milliseconds(duration);
  const date = duration.split('T')[0] ?? 'P';
  const days = date === 'P' ? 0 : milliseconds(date) / DAY;
  return { days, rest: total - days * DAY };
}

function isWorkingDay(day: DateTime, { workingDays, daysOff, holidaysOf }: BusinessCalendar): boolean {
  const date = day.toISODate() ?? '';
  if (!workingDays.includes(day.weekday) || daysOff.includes(date)) return false;
  return holidaysOf === null || !isPublicHoliday(holidaysOf, date);
}

/** The moment itself on a working day, else the start of the next one. */
function openingAt(time: DateTime, calendar: BusinessCalendar): DateTime {
  return isWorkingDay(time, calendar) ? time : workingDayAfter(time, calendar);
}

/** The start of the next working day. */
function workingDayAfter(day: DateTime, calendar: BusinessCalendar): DateTime {
  return nearestWorkingDay(day, 1, calendar);
}

/** The start of the working day before. */
function workingDayBefore(day: DateTime, calendar: BusinessCalendar): DateTime {
  return nearestWorkingDay(day, -1, calendar);
}

function nearestWorkingDay(day: DateTime, direction: 1 | -1, calendar: BusinessCalendar): DateTime {
  for (let distance = 1; distance <= HORIZON_DAYS; distance += 1) {
    const candidate = day.plus({ days: direction * distance }).startOf('day');
    if (isWorkingDay(candidate, calendar)) return candidate;
  }
  throw new RangeError(`the calendar has no working day within ${HORIZON_DAYS} days of ${day.toISODate()}`);
}

function stepped(
  day: DateTime,
  steps: number,
  calendar: BusinessCalendar,
  step: typeof workingDayAfter,
): DateTime {
  let reached = day;
  for (let taken = 0; taken < steps; taken += 1) reached = step(reached, calendar);
  return reached;
}

/** The time of day of `time` on the date of `day`; a time that a clock change skips moves on by the skipped hour. */
function onDay(time: DateTime, day: DateTime): DateTime {
  return time.set({ year: day.year, month: day.month, day: day.day });
}

function endOf(day: DateTime): DateTime {
  return day.plus({ days: 1 }).startOf('day');
}

/** `at` lies in a working day, or at the end of one. */
function ranOn(at: DateTime, ms: number, calendar: BusinessCalendar): DateTime {
  let reached = at;
  let left = ms;
  for (let day = at; ; day = workingDayAfter(day, calendar), reached = day) {
    const open = endOf(day).toMillis() - reached.toMillis();
    if (left <= open) return reached.plus(left);
    left -= open;
  }
}

/** `at` lies in the working day `day`, or at its end. */
function ranBack(at: DateTime, day: DateTime, ms: number, calendar: BusinessCalendar): DateTime {
  let reached = at;
  let left = ms;
  for (let present = day; ; present = workingDayBefore(present, calendar), reached = endOf(present)) {
    const open = reached.toMillis() - present.startOf('day').toMillis();
    if (left <= open) return reached.minus(left);
    left -= open;
  }
}

/** Midnight after a weekend is, in business time, the midnight before it: the earlier one is meant. */
function closeOfWork(at: DateTime, calendar: BusinessCalendar): DateTime {
  if (at > at.startOf('day') || isWorkingDay(at.minus({ days: 1 }), calendar)) return at;
  return endOf(workingDayBefore(at, calendar));
}

function isZone(name: string): boolean {
  // The runtime also takes bare offsets; they know no clock change, so they are not a place's zone.
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}
