// The public holidays of a country as civil dates. It reads a table that ships with the product: no network and no
// clock. It knows nothing of weekends and deadlines; business-calendar.ts does.

import Holidays from 'date-holidays';
import { DateTime } from 'luxon';

const HOUR = 3_600_000;

const countries = new Set(Object.keys(new Holidays().getCountries()));
const known = new Map<string, ReadonlySet<string>>();

export function hasHolidays(country: string): boolean {
  return countries.has(country);
}

/**
 * Whether an ISO date is a public holiday in all of the country; holidays of single regions are not. Days observed in
 * lieu count, half-days that begin at noon or later do not. The country must be one of hasHolidays.
 */
export function isPublicHoliday(country: string, date: string): boolean {
  return holidaysOf(country, Number(date.slice(0, 4))).has(date);
}

function holidaysOf(country: string, year: number): ReadonlySet<string> {
  const key = `${country}/${year}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const calendar = new Holidays(country, { types: ['public'] });
  // A holiday of several days can begin in the last days of the year before.
  const holidays = [year - 1, year].flatMap((each) => calendar.getHolidays(each));
  const dates = new Set(
    holidays.flatMap(({ date, start, end }) => daysOf(date, end.getTime() - start.getTime())),
  );
  known.set(key, dates);
  return dates;
}

/** The civil days of a holiday; `date` opens with its first day and the hour at which it begins there. */
function daysOf(date: string, length: number): string[] {
  const begin = date.slice(11, 16);
  if (begin >= '12:00') return [];
  // A day of a clock change has 23 hours; a final half-day is a working day.
  const days = Math.max(1, Math.floor(length / HOUR / 24 + 1 / 24));
  const first = DateTime.fromISO(date.slice(0, 10), { zone: 'utc' });
  return Array.from({ length: days }, (_, day) => first.plus({ days: day }).toISODate() ?? '');
}
