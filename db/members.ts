// Reads and writes members. Members are never deleted: the ledger names them for ever; they are made inactive.

import type { Insertable } from 'kysely';
import { isRole, type Member } from '../domain/role.ts';
import type { Db } from './connect.ts';
import type { Database } from './schema.ts';

export interface StoredMember extends Member {
  readonly active: boolean;
  /** Who the identity provider says this is; null: the member id itself. */
  readonly subject: string | null;
  readonly createdAt: string;
}

const COLUMNS = ['member_id', 'name', 'roles', 'active', 'subject', 'created_at'] as const;

export async function findMember(db: Db, memberId: string): Promise<StoredMember | null> {
  const row = await db
    .selectFrom('member')
    .select(COLUMNS)
    .where('member_id', '=', memberId)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** The member that an identity provider's subject stands for: who has it as subject, or else as member id. */
export async function memberOfSubject(db: Db, subject: string): Promise<StoredMember | null> {
  const row = await db
    .selectFrom('member')
    .select(COLUMNS)
    .where((where) =>
      where.or([
        where('subject', '=', subject),
        where.and([where('subject', 'is', null), where('member_id', '=', subject)]),
      ]),
    )
    .orderBy('subject', (order) => order.asc().nullsLast())
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}

/** Members by id, after `after` (excluded), at most `limit`. */
export async function listMembers(db: Db, page: { after: string; limit: number }): Promise<StoredMember[]> {
  const rows = await db
    .selectFrom('member')
    .select(COLUMNS)
    .where('member_id', '>', page.after)
    .orderBy('member_id')
    .limit(page.limit)
    .execute();
  return rows.map(read);
}

/** Those of the ids that name an active member. */
export async function activeMembers(db: Db, memberIds: readonly string[]): Promise<Set<string>> {
  if (memberIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('member')
    .select('member_id')
    .where('member_id', 'in', memberIds)
    .where('active', '=', true)
    .execute();
  return new Set(rows.map((row) => row.member_id));
}

/** Adds a member; false when the id or the subject is taken. */
export async function addMember(
  db: Db,
  member: Member & { readonly subject?: string | null | undefined },
): Promise<boolean> {
  const { memberId, name, roles, subject = null } = member;
  const row: Insertable<Database['member']> = { member_id: memberId, name, roles: [...roles], subject };
  const result = await db
    .insertInto('member')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Whether another member than this one has the subject. */
export async function isSubjectTaken(db: Db, subject: string, memberId: string): Promise<boolean> {
  const row = await db
    .selectFrom('member')
    .select('member_id')
    .where('subject', '=', subject)
    .where('member_id', '!=', memberId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Changes what is given and returns the member after it; null when there is none. */
export async function changeMember(
  db: Db,
  memberId: string,
  change: {
    readonly name?: string | undefined;
    readonly roles?: readonly string[] | undefined;
    readonly active?: boolean | undefined;
    readonly subject?: string | null | undefined;
  },
): Promise<StoredMember | null> {
  const { name, roles, active, subject } = change;
  const values = {
    ...(name === undefined ? {} : { name }),
    ...(roles === undefined ? {} : { roles: [...roles] }),
    ...(active === undefined ? {} : { active }),
    ...(subject === undefined ? {} : { subject }),
  };
  if (Object.keys(values).length === 0) return findMember(db, memberId);
  const row = await db
    .updateTable('member')
    .set(values)
    .where('member_id', '=', memberId)
    .returning(COLUMNS)
    .executeTakeFirst();
  return row === undefined ? null : read(row);
}

/**
 * How many active administrators there are, with their rows locked until the transaction ends: of two changes that
 * would each remove one of the last two, the second waits and then sees the first.
 */
export async function lockAdministrators(db: Db): Promise<number> {
  const rows = await db
    .selectFrom('member')
    .select('member_id')
    .where('active', '=', true)
    .where((where) => where(where.val('admin'), '=', where.fn.any('roles')))
    .orderBy('member_id')
    .forUpdate()
    .execute();
  return rows.length;
}

function read(row: {
  member_id: string;
  name: string;
  roles: string[];
  active: boolean;
  subject: string | null;
  created_at: string;
}): StoredMember {
  const { member_id, name, roles, active, subject, created_at } = row;
  return { memberId: member_id, name, roles: roles.filter(isRole), active, subject, createdAt: created_at };
}
