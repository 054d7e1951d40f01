// Reads a token as the key and the member behind it. Tells a guess apart from a key that was good once: only guesses
// count as failed attempts.

import type { Instant } from '../domain/duration.ts';
import { isRole, type Member } from '../domain/role.ts';
import { isSecretOf, partsOf } from './api-key-token.ts';
import type { Db } from './connect.ts';
import { treatmentOf } from './failure.ts';

/** A key whose secret was right and whose time is not over. */
export interface GoodKey {
  readonly keyId: string;
  readonly expiresAt: Instant | null;
  /** With the roles that the key carries: at most those the member has now. */
  readonly member: Member;
  /** Whether the key carries fewer roles than its member may have. */
  readonly scoped: boolean;
}

/** `wrong`: no such key, or another secret. `lapsed`: the right secret of a key or a member whose time is over. */
export type TokenReading =
  | { readonly state: 'good'; readonly key: GoodKey }
  | { readonly state: 'wrong' | 'lapsed' };

/** How stale `last_used_at` may be: writing it on every request would make each read a write. */
const USE_RECORDED_EVERY_MS = 60_000;

/** What a token is worth at `now`. A good one is recorded as used. */
export async function readToken(db: Db, token: string, now: Date): Promise<TokenReading> {
  const parts = partsOf(token);
  if (parts === null) return { state: 'wrong' };
  const row = await rowOf(db, parts.keyId);
  // Compared even without a row, so that the time taken does not tell which keys exist.
  const present = isSecretOf(row?.secret_hash ?? null, parts.secret);
  const previous = isSecretOf(row?.previous_hash ?? null, parts.secret);
  if (row === undefined || (!present && !previous)) return { state: 'wrong' };
  const inGrace = row.previous_until !== null && Date.parse(row.previous_until) > now.getTime();
  const expired = row.expires_at !== null && Date.parse(row.expires_at) <= now.getTime();
  if (!row.active || row.revoked_at !== null || expired || (previous && !inGrace)) return { state: 'lapsed' };
  await recordUse(db, parts.keyId, row.last_used_at, now);
  return { state: 'good', key: keyOf(parts.keyId, row) };
}

type Row = NonNullable<Awaited<ReturnType<typeof rowOf>>>;

function rowOf(db: Db, keyId: string) {
  return db
    .selectFrom('api_key')
    .innerJoin('member', 'member.member_id', 'api_key.member_id')
    .select([
      'api_key.secret_hash',
      'api_key.previous_hash',
      'api_key.previous_until',
      'api_key.expires_at',
      'api_key.revoked_at',
      'api_key.last_used_at',
      'api_key.roles as key_roles',
      'member.member_id',
      'member.name',
      'member.roles',
      'member.active',
    ])
    .where('key_id', '=', keyId)
    .executeTakeFirst();
}

function keyOf(keyId: string, row: Row): GoodKey {
  const { member_id: memberId, name, key_roles: scope, expires_at: expiresAt } = row;
  const roles = row.roles.filter(isRole).filter((role) => scope === null || scope.includes(role));
  return { keyId, expiresAt, member: { memberId, name, roles }, scoped: scope !== null };
}

async function recordUse(db: Db, keyId: string, lastUsedAt: Instant | null, now: Date): Promise<void> {
  const isFresh = lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < USE_RECORDED_EVERY_MS;
  if (isFresh) return;
  try {
    await db
      .updateTable('api_key')
      .set({ last_used_at: now.toISOString() })
      .where('key_id', '=', keyId)
      .execute();
  } catch (error) {
    // A PostgreSQL that takes no writes still answers reads: their callers are let in.
    if (treatmentOf(error) !== 'passing') throw error;
  }
}
