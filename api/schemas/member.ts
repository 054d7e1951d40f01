// Members and API keys as the API shows and takes them.

import { z } from '@hono/zod-openapi';
import { PLATFORM } from '../../domain/command.ts';
import { instant, role, slug, text } from './primitives.ts';

const name = text(200).openapi({ example: 'Claire Martin' });
const roles = z
  .array(role)
  .max(10)
  .refine((values) => new Set(values).size === values.length, 'Each role once.');

export const memberSchema = z
  .object({
    memberId: slug.openapi({ example: 'claire-martin' }),
    name: z.string(),
    roles: z.array(role),
    active: z.boolean(),
    createdAt: instant,
  })
  .openapi('Member');

/** `me` is an address, and `jalon` is how the ledger names the platform itself. */
const RESERVED = ['me', PLATFORM.by];

const newMemberId = slug
  .refine((value) => !RESERVED.includes(value), `Not one of ${RESERVED.join(', ')}.`)
  .openapi({ example: 'claire-martin' });

export const newMember = z
  .strictObject({ memberId: newMemberId, name, roles: roles.min(1) })
  .openapi('NewMember');

export const memberChange = z
  .strictObject({
    name: name.optional(),
    roles: roles.min(1).optional(),
    active: z.boolean().optional(),
  })
  .openapi('MemberChange');

export const apiKeySchema = z
  .object({
    keyId: z.string().openapi({ example: '9f86d081884c7d65' }),
    memberId: slug,
    name: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().openapi({ description: 'To the minute.' }),
    revokedAt: instant.nullable(),
  })
  .openapi('ApiKey');

export const newApiKey = z
  .strictObject({
    memberId: slug.optional().openapi({ description: 'Absent: for yourself.' }),
    name: text(200).openapi({ example: 'Laptop of Claire' }),
    expiresAt: instant.nullable().openapi({ description: 'Null: never.' }),
  })
  .openapi('NewApiKey');

export const createdApiKey = apiKeySchema
  .extend({
    token: z.string().nullable().openapi({
      description: 'Shown this once. Null when the request was replayed: revoke the key and make another.',
    }),
  })
  .openapi('CreatedApiKey');
