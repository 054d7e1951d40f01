// What GET /v1/events takes and sends.

import { z } from '@hono/zod-openapi';
import { ANNOUNCEMENT_TYPES } from '../../domain/thesis/announcement.ts';
import { document } from './thesis.ts';

/** A place in the feed, as it stands in an `id` of the stream. */
const position = z
  .string()
  .regex(/^\d{1,15}$/, 'A position: digits only, as an `id` of the stream was given.')
  .transform(Number);

export const announcementType = z.enum(ANNOUNCEMENT_TYPES).openapi('EventType');

export const eventsQuery = z.object({
  thesis: z.string().min(1).max(100).optional().openapi({ description: 'Only the events of this thesis.' }),
  type: z
    .union([
      announcementType.transform((one) => [one]),
      z.array(announcementType).max(ANNOUNCEMENT_TYPES.length),
    ])
    .optional()
    .openapi({ description: 'Only events of this type; may be given several times.' }),
  after: position.optional().openapi({
    description:
      'Begin after this position; 0 begins with the oldest event. Absent: with what happens from now on. `Last-Event-ID` goes first.',
  }),
});

export const eventsHeaders = z.object({
  'last-event-id': position.optional().openapi({
    description:
      'The last `id` seen: the stream goes on after it. Clients of server-sent events send it by themselves.',
  }),
});

export const eventAnswer = z
  .object({
    position: z
      .number()
      .int()
      .openapi({ description: 'Its place among all events, 1 for the oldest, without a gap.' }),
    thesisId: z.string(),
    sequence: z.number().int().openapi({ description: "Its number in the thesis's own journal." }),
    type: announcementType,
    at: z.string(),
    actor: z.string().openapi({ description: 'Member id, or `jalon` for what the platform did by rule.' }),
    data: document.openapi({
      description: 'The essentials of the event; the rest has an address of its own.',
    }),
  })
  .openapi('Event');
