// What was sent to webhooks, for administrators: the log of deliveries, a ping, and a replay by hand. Sends nothing
// itself: the workers do, within moments.

import { z } from '@hono/zod-openapi';
import {
  addPing,
  findDelivery,
  listDeliveries,
  replayDelivery,
  type StoredDelivery,
} from '../db/webhook-deliveries.ts';
import { findWebhook } from '../db/webhooks.ts';
import type { Api, ApiContext } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem } from './problem.ts';
import { jsonAnswer, route } from './route.ts';
import { deliveryDetail, deliverySchema, deliveryState } from './schemas/webhook.ts';
import { foundWebhook, webhookParams } from './webhooks.ts';

const deliveryParams = webhookParams.extend({
  deliveryId: z.string().regex(/^msg_[0-9a-f_-]{1,100}$/, 'The id of a delivery.'),
});

const list = route({
  method: 'get',
  path: '/v1/webhooks/{webhookId}/deliveries',
  summary: 'What was sent to a webhook',
  description: 'Those that came through are kept for 30 days, those that failed for 90.',
  roles: ['admin'],
  request: { params: webhookParams, query: pageQuery.extend({ state: deliveryState.optional() }) },
  responses: { 200: jsonAnswer(pageOf(deliverySchema), 'Deliveries, newest first.') },
});

const get = route({
  method: 'get',
  path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}',
  summary: 'One delivery, with what is sent and each attempt',
  roles: ['admin'],
  request: { params: deliveryParams },
  responses: { 200: jsonAnswer(deliveryDetail, 'The delivery.') },
});

const ping = route({
  method: 'post',
  path: '/v1/webhooks/{webhookId}/ping',
  summary: 'Send a webhook a message about nothing',
  description: 'A `webhook.ping`, attempted once: GET the delivery to see what came of it.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params: webhookParams },
  responses: { 202: jsonAnswer(deliverySchema, 'The delivery, about to be sent.') },
});

const replay = route({
  method: 'post',
  path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}/replay',
  summary: 'Send a delivery again',
  description:
    'Now, under the same `webhook-id` and with the same body, and by a new schedule when it fails.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params: deliveryParams },
  responses: { 202: jsonAnswer(deliverySchema, 'The delivery, about to be sent.') },
});

export function registerWebhookDeliveries(app: Api): void {
  app.openapi(list, async (c) => {
    const { webhookId } = c.req.valid('param');
    const { limit, cursor, state = null } = c.req.valid('query');
    const before = cursorKey(cursor, 'bigint')?.[0] ?? null;
    foundWebhook(await findWebhook(c.var.db, webhookId));
    const rows = await listDeliveries(c.var.db, webhookId, { before, state, limit: limit + 1 });
    const { items, next } = page(rows, limit, ({ ordinal }) => [ordinal]);
    return c.json({ items: items.map(shown), next }, 200);
  });

  app.openapi(get, async (c) => {
    const { webhookId, deliveryId } = c.req.valid('param');
    const delivery = found(await findDelivery(c.var.db, webhookId, deliveryId));
    const { ordinal, payload, ...rest } = delivery;
    return c.json({ ...rest, payload: { ...payload } }, 200);
  });

  app.openapi(ping, async (c) => {
    const webhookId = await enabledWebhook(c, c.req.valid('param').webhookId);
    const at = c.var.now().toISOString();
    const delivery = await addPing(c.var.db, { webhookId, deliveryId: `msg_${c.var.reservedId}`, at });
    return c.json(shown(delivery), 202);
  });

  app.openapi(replay, async (c) => {
    const { webhookId, deliveryId } = c.req.valid('param');
    await enabledWebhook(c, webhookId);
    found(await findDelivery(c.var.db, webhookId, deliveryId));
    const at = c.var.now().toISOString();
    const delivery = await replayDelivery(c.var.db, { webhookId, deliveryId, at });
    if (delivery === null) throw new Problem('conflict', 'The delivery is being sent at this moment.');
    return c.json(shown(delivery), 202);
  });
}

/** The id of a webhook that is there and may be sent to. */
async function enabledWebhook(c: ApiContext, webhookId: string): Promise<string> {
  const { disabled } = foundWebhook(await findWebhook(c.var.db, webhookId));
  if (disabled === null) return webhookId;
  throw new Problem('conflict', `The webhook is disabled (${disabled.reason}): enable it first.`);
}

function found<T>(delivery: T | null): T {
  if (delivery === null) throw new Problem('not_found', 'There is no delivery with this id, or no longer.');
  return delivery;
}

/** Where it stands in the list is for cursors only. */
function shown({ ordinal, ...delivery }: StoredDelivery): Omit<StoredDelivery, 'ordinal'> {
  return delivery;
}
