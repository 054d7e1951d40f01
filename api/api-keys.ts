// API keys: everybody makes, sees and revokes their own; an administrator those of anybody. A key's token is in the
// answer that makes it and nowhere else, the answers kept for replay included.

import { z } from '@hono/zod-openapi';
import { type ApiKey, createApiKey, findApiKey, listApiKeys, revokeApiKey } from '../db/api-keys.ts';
import { activeMembers } from '../db/members.ts';
import { EVERY_ROLE, isAdmin } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { apiKeySchema, createdApiKey, newApiKey } from './schemas/member.ts';
import { slug } from './schemas/primitives.ts';

const list = route({
  method: 'get',
  path: '/v1/api-keys',
  summary: 'List your API keys, or those of anybody as an administrator',
  roles: EVERY_ROLE,
  request: {
    query: pageQuery.extend({
      member: slug.optional().openapi({ description: 'Absent: yours, or all as an administrator.' }),
    }),
  },
  responses: { 200: jsonAnswer(pageOf(apiKeySchema), 'Keys, without their tokens.') },
});

const create = route({
  method: 'post',
  path: '/v1/api-keys',
  summary: 'Make an API key',
  description: 'The token is shown in this answer only. An administrator may make keys for others.',
  roles: EVERY_ROLE,
  idempotent: 'transaction',
  redact: (body) => ({ ...body, token: null }),
  request: { body: jsonBody(newApiKey) },
  responses: { 201: jsonAnswer(createdApiKey, 'The key and its token.') },
});

const revoke = route({
  method: 'delete',
  path: '/v1/api-keys/{keyId}',
  summary: 'Revoke an API key for good',
  roles: EVERY_ROLE,
  idempotent: 'transaction',
  request: { params: z.object({ keyId: z.string().max(64) }) },
  responses: { 200: jsonAnswer(apiKeySchema, 'The key, revoked.') },
});

export function registerApiKeys(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, member } = c.req.valid('query');
    const memberId = whose(c, member ?? (isAdmin(c.var.member) ? null : c.var.member.memberId));
    const after = cursorKey(cursor, 1)?.[0] ?? '';
    const rows = await listApiKeys(c.var.db, { after, limit: limit + 1, memberId });
    return c.json(
      page(rows, limit, ({ keyId }) => [keyId]),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { name, expiresAt, memberId = c.var.member.memberId } = c.req.valid('json');
    whose(c, memberId);
    if (expiresAt !== null && Date.parse(expiresAt) <= c.var.now().getTime()) {
      refuseFields([{ path: 'expiresAt', message: 'Must be in the future.' }]);
    }
    if (!(await activeMembers(c.var.db, [memberId])).has(memberId)) {
      refuseFields([{ path: 'memberId', message: 'There is no active member with this id.' }]);
    }
    const { key, token } = await createApiKey(c.var.db, { memberId, name, expiresAt });
    return c.json({ ...key, token }, 201);
  });

  app.openapi(revoke, async (c) => {
    const { keyId } = c.req.valid('param');
    const key = await findApiKey(c.var.db, keyId);
    if (key === null || !maySee(c, key)) throw new Problem('not_found', 'There is no key with this id.');
    return c.json((await revokeApiKey(c.var.db, keyId, c.var.now())) ?? key, 200);
  });
}

/** The member id itself when the caller may act for that member; null stands for everybody. */
function whose(c: ApiContext, memberId: string | null): string | null {
  if (memberId === c.var.member.memberId || isAdmin(c.var.member)) return memberId;
  throw new Problem('forbidden', 'Only an administrator may see or make the keys of others.');
}

function maySee(c: ApiContext, key: ApiKey): boolean {
  return key.memberId === c.var.member.memberId || isAdmin(c.var.member);
}
