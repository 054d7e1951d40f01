// The fence that holds whatever a query says: the role that a warehouse connection is given. Says whether it may do more
// than read; a session of one that may is not used.

import type pg from 'pg';
import { ConnectorError } from './port.ts';

/** By name, because not every server has each of them: reading files, writing files, running programs, writing data. */
const STRONG_ROLES = [
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_write_all_data',
];

/** Throws `forbidden`, saying what to change, for a role that could do more than read. */
export async function assertOnlyReads(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ strong: string; writes: string }>(
    `select
       (rolsuper or rolcreaterole or rolcreatedb or rolreplication or exists (
         select from pg_roles as strong
         where strong.rolname = any ($1) and pg_has_role(current_user, strong.oid, 'member')))::text as strong,
       exists (
         select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
         where relkind in ('r', 'p', 'f') and relpersistence <> 't'
           and nspname <> 'information_schema' and nspname not like 'pg\\_%'
           and has_table_privilege(pg_class.oid, 'insert, update, delete, truncate'))::text as writes
     from pg_roles where rolname = current_user`,
    [STRONG_ROLES],
  );
  const [role] = rows;
  const can =
    role?.strong === 'true' ? 'administer its server' : role?.writes === 'true' ? 'write to tables' : null;
  if (can === null) return;
  const advice = 'Give it one of its own, with SELECT on what it reads and nothing else.';
  throw new ConnectorError('forbidden', `The role of the connection could ${can}. ${advice}`);
}
