// The roles of PostgreSQL that Jalon knows: one for API and worker, one for whoever reads finance's views. Makes them,
// and the application's login, as far as the present user may; what it may not comes back as SQL for an administrator.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import type { Db } from './connect.ts';

/** What API and worker may do. Nobody logs in as it: logins are its members. */
export const APP_ROLE = 'jalon_app';

/** Reads the views of the schema `finance` and nothing else. */
export const FINANCE_ROLE = 'jalon_finance';

/** The login of API and worker, as in their DATABASE_URL. */
export interface AppLogin {
  readonly user: string;
  readonly password: string;
}

/** The login in a connection string; null when it names no user or no password. */
export function loginOf(url: string): AppLogin | null {
  const { username, password } = new URL(url);
  if (username === '' || password === '') return null;
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** Makes the two roles where they are missing. Returns the statements that an administrator must run, if any. */
export async function ensureRoles(db: Db): Promise<string[]> {
  const advice: string[] = [];
  for (const role of [APP_ROLE, FINANCE_ROLE]) {
    advice.push(...(await ensure(db, { done: roleExists(role), statement: `create role ${role} nologin` })));
  }
  return advice;
}

/**
 * Lets the login be what API and worker connect as: made if it is missing, a member of the application's role, allowed
 * into this database. A login that exists keeps its password. Returns the statements that an administrator must run.
 */
export async function ensureLogin(db: Db, { user, password }: AppLogin): Promise<string[]> {
  const { owner, database } = await db
    .selectNoFrom([sql<string>`current_user`.as('owner'), sql<string>`current_database()`.as('database')])
    .executeTakeFirstOrThrow();
  if (owner === user) return [];
  const login = pg.escapeIdentifier(user);
  const make = (secret: string) => `create role ${login} login password '${secret}'`;
  return [
    ...(await ensure(db, {
      done: roleExists(user),
      statement: make(scramVerifier(password)),
      shown: make('...'),
    })),
    ...(await ensure(db, { done: isMember(user), statement: `grant ${APP_ROLE} to ${login}` })),
    ...(await ensure(db, {
      done: mayConnect(user),
      statement: `grant connect on database ${pg.escapeIdentifier(database)} to ${login}`,
    })),
  ];
}

interface Step {
  /** Whether there is nothing left to do: the catalogue says so, not the answer to the statement. */
  readonly done: RawBuilder<boolean>;
  readonly statement: string;
  /** The statement as an administrator is shown it; absent: as it is. */
  readonly shown?: string;
}

/** What stands in the way when the present user may not, or when somebody else does the same at this moment. */
const NOT_OURS: readonly unknown[] = [
  '42501', // insufficient_privilege
  '42704', // undefined_object: a step before this one was not ours either
  '42710', // duplicate_object
  '23505', // unique_violation
];

async function ensure(db: Db, { done, statement, shown = statement }: Step): Promise<string[]> {
  const isDone = async () => (await db.selectNoFrom(done.as('done')).executeTakeFirstOrThrow()).done;
  if (await isDone()) return [];
  try {
    await sql.raw(statement).execute(db);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NOT_OURS.includes(error.code))) throw error;
  }
  return (await isDone()) ? [] : [shown];
}

function roleExists(role: string): RawBuilder<boolean> {
  return sql`exists (select from pg_roles where rolname = ${role})`;
}

function isMember(user: string): RawBuilder<boolean> {
  return sql`exists (select from pg_roles where rolname = ${user} and pg_has_role(oid, ${APP_ROLE}, 'member'))`;
}

/** By a right of its own: that of everybody is taken away. */
function mayConnect(user: string): RawBuilder<boolean> {
  return sql`exists (
    select from pg_database, aclexplode(datacl) as acl
    where datname = current_database() and privilege_type = 'CONNECT'
      and grantee = (select oid from pg_roles where rolname = ${user}))`;
}

/** The password as PostgreSQL keeps it (RFC 5803), so that the server's log never sees it. */
function scramVerifier(password: string): string {
  const [salt, rounds] = [randomBytes(16), 4_096];
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyed = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const server = keyed('Server Key').toString('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${server}`;
}
