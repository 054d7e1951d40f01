// Webhooks: who is told of events, for administrators only. An address is checked before it is kept, and again by the
// worker at each connection. A secret is in the answer that makes it and nowhere else.

import { z } from '@hono/zod-openapi';
import {
  addWebhook,
  changeWebhook,
  findWebhook,
  listWebhooks,
  removeWebhook,
  rotateWebhookSecret,
} from '../db/webhooks.ts';
import { milliseconds } from '../domain/duration.ts';
import type { Api } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import {
  createdWebhook,
  newWebhook,
  webhookChange,
  webhookRotation,
  webhookSchema,
} from './schemas/webhook.ts';

export const webhookParams = z.object({ webhookId: z.uuid('The id of a webhook.') });

const withoutSecret = (body: object) => ({ ...body, secret: null });

const list = route({
  method: 'get',
  path: '/v1/webhooks',
  summary: 'List the webhooks',
  roles: ['admin'],
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(pageOf(webhookSchema), 'Webhooks, oldest first, without secrets.') },
});

const get = route({
  method: 'get',
  path: '/v1/webhooks/{webhookId}',
  summary: 'One webhook',
  roles: ['admin'],
  request: { params: webhookParams },
  responses: { 200: jsonAnswer(webhookSchema, 'The webhook, without its secret.') },
});

const create = route({
  method: 'post',
  path: '/v1/webhooks',
  summary: 'Have events sent to an address',
  description: `Every event recorded from now on is sent by POST, signed by the Standard Webhooks convention, as
\`{type, timestamp, position, thesisId, sequence, actor, data}\`. What is not answered with 2xx within 15 seconds is sent
again for three days, under the same \`webhook-id\`. Requests may arrive out of order and, when an answer was lost, twice:
order by \`position\`, and take each \`webhook-id\` once. The secret is shown in this answer only.`,
  roles: ['admin'],
  idempotent: 'transaction',
  redact: withoutSecret,
  request: { body: jsonBody(newWebhook) },
  responses: { 201: jsonAnswer(createdWebhook, 'The webhook and its secret.') },
});

const change = route({
  method: 'patch',
  path: '/v1/webhooks/{webhookId}',
  summary: 'Change, disable or enable a webhook',
  description: 'Deliveries that were made already keep what they hold, and go to the new address.',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params: webhookParams, body: jsonBody(webhookChange) },
  responses: { 200: jsonAnswer(webhookSchema, 'The webhook after the change.') },
});

const remove = route({
  method: 'delete',
  path: '/v1/webhooks/{webhookId}',
  summary: 'Remove a webhook with its deliveries',
  roles: ['admin'],
  idempotent: 'transaction',
  request: { params: webhookParams },
  responses: { 200: jsonAnswer(webhookSchema, 'The webhook as it was.') },
});

const rotate = route({
  method: 'post',
  path: '/v1/webhooks/{webhookId}/rotate',
  summary: 'Give a webhook a new secret',
  description: `The new secret is shown in this answer only. Requests are signed by the present one too for the grace
period, so that the receiver can be given the new one without a gap.`,
  roles: ['admin'],
  idempotent: 'transaction',
  redact: withoutSecret,
  request: { params: webhookParams, body: jsonBody(webhookRotation) },
  responses: { 200: jsonAnswer(createdWebhook, 'The webhook and its new secret.') },
});

type Deps = Pick<ApiDeps, 'webhooks' | 'secretBox'>;

export function registerWebhooks(app: Api, { webhooks, secretBox }: Deps): void {
  const refuseTarget = async (url: string | undefined): Promise<void> => {
    const message = url === undefined ? null : await webhooks.targetFault(url);
    if (message !== null) refuseFields([{ path: 'url', message }]);
  };

  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const after = cursorKey(cursor, 'text')?.[0] ?? '';
    const rows = await listWebhooks(c.var.db, { after, limit: limit + 1 });
    return c.json(
      page(rows, limit, ({ webhookId }) => [webhookId]),
      200,
    );
  });

  app.openapi(get, async (c) =>
    c.json(foundWebhook(await findWebhook(c.var.db, c.req.valid('param').webhookId)), 200),
  );

  app.openapi(create, async (c) => {
    const settings = c.req.valid('json');
    await refuseTarget(settings.url);
    const secret = webhooks.newSecret();
    const webhook = await addWebhook(c.var.db, {
      ...settings,
      webhookId: c.var.reservedId,
      secret: secretBox.seal(secret),
      by: c.var.member.memberId,
      at: c.var.now().toISOString(),
    });
    return c.json({ ...webhook, secret }, 201);
  });

  app.openapi(change, async (c) => {
    const wanted = c.req.valid('json');
    await refuseTarget(wanted.url);
    const { webhookId } = c.req.valid('param');
    const changed = await changeWebhook(c.var.db, webhookId, { ...wanted, at: c.var.now().toISOString() });
    return c.json(foundWebhook(changed), 200);
  });

  app.openapi(remove, async (c) =>
    c.json(foundWebhook(await removeWebhook(c.var.db, c.req.valid('param').webhookId)), 200),
  );

  app.openapi(rotate, async (c) => {
    const { webhookId } = c.req.valid('param');
    const now = c.var.now();
    const grace = milliseconds(c.req.valid('json').grace);
    const secret = webhooks.newSecret();
    const rotated = await rotateWebhookSecret(c.var.db, webhookId, {
      secret: secretBox.seal(secret),
      previousUntil: grace === 0 ? null : new Date(now.getTime() + grace).toISOString(),
      at: now.toISOString(),
    });
    return c.json({ ...foundWebhook(rotated), secret }, 200);
  });
}

export function foundWebhook<T>(webhook: T | null): T {
  if (webhook === null) throw new Problem('not_found', 'There is no webhook with this id.');
  return webhook;
}
