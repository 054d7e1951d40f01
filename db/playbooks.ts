// Reads and adds playbook versions. A version never changes once it is stored: a change is the next version, and the
// database refuses anything else.

import { sql } from 'kysely';
import type { Instant } from '../domain/duration.ts';
import { CMO_CYCLE } from '../domain/playbook/cmo-cycle.ts';
import type { Playbook } from '../domain/playbook.ts';
import { PLATFORM } from '../domain/thesis/command.ts';
import type { Db } from './connect.ts';

export interface PlaybookVersion {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

/** A version of a playbook, the newest for `version` null; null when there is none. */
export async function findPlaybook(db: Db, name: string, version: number | null): Promise<Playbook | null> {
  const row = await db
    .selectFrom('playbook')
    .select('body')
    .where('name', '=', name)
    .$if(version !== null, (query) => query.where('version', '=', version))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.body ?? null;
}

/** Versions by name, oldest first, after the given one (excluded), at most `limit`. */
export async function listPlaybooks(
  db: Db,
  page: {
    readonly after: { readonly name: string; readonly version: number } | null;
    readonly limit: number;
  },
): Promise<PlaybookVersion[]> {
  const { after, limit } = page;
  const rows = await db
    .selectFrom('playbook')
    .select(['name', 'version', 'title', 'created_at', 'created_by'])
    .$if(after !== null, (query) =>
      query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('name', 'version'), '>', tuple(after?.name ?? '', after?.version ?? 0)),
      ),
    )
    .orderBy('name')
    .orderBy('version')
    .limit(limit)
    .execute();
  return rows.map(({ created_at, created_by, ...rest }) => ({
    ...rest,
    createdAt: created_at,
    createdBy: created_by,
  }));
}

/** Stores the next version of a playbook. Call it in a transaction: others who add to the same name wait for it. */
export async function addPlaybook(
  db: Db,
  playbook: Omit<Playbook, 'version'>,
  by: string,
): Promise<Playbook> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`playbook ${playbook.name}`}, 0))`.execute(db);
  const { last } = await db
    .selectFrom('playbook')
    .select(({ fn }) => fn.max('version').as('last'))
    .where('name', '=', playbook.name)
    .executeTakeFirstOrThrow();
  const version = (last ?? 0) + 1;
  const stored: Playbook = { ...playbook, version };
  await insert(db, stored, by);
  return stored;
}

/** Stores the built-in playbooks that are not there yet. Safe to call at every start, by several processes. */
export async function ensureBuiltInPlaybooks(db: Db): Promise<void> {
  await insert(db, CMO_CYCLE, PLATFORM.by, { unlessThere: true });
}

async function insert(
  db: Db,
  playbook: Playbook,
  by: string,
  options = { unlessThere: false },
): Promise<void> {
  const { name, version, title } = playbook;
  await db
    .insertInto('playbook')
    .values({ name, version, title, body: JSON.stringify(playbook), created_by: by })
    .$if(options.unlessThere, (query) => query.onConflict((conflict) => conflict.doNothing()))
    .execute();
}
