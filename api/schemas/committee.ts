// Committees as the API shows and takes them.

import { z } from '@hono/zod-openapi';
import { instant, slug } from './primitives.ts';

const MOST_HOLDERS = 200;

const holders = z
  .array(
    z.strictObject({
      seat: slug.openapi({ example: 'finance' }),
      member: slug.openapi({ example: 'claire-martin' }),
    }),
  )
  .min(1, 'A committee needs at least one member in a seat.')
  .max(MOST_HOLDERS)
  .openapi({ description: 'Who may sit in which seat. A member holds one seat of a committee at most.' });

const calendar = z
  .strictObject({
    timeZone: z.string().max(64).openapi({ example: 'Europe/Paris' }),
    workingDays: z
      .array(z.number().int().min(1).max(7))
      .max(7)
      .openapi({ description: 'ISO weekdays, 1 = Monday.', example: [1, 2, 3, 4, 5] }),
    holidaysOf: z.string().max(8).nullable().openapi({
      description: 'ISO country whose public holidays are days off, or null.',
      example: 'FR',
    }),
    daysOff: z.array(z.iso.date()).openapi({ description: 'Further days off.' }),
  })
  .openapi('BusinessCalendar');

export const committeeBody = z.strictObject({ holders, calendar }).openapi('CommitteeBody');

export const committeeSchema = z
  .object({ name: slug, holders, calendar, updatedAt: instant, updatedBy: z.string() })
  .openapi('Committee');
