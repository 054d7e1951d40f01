// Reads sealed contracts: the present one of a thesis, or a version of it.

import type { SealedContract } from '../domain/thesis.ts';
import type { Db } from './connect.ts';

/** The contract in force. Throws when the thesis does not exist: callers act on theses they know of. */
export async function currentContract(db: Db, thesisId: string): Promise<SealedContract> {
  const row = await db
    .selectFrom('contract')
    .select('body')
    .where('thesis_id', '=', thesisId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return row.body;
}

export async function contractVersion(db: Db, thesisId: string, version: number): Promise<SealedContract> {
  const row = await db
    .selectFrom('contract')
    .select('body')
    .where('thesis_id', '=', thesisId)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return row.body;
}
