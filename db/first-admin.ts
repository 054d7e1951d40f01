// Makes the first administrator of a new installation, and only then: without one, nobody could add anybody.

import { sql } from 'kysely';
import { createApiKey } from './api-keys.ts';
import type { Db } from './connect.ts';
import { addMember } from './members.ts';

/** The member id of the administrator made at the first run. */
const FIRST_ADMIN = 'admin';

/**
 * Adds the administrator `admin` with a key that does not expire, and returns the key's token: shown once, never
 * readable again. Null, and nothing is changed, when there is any member; two processes at once make one.
 */
export async function createFirstAdmin(db: Db): Promise<string | null> {
  return db.transaction().execute(async (transaction) => {
    await sql`lock table member in share row exclusive mode`.execute(transaction);
    const someone = await transaction.selectFrom('member').select('member_id').limit(1).executeTakeFirst();
    if (someone !== undefined) return null;
    await addMember(transaction, { memberId: FIRST_ADMIN, name: 'First administrator', roles: ['admin'] });
    const { token } = await createApiKey(transaction, {
      memberId: FIRST_ADMIN,
      name: 'First run',
      expiresAt: null,
    });
    return token;
  });
}
