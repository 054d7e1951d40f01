// Makes a database ready for this version of the code: migrations, the built-in playbooks, and who may do what. Run as
// the owner of the tables. Safe to run again, and by several processes at once.

import type { Db } from './connect.ts';
import { migrate } from './migrate.ts';
import { ensureBuiltInPlaybooks } from './playbooks.ts';
import { applyPrivileges } from './privileges.ts';
import { type AppLogin, loginOf } from './roles.ts';

export interface Preparation {
  /** The migrations that were applied now. */
  readonly applied: readonly string[];
  /** What an administrator of PostgreSQL must still run, before this is run again. */
  readonly advice: readonly string[];
}

/** `appUrl` is what API and worker connect with: its login is made where it is missing. */
export async function prepareDatabase(db: Db, appUrl: string | null = null): Promise<Preparation> {
  const applied = await migrate(db);
  await ensureBuiltInPlaybooks(db);
  const login: AppLogin | null = appUrl === null ? null : loginOf(appUrl);
  return { applied, advice: await applyPrivileges(db, login) };
}
