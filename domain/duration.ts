// ISO 8601 durations of fixed length, and instants as ISO text with a zone. Months and years are refused: their
// length depends on a calendar, and a stage's clock must not.

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const PATTERN = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** An ISO 8601 duration in weeks, days, hours, minutes and seconds (`P14D`, `PT6H`, `P2W`). */
export type Duration = string;

/** An instant, ISO 8601 in UTC with milliseconds (`2026-11-24T09:00:00.000Z`). */
export type Instant = string;

export function isDuration(text: string): boolean {
  return PATTERN.test(text);
}

/** The length in milliseconds. Throws a RangeError for anything that is not a duration of fixed length. */
export function milliseconds(duration: Duration): number {
  const parts = PATTERN.exec(duration);
  if (parts === null) throw new RangeError(`not a duration of fixed length: ${duration}`);
  const [weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (
    ((weeks ?? 0) * 7 + (days ?? 0)) * DAY +
    (hours ?? 0) * HOUR +
    (minutes ?? 0) * MINUTE +
    (seconds ?? 0) * SECOND
  );
}

export function instant(epochMilliseconds: number): Instant {
  return new Date(epochMilliseconds).toISOString();
}

export function epoch(at: Instant): number {
  return Date.parse(at);
}

export function later(at: Instant, ms: number): Instant {
  return instant(epoch(at) + ms);
}

/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export function between(from: Instant, to: Instant): number {
  return epoch(to) - epoch(from);
}
