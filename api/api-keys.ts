// API keys: everybody makes, sees, rotates and revokes their own; an administrator those of anybody. A key's token is in
// the answer that makes it and nowhere else, the answers kept for replay included. Nobody but an administrator gets a key
// that may do more, or lives longer, than what they call with.

import { z } from '@hono/zod-openapi';
import {
  type ApiKey,
  createApiKey,
  findApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../db/api-keys.ts';
import { findMember, type StoredMember } from '../db/members.ts';
import { milliseconds } from '../domain/duration.ts';
import type { Role } from '../domain/role.ts';
import { EVERY_ROLE, isAdmin } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import { cursorKey, page, pageOf, pageQuery } from './pagination.ts';
import { Problem, refuseFields } from './problem.ts';
import { jsonAnswer, jsonBody, route } from './route.ts';
import { apiKeySchema, createdApiKey, newApiKey, rotation } from './schemas/member.ts';
import { slug } from './schemas/primitives.ts';

const params = z.object({
  keyId: z.string().regex(/^[0-9a-f]{16}$/, 'The id of a key: 16 hexadecimal digits.'),
});

const withoutToken = (body: object) => ({ ...body, token: null });

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
  description: `The token is shown in this answer only. An administrator may make keys for others. Made with a key that
carries some roles only, or that expires, the new key carries and lasts at most as much.`,
  roles: EVERY_ROLE,
  idempotent: 'transaction',
  redact: withoutToken,
  request: { body: jsonBody(newApiKey) },
  responses: { 201: jsonAnswer(createdApiKey, 'The key and its token.') },
});

const rotate = route({
  method: 'post',
  path: '/v1/api-keys/{keyId}/rotate',
  summary: 'Give an API key a new secret',
  description: `The new token is shown in this answer only. The present one is taken for the grace period too, so that
whoever uses it can be given the new one without a gap; one that was still in its grace period ends now.`,
  roles: EVERY_ROLE,
  idempotent: 'transaction',
  redact: withoutToken,
  request: { params, body: jsonBody(rotation) },
  responses: { 200: jsonAnswer(createdApiKey, 'The key and its new token.') },
});

const revoke = route({
  method: 'delete',
  path: '/v1/api-keys/{keyId}',
  summary: 'Revoke an API key for good',
  roles: EVERY_ROLE,
  idempotent: 'transaction',
  request: { params },
  responses: { 200: jsonAnswer(apiKeySchema, 'The key, revoked.') },
});

export function registerApiKeys(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, member } = c.req.valid('query');
    const memberId = whose(c, member ?? (isAdmin(c.var.member) ? null : c.var.member.memberId));
    const after = cursorKey(cursor, 'text')?.[0] ?? '';
    const rows = await listApiKeys(c.var.db, { after, limit: limit + 1, memberId });
    return c.json(
      page(rows, limit, ({ keyId }) => [keyId]),
      200,
    );
  });

  app.openapi(create, async (c) => {
    const { memberId = c.var.member.memberId, ...wanted } = c.req.valid('json');
    whose(c, memberId);
    refuseLifetime(c, wanted.expiresAt);
    const holder = await findMember(c.var.db, memberId);
    if (holder?.active !== true) throw noSuchMember();
    const roles = grantable(c, holder, wanted.roles);
    const { key, token } = await createApiKey(c.var.db, { ...wanted, memberId, roles });
    return c.json({ ...key, token }, 201);
  });

  app.openapi(rotate, async (c) => {
    const key = await keyOf(c, c.req.valid('param').keyId);
    const holder = await findMember(c.var.db, key.memberId);
    if (!isAdmin(c.var.member) && !covers(c, key.roles ?? holder?.roles ?? [])) {
      throw new Problem(
        'forbidden',
        'The key carries roles that yours does not: its new secret is not for you.',
      );
    }
    const now = c.var.now();
    const { grace } = c.req.valid('json');
    const previousUntil = new Date(now.getTime() + milliseconds(grace)).toISOString();
    const rotated = await rotateApiKey(c.var.db, key.keyId, { now, previousUntil });
    if (rotated === null) throw new Problem('conflict', 'The key is revoked or expired: make a new one.');
    return c.json({ ...rotated.key, token: rotated.token }, 200);
  });

  app.openapi(revoke, async (c) => {
    const key = await keyOf(c, c.req.valid('param').keyId);
    return c.json((await revokeApiKey(c.var.db, key.keyId, c.var.now())) ?? key, 200);
  });
}

/** The member id itself when the caller may act for that member; null stands for everybody. */
function whose(c: ApiContext, memberId: string | null): string | null {
  if (memberId === c.var.member.memberId || isAdmin(c.var.member)) return memberId;
  throw new Problem('forbidden', 'Only an administrator may see or make the keys of others.');
}

function noSuchMember(): Problem {
  const message = 'There is no active member with this id.';
  return new Problem('invalid_input', `memberId: ${message}`, { fields: [{ path: 'memberId', message }] });
}

async function keyOf(c: ApiContext, keyId: string): Promise<ApiKey> {
  const key = await findApiKey(c.var.db, keyId);
  if (key !== null && (key.memberId === c.var.member.memberId || isAdmin(c.var.member))) return key;
  throw new Problem('not_found', 'There is no key with this id.');
}

function refuseLifetime(c: ApiContext, expiresAt: string | null): void {
  const path = 'expiresAt';
  if (expiresAt !== null && Date.parse(expiresAt) <= c.var.now().getTime()) {
    refuseFields([{ path, message: 'Must be in the future.' }]);
  }
  const last = c.var.caller.expiresAt;
  // A person who signs in through the identity provider makes keys that outlive the hour of a token.
  if (last === null || !c.var.caller.isKey || isAdmin(c.var.member)) return;
  if (expiresAt === null || Date.parse(expiresAt) > Date.parse(last)) {
    refuseFields([{ path, message: `Must not be after ${last}, when the key that you call with expires.` }]);
  }
}

/** The roles to give a key; null for all that its holder has. */
function grantable(
  c: ApiContext,
  holder: StoredMember,
  wanted: readonly Role[] | null,
): readonly Role[] | null {
  const free = isAdmin(c.var.member);
  if (wanted === null) {
    return free || !c.var.caller.scoped
      ? null
      : c.var.member.roles.filter((role) => holder.roles.includes(role));
  }
  const missing = wanted.filter((role) => !holder.roles.includes(role) || !(free || covers(c, [role])));
  refuseFields(
    missing.map((role) => ({ path: 'roles', message: `${role} is not yours to give to this key.` })),
  );
  return wanted;
}

/** Whether the caller has all these roles in this request. */
function covers(c: ApiContext, roles: readonly Role[]): boolean {
  return roles.every((role) => c.var.member.roles.includes(role));
}
