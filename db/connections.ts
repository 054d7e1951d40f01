// Stores connections. A secret comes in sealed and goes out sealed, through a function of its own: no reading of
// connections carries it by accident.

import { sql } from 'kysely';
import type { Connection, ConnectionKind, ConnectionQuery, WarehouseSettings } from '../domain/connection.ts';
import type { Db } from './connect.ts';

export interface StoredConnection extends Connection {
  readonly updatedAt: string;
  readonly updatedBy: string;
}

/**
 * Creates or replaces a connection; `secret` null keeps the one it has. False when there is none to keep, or when it was
 * given for another server or user: a password is sent nowhere but where it was meant for.
 */
export async function saveConnection(
  db: Db,
  { name, kind, settings, queries }: Connection,
  secret: Buffer | null,
  by: string,
): Promise<boolean> {
  const row = {
    kind,
    settings: JSON.stringify(settings),
    queries: JSON.stringify(queries),
    updated_by: by,
  };
  if (secret === null) {
    const kept = await db
      .updateTable('connection')
      .set((eb) => ({ ...row, updated_at: eb.fn<string>('now', []) }))
      .where('name', '=', name)
      .where(sql<boolean>`(settings ->> 'host', settings ->> 'port', settings ->> 'user')
        = (${settings.host}::text, ${settings.port}::text, ${settings.user}::text)`)
      .executeTakeFirst();
    return kept.numUpdatedRows === 1n;
  }
  await db
    .insertInto('connection')
    .values({ ...row, name, secret })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ ...row, secret, updated_at: eb.fn<string>('now', []) })),
    )
    .execute();
  return true;
}

export async function findConnection(db: Db, name: string): Promise<StoredConnection | null> {
  const row = await db.selectFrom('connection').select(SHOWN).where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : shown(row);
}

/** Connections in the order of their names, after the name of the page before. */
export async function listConnections(
  db: Db,
  page: { readonly after: string | null; readonly limit: number },
): Promise<StoredConnection[]> {
  const rows = await db
    .selectFrom('connection')
    .select(SHOWN)
    .$if(page.after !== null, (query) => query.where('name', '>', page.after ?? ''))
    .orderBy('name')
    .limit(page.limit)
    .execute();
  return rows.map(shown);
}

/** The sealed secret, for whoever can open it. */
export async function sealedSecret(db: Db, name: string): Promise<Buffer | null> {
  const row = await db.selectFrom('connection').select('secret').where('name', '=', name).executeTakeFirst();
  return row?.secret ?? null;
}

const SHOWN = ['name', 'kind', 'settings', 'queries', 'updated_at', 'updated_by'] as const;

interface Row {
  readonly name: string;
  readonly kind: ConnectionKind;
  readonly settings: WarehouseSettings;
  readonly queries: readonly ConnectionQuery[];
  readonly updated_at: string;
  readonly updated_by: string;
}

function shown({ name, kind, settings, queries, updated_at, updated_by }: Row): StoredConnection {
  return { name, kind, settings, queries, updatedAt: updated_at, updatedBy: updated_by };
}
