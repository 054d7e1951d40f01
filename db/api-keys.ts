// API keys: the token's form, its hash, and its life. A token is shown once, when it is made; only its SHA-256 is
// kept. A plain hash is right because the secret is 256 random bits, which no dictionary holds and nobody can
// search; a slow password hash would protect guessable words and only slow every request down here.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../domain/duration.ts';
import { isRole, type Member } from '../domain/role.ts';
import type { Db } from './connect.ts';

export interface ApiKey {
  readonly keyId: string;
  readonly memberId: string;
  readonly name: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
}

const TOKEN = /^jalon_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** How stale `last_used_at` may be: writing it on every request would make each read a write. */
const USE_RECORDED_EVERY_MS = 60_000;

const COLUMNS = [
  'key_id',
  'member_id',
  'name',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;

/** Makes a key for a member and returns it with its token, which cannot be had again. */
export async function createApiKey(
  db: Db,
  key: { readonly memberId: string; readonly name: string; readonly expiresAt: Instant | null },
): Promise<{ readonly key: ApiKey; readonly token: string }> {
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const row = await db
    .insertInto('api_key')
    .values({
      key_id: keyId,
      member_id: key.memberId,
      name: key.name,
      secret_hash: hash(secret),
      expires_at: key.expiresAt,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
  return { key: read(row), token: `jalon_${keyId}_${secret}` };
}

/** The active member behind a token, at `now`; null for a token that is unknown, wrong, expired or revoked. */
export async function memberOfToken(db: Db, token: string, now: Date): Promise<Member | null> {
  const [, keyId, secret] = TOKEN.exec(token) ?? [];
  if (keyId === undefined || secret === undefined) return null;
  const row = await db
    .selectFrom('api_key')
    .innerJoin('member', 'member.member_id', 'api_key.member_id')
    .select([
      'api_key.secret_hash',
      'api_key.expires_at',
      'api_key.revoked_at',
      'api_key.last_used_at',
      'member.member_id',
      'member.name',
      'member.roles',
      'member.active',
    ])
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  // Hashed and compared even without a row, so that the time taken does not tell which keys exist.
  const same = timingSafeEqual(hash(secret), row?.secret_hash ?? NO_HASH);
  if (row === undefined || !same || !row.active || row.revoked_at !== null) return null;
  if (row.expires_at !== null && Date.parse(row.expires_at) <= now.getTime()) return null;
  await recordUse(db, keyId, row.last_used_at, now);
  return { memberId: row.member_id, name: row.name, roles: row.roles.filter(isRole) };
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

const NO_HASH = Buffer.alloc(32);

async function recordUse(db: Db, keyId: string, lastUsedAt: Instant | null, now: Date): Promise<void> {
  const isFresh = lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < USE_RECORDED_EVERY_MS;
  if (isFresh) return;
  await db
    .updateTable('api_key')
    .set({ last_used_at: now.toISOString() })
    .where('key_id', '=', keyId)
    .execute();
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function read(row: {
  key_id: string;
  member_id: string;
  name: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}): ApiKey {
  return {
    keyId: row.key_id,
    memberId: row.member_id,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
