// Webhooks and their deliveries as the API shows and takes them. A secret is in the answer that makes it and in no other.

import { z } from '@hono/zod-openapi';
import { ANNOUNCEMENT_TYPES } from '../../domain/thesis/announcement.ts';
import { DELIVERY_STATES, DISABLED_REASONS, PING } from '../../domain/webhook.ts';
import { announcementType } from './event.ts';
import { instant, rotationGrace, text } from './primitives.ts';

const url = z.string().max(2_000).openapi({
  description: 'https, with public addresses only, also later: redirects are not followed.',
});

const description = text(200).openapi({ example: 'Posts gates to the team channel' });

const eventTypes = z
  .array(announcementType)
  .min(1)
  .max(ANNOUNCEMENT_TYPES.length)
  .refine((types) => new Set(types).size === types.length, 'Each type once.')
  .nullable();

const portfolio = text(200).nullable();

export const newWebhook = z
  .strictObject({
    url,
    description,
    eventTypes: eventTypes.default(null).openapi({ description: 'Null: all, those to come included.' }),
    portfolio: portfolio.default(null).openapi({ description: 'Null: theses of every portfolio.' }),
  })
  .openapi('NewWebhook');

export const webhookChange = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    eventTypes: eventTypes.optional(),
    portfolio: portfolio.optional(),
    enabled: z.boolean().optional().openapi({
      description: 'Enabled again, it goes on where it stood: what happened meanwhile is sent too.',
    }),
  })
  .openapi('WebhookChange');

export const webhookSchema = z
  .object({
    webhookId: z.string(),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(z.string()).nullable(),
    portfolio: z.string().nullable(),
    createdAt: instant,
    createdBy: z.string(),
    updatedAt: instant,
    disabled: z
      .object({
        at: instant,
        reason: z.enum(DISABLED_REASONS).openapi({
          description:
            '`gone`: its server answered 410. `failing`: nothing came through for five days. `by_hand`: an administrator.',
        }),
      })
      .nullable(),
    failingSince: instant.nullable().openapi({ description: 'The first failure since the last success.' }),
    quietUntil: instant.nullable().openapi({ description: 'Its server asked for quiet until then.' }),
    previousSecretUntil: instant.nullable().openapi({
      description: 'Until when requests are signed by the secret before the last rotation too.',
    }),
    position: z.number().int().openapi({
      description:
        'The last event, by its place in the order of all, that was made into a delivery or passed over.',
    }),
  })
  .openapi('Webhook');

export const createdWebhook = webhookSchema
  .extend({
    secret: z.string().nullable().openapi({
      description: 'Shown this once. Null when the request was replayed: rotate the secret.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .openapi('CreatedWebhook');

export const webhookRotation = z
  .strictObject({
    grace: rotationGrace('How long requests are signed by the present secret too; PT0S: not at all.'),
  })
  .openapi('WebhookRotation');

export const deliveryState = z.enum(DELIVERY_STATES);

export const deliverySchema = z
  .object({
    deliveryId: z.string().openapi({ description: 'The `webhook-id` of every request of this delivery.' }),
    type: z.enum([...ANNOUNCEMENT_TYPES, PING]),
    position: z.number().int().nullable().openapi({ description: 'Null: a ping.' }),
    state: deliveryState,
    attempts: z.number().int(),
    nextAttemptAt: instant.nullable(),
    lastStatus: z.number().int().nullable(),
    lastError: z.string().nullable(),
    createdAt: instant,
    deliveredAt: instant.nullable(),
  })
  .openapi('WebhookDelivery');

export const deliveryDetail = deliverySchema
  .extend({
    payload: z.record(z.string(), z.unknown()).openapi({ description: 'The body that is sent.' }),
    log: z
      .array(
        z.object({
          number: z.number().int(),
          at: instant,
          durationMs: z.number().int().nullable(),
          status: z.number().int().nullable(),
          error: z.string().nullable(),
        }),
      )
      .openapi({
        description:
          'Each attempt. One without duration goes on, or its worker died before it could tell: then the receiver may have it.',
      }),
  })
  .openapi('WebhookDeliveryDetail');
