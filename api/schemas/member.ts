// Members and API keys as the API shows and takes them.

import { z } from '@hono/zod-openapi';
import { PLATFORM } from '../../domain/thesis/command.ts';
import { instant, role, rotationGrace, slug, text } from './primitives.ts';

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
    subject: z.string().nullable(),
    createdAt: instant,
  })
  .openapi('Member');

/** `me` is an address, and `jalon` is how the ledger names the platform itself. */
const RESERVED = ['me', PLATFORM.by];

const newMemberId = slug
  .refine((value) => !RESERVED.includes(value), `Not one of ${RESERVED.join(', ')}.`)
  .openapi({ example: 'claire-martin' });

const subject = text(300).nullable().optional().openapi({
  description: 'Who the identity provider says this is, in its member claim; null: the member id itself.',
  example: 'claire.martin@example.com',
});

export const newMember = z
  .strictObject({ memberId: newMemberId, name, roles: roles.min(1), subject })
  .openapi('NewMember');

export const memberChange = z
  .strictObject({
    name: name.optional(),
    roles: roles.min(1).optional(),
    active: z.boolean().optional(),
    subject,
  })
  .openapi('MemberChange');

export const apiKeySchema = z
  .object({
    keyId: z.string().openapi({ example: '9f86d081884c7d65' }),
    memberId: slug,
    name: z.string(),
    roles: z.array(role).nullable().openapi({
      description: "Those of the member's roles that the key carries; null: all of them.",
    }),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().openapi({ description: 'To the minute.' }),
    rotatedAt: instant.nullable(),
    previousUntil: instant.nullable().openapi({
      description: 'Until when the secret before the last rotation is taken too.',
    }),
    revokedAt: instant.nullable(),
  })
  .openapi('ApiKey');

export const newApiKey = z
  .strictObject({
    memberId: slug.optional().openapi({ description: 'Absent: for yourself.' }),
    name: text(200).openapi({ example: 'Laptop of Claire' }),
    roles: roles.min(1).nullable().default(null).openapi({
      description:
        'The roles that the key carries, of those that the member has; null: all that you may give.',
    }),
    expiresAt: instant.nullable().openapi({ description: 'Null: never.' }),
  })
  .openapi('NewApiKey');

export const rotation = z
  .strictObject({
    grace: rotationGrace('How long the present secret is still taken; PT0S: not at all.'),
  })
  .openapi('Rotation');

export const createdApiKey = apiKeySchema
  .extend({
    token: z.string().nullable().openapi({
      description: 'Shown this once. Null when the request was replayed: revoke the key and make another.',
    }),
  })
  .openapi('CreatedApiKey');
