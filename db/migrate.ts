// Brings a database up to date. Migrations are frozen once released and applied in the order of their names; two
// processes that migrate at once wait for each other.

import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import * as foundation from './migrations/0001-foundation.ts';
import * as access from './migrations/0002-access.ts';
import * as operation from './migrations/0003-operation.ts';
import * as eventFeed from './migrations/0004-event-feed.ts';
import * as webhooks from './migrations/0005-webhooks.ts';
import * as financeAndLimits from './migrations/0006-finance-and-limits.ts';
import * as covariate from './migrations/0007-covariate.ts';
import * as feedAtCommit from './migrations/0008-feed-at-commit.ts';
import * as feedOfAThesis from './migrations/0009-feed-of-a-thesis.ts';

const MIGRATIONS: Record<string, Migration> = {
  '0001-foundation': foundation,
  '0002-access': access,
  '0003-operation': operation,
  '0004-event-feed': eventFeed,
  '0005-webhooks': webhooks,
  '0006-finance-and-limits': financeAndLimits,
  '0007-covariate': covariate,
  '0008-feed-at-commit': feedAtCommit,
  '0009-feed-of-a-thesis': feedOfAThesis,
};

/** Names of the migrations that the database lacks; it is not changed. */
export async function pendingMigrations<T>(db: Kysely<T>): Promise<string[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

/** Applies what is missing and returns the names applied. Throws the first failure; what came before it stays. */
export async function migrate<T>(db: Kysely<T>): Promise<string[]> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? [])
    .filter((result) => result.status === 'Success')
    .map((result) => result.migrationName);
}

function migratorOf<T>(db: Kysely<T>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}
