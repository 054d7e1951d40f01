// Seats a committee as it stands now and computes its deadline and reminders on its business calendar. Calendars
// live in activities because time zones and holidays change with their libraries, and a replay must not.

import { ApplicationFailure } from '@temporalio/activity';
import { findCommittee } from '../db/committees.ts';
import { between, type Duration, type Instant } from '../domain/duration.ts';
import type { BusinessCalendar, Committee } from '../domain/gate.ts';
import {
  addBusinessMilliseconds,
  addBusinessTime,
  businessTimeBetween,
  subtractBusinessTime,
} from './business-calendar.ts';
import type { ActivityDependencies } from './dependencies.ts';

interface Seating {
  readonly name: string;
  readonly from: Instant;
  readonly deadline: Duration;
  readonly reminders: readonly Duration[];
}

interface Seated {
  readonly committee: Committee;
  readonly deadline: Instant;
  readonly reminders: readonly Instant[];
}

export async function seatCommittee(
  { db }: Pick<ActivityDependencies, 'db'>,
  seating: Seating,
): Promise<Seated> {
  const committee = await findCommittee(db, seating.name);
  if (committee === undefined) {
    // Retried until somebody creates it: a gate without its committee waits, it never decides itself.
    throw ApplicationFailure.retryable(`the committee ${seating.name} does not exist`, 'committee_unknown');
  }
  const { name, holders, calendar } = committee;
  const deadline = addBusinessTime(seating.from, seating.deadline, calendar);
  const reminders = seating.reminders
    .map((before) => subtractBusinessTime(deadline, before, calendar))
    .filter((at) => between(seating.from, at) > 0)
    .sort();
  return { committee: { name, holders, calendar }, deadline, reminders };
}

interface Outage {
  readonly deadline: Instant;
  readonly pausedSince: Instant;
  readonly now: Instant;
  readonly calendar: BusinessCalendar;
}

/** The deadline after a data outage: as much business time from now as was left when the data stopped. */
export function moveDeadline({ deadline, pausedSince, now, calendar }: Outage): Instant {
  const left = businessTimeBetween(pausedSince, deadline, calendar);
  return left <= 0 ? now : addBusinessMilliseconds(now, left, calendar);
}
