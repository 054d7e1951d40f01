// What each role may do to each table: the one list of it, and the statements that make it so. Applied by the owner of
// the tables after every migration; what is not listed is not allowed. Roles and logins themselves are made in roles.ts.

import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';
import { APP_ROLE, type AppLogin, ensureLogin, ensureRoles, FINANCE_ROLE } from './roles.ts';
import type { Database } from './schema.ts';

type Right = 'select' | 'insert' | 'update' | 'delete';

/** History: what is recorded is never changed. */
const APPENDED = ['select', 'insert'] as const;
const CHANGED = ['select', 'insert', 'update'] as const;
/** Rows that may go: their meaning ends. */
const CLEARED = ['select', 'insert', 'update', 'delete'] as const;

/** The rights of API and worker, a line a table. */
export const APP_RIGHTS = {
  thesis_event: APPENDED,
  // Written by PostgreSQL itself, as the owner, with each event.
  event_feed: ['select'],
  observation: APPENDED,
  submission: APPENDED,
  contract: APPENDED,
  playbook: APPENDED,
  evidence_pack: APPENDED,
  read_out: APPENDED,
  thesis: CHANGED,
  stage_window: CHANGED,
  gate: CHANGED,
  vote: CHANGED,
  retex: CHANGED,
  source_watermark: CHANGED,
  member: CHANGED,
  api_key: CHANGED,
  committee: CHANGED,
  connection: CHANGED,
  ledger_check: CHANGED,
  watch_turn: CHANGED,
  webhook: CLEARED,
  webhook_delivery: CLEARED,
  // Gone with its delivery: PostgreSQL cascades as the owner.
  webhook_attempt: CHANGED,
  thesis_attention: CLEARED,
  idempotency: CLEARED,
  failed_attempt: CLEARED,
  request_count: CLEARED,
  // So that who looks after it can tell what is missing; kept by the migrator.
  kysely_migration: ['select'],
} as const satisfies Record<keyof Database | 'kysely_migration', readonly Right[]>;

/** The views of finance are all in this schema, and nothing else is. */
const FINANCE_SCHEMA = 'finance';

/** Any constant that no other lock of this database uses. */
const PRIVILEGES_LOCK = 7_205_760;

/**
 * Makes the roles and the application's login, and gives each what is listed. Returns what is left to an administrator
 * of PostgreSQL, as SQL, when the present user may not make roles; run it again after that.
 */
export async function applyPrivileges(db: Db, login: AppLogin | null): Promise<string[]> {
  return db.connection().execute(async (one) => {
    // Two who migrate at once would otherwise change the same rows of PostgreSQL's catalogue, which fails.
    await sql`select pg_advisory_lock(${PRIVILEGES_LOCK}::bigint)`.execute(one);
    try {
      const missing = await ensureRoles(one);
      const advice = login === null ? missing : [...missing, ...(await ensureLogin(one, login))];
      if (missing.length === 0) await grantPrivileges(one);
      return advice;
    } finally {
      await sql`select pg_advisory_unlock(${PRIVILEGES_LOCK}::bigint)`.execute(one);
    }
  });
}

/** Whether this connection could change or empty the ledger: it owns it, or was given more than it should have. */
export async function canRewriteLedger(db: Db): Promise<boolean> {
  const { can } = await db
    .selectNoFrom(
      sql<boolean | null>`(select has_table_privilege(oid, 'update, delete, truncate, trigger')
          or pg_has_role(relowner, 'member')
        from pg_class where oid = to_regclass('thesis_event'))`.as('can'),
    )
    .executeTakeFirstOrThrow();
  // Where there is no ledger yet, nothing can be rewritten.
  return can ?? false;
}

/** What this connection may not do and must: `insert on thesis_event`; every line of the list that has its table. */
export async function lackingRights(db: Db): Promise<string[]> {
  const listed = Object.entries(APP_RIGHTS).flatMap(([table, rights]) =>
    rights.map((right) => [table, right]),
  );
  const [named, wanted] = [listed.map(([table]) => table), listed.map(([, right]) => right)];
  const { rows } = await sql<{ lacking: string }>`
    select word || ' on ' || name as lacking
    from unnest(${named}::text[], ${wanted}::text[]) as listed (name, word)
    where not has_table_privilege(to_regclass(name), word)
    order by 1`.execute(db);
  return rows.map(({ lacking }) => lacking);
}

/** Exactly what is listed, in one transaction: nobody sees a moment without. */
async function grantPrivileges(db: Db): Promise<void> {
  const names = await db
    .selectNoFrom([
      sql<string>`current_schema()`.as('schema'),
      sql<string>`current_database()`.as('database'),
    ])
    .executeTakeFirstOrThrow();
  const [schema, database] = [sql.id(names.schema), sql.id(names.database)];
  const [app, finance, views] = [sql.id(APP_ROLE), sql.id(FINANCE_ROLE), sql.id(FINANCE_SCHEMA)];
  const everybody = sql`public, ${app}, ${finance}`;
  await db.transaction().execute(async (trx) => {
    // Connecting is granted to each login: the roles are those of the whole cluster, its other databases included.
    await sql`revoke all on database ${database} from ${everybody}`.execute(trx);
    await sql`revoke all on schema ${schema}, ${views} from ${everybody}`.execute(trx);
    await sql`revoke execute on function refuse_rewrite(), append_to_feed() from public`.execute(trx);
    await sql`revoke all on ${tables(Object.keys(APP_RIGHTS))} from ${everybody}`.execute(trx);
    await sql`revoke all on all tables in schema ${views} from ${everybody}`.execute(trx);
    await sql`grant usage on schema ${schema} to ${app}`.execute(trx);
    for (const [rights, named] of tablesByRights()) {
      await sql`grant ${sql.raw(rights)} on ${tables(named)} to ${app}`.execute(trx);
    }
    await sql`grant usage on schema ${views} to ${finance}`.execute(trx);
    await sql`grant select on all tables in schema ${views} to ${finance}`.execute(trx);
  });
}

function tablesByRights(): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const [table, rights] of Object.entries(APP_RIGHTS)) {
    const words = rights.join(', ');
    grouped.set(words, [...(grouped.get(words) ?? []), table]);
  }
  return grouped;
}

function tables(names: readonly string[]): RawBuilder<unknown> {
  return sql`table ${sql.join(names.map((name) => sql.table(name)))}`;
}
