// Gives a test a database of its own on the run's PostgreSQL, so that tests neither share rows nor clean up.
// It creates no tables; the caller runs the migrations.
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

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

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
