// The life of API keys: made, listed, rotated and revoked. Whether a token is good is decided in api-key-check.ts.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import { isRole, type Role } from '../domain/role.ts';
import { newKeyId, newSecret, tokenOf } from './api-key-token.ts';
import type { Db } from './connect.ts';

export interface ApiKey {
  readonly keyId: string;
  readonly memberId: string;
  readonly name: string;
  /** Those of the member's roles that the key carries; null: all of them, as they are at each use. */
  readonly roles: readonly Role[] | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly rotatedAt: Instant | null;
  /** Until when the secret before the last rotation is taken too. */
  readonly previousUntil: Instant | null;
  readonly revokedAt: Instant | null;
}

/** A key with its token, which cannot be had again. */
export interface ShownKey {
  readonly key: ApiKey;
  readonly token: string;
}

export interface NewApiKey {
  readonly memberId: string;
  readonly name: string;
  readonly expiresAt: Instant | null;
  /** Absent or null: all that the member has. */
  readonly roles?: readonly Role[] | null;
}

const COLUMNS = [
  'key_id',
  'member_id',
  'name',
  'roles',
  'created_at',
  'expires_at',
  'last_used_at',
  'rotated_at',
  'previous_until',
  'revoked_at',
] as const;

/** Makes a key for a member. */
export async function createApiKey(db: Db, key: NewApiKey): Promise<ShownKey> {
  const keyId = newKeyId();
  const { secret, hash } = newSecret();
  const { memberId, name, expiresAt, roles = null } = key;
  const row = await db
    .insertInto('api_key')
    .values({
      key_id: keyId,
      member_id: memberId,
      name,
      secret_hash: hash,
      expires_at: expiresAt,
      roles: roles === null ? null : [...roles],
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return { key: read(row), token: tokenOf(keyId, secret) };
}

/**
 * Gives a key a new secret. The present one stays good until `previousUntil`, and the one before it, if any, ends now.
 * Null when there is no such key, or it is revoked or expired at `now`.
 */
export async function rotateApiKey(
  db: Db,
  keyId: string,
  { now, previousUntil }: { readonly now: Date; readonly previousUntil: Instant },
): Promise<ShownKey | null> {
  const { secret, hash } = newSecret();
  const row = await db
    .updateTable('api_key')
    .set({
      previous_hash: sql<Buffer>`secret_hash`,
      previous_until: previousUntil,
      secret_hash: hash,
      rotated_at: now.toISOString(),
    })
    .where('key_id', '=', keyId)
    .where('revoked_at', 'is', null)
    .where((where) =>
      where.or([where('expires_at', 'is', null), where('expires_at', '>', now.toISOString())]),
    )
    .returning(COLUMNS)
    .executeTakeFirst();
  return row === undefined ? null : { key: read(row), token: tokenOf(keyId, secret) };
}

/** Keys by id, after `after` (excluded), at most `limit`; of one member or of all. */
export async function listApiKeys(
  db: Db,
  page: { readonly after: string; readonly limit: number; readonly memberId: string | null },
): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('api_key')
    .select(COLUMNS)
    .where('key_id', '>', page.after)
    .$if(page.memberId !== null, (query) => query.where('member_id', '=', page.memberId))
    .orderBy('key_id')
    .limit(page.limit)
    .execute();
  return rows.map(read);
}

export async function findApiKey(db: Db, keyId: string): Promise<ApiKey | null> {
  const row = await db.selectFrom('api_key').select(COLUMNS).where('key_id', '=', keyId).executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Revokes a key for good and returns it; the first revocation's time stays. Null when there is no such key. */
export async function revokeApiKey(db: Db, keyId: string, now: Date): Promise<ApiKey | null> {
  const row = await db
    .updateTable('api_key')
    .set((update) => ({ revoked_at: update.fn.coalesce('revoked_at', update.val(now.toISOString())) }))
    .where('key_id', '=', keyId)
    .returning(COLUMNS)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}

function read(row: {
  key_id: string;
  member_id: string;
  name: string;
  roles: string[] | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  rotated_at: string | null;
  previous_until: string | null;
  revoked_at: string | null;
}): ApiKey {
  return {
    keyId: row.key_id,
    memberId: row.member_id,
    name: row.name,
    roles: row.roles?.filter(isRole) ?? null,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    rotatedAt: row.rotated_at,
    previousUntil: row.previous_until,
    revokedAt: row.revoked_at,
  };
}
