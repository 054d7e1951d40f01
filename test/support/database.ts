// Gives a test a database of its own on the run's PostgreSQL, so that tests neither share rows nor clean up.
// Empty, or with our tables in it; who else than their owner may do what is the caller's to arrange.
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connect, type Db } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';

export interface TestDatabase {
  name: string;
  /** Connection string, with the role the server was started with. */
  url: string;
  /** The same as API and worker are to connect, with a login that `prepareDatabase` and `applyPrivileges` make. */
  appUrl: string;
  /** Removes the database, ending sessions that are still open. */
  drop(): Promise<void>;
}

/** A new, empty database. Call `drop` when the test is over. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const appUrl = new URL(url);
  appUrl.username = 'jalon_test';
  // One login for all databases of a server, with a password that every test process finds by itself.
  appUrl.password = createHash('sha256').update(`jalon_test ${server}`).digest('base64url');
  await execute(server, `create database ${name}`);
  return {
    name,
    url: url.href,
    appUrl: appUrl.href,
    drop: () => execute(server, `drop database if exists ${name} with (force)`),
  };
}

export interface MigratedDatabase extends Omit<TestDatabase, 'drop'> {
  /** As the owner of the tables. */
  readonly db: Db;
  /** Ends the connections and removes the database. */
  close(): Promise<void>;
}

/** A new database with every migration applied. Call `close` when the test is over. */
export async function createMigratedDatabase(
  options: { readonly poolSize?: number } = {},
): Promise<MigratedDatabase> {
  const { drop, ...database } = await createTestDatabase();
  const db = connect(database.url, options);
  await migrate(db);
  return {
    ...database,
    db,
    async close() {
      await db.destroy();
      await drop();
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
