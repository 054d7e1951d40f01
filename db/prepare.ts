// Makes a database ready for this version of the code: migrations, then the built-in playbooks. Safe to run again,
// and by several processes at once.

import type { Db } from './connect.ts';
import { migrate } from './migrate.ts';
import { ensureBuiltInPlaybooks } from './playbooks.ts';

/** Returns the names of the migrations that were applied now. */
export async function prepareDatabase(db: Db): Promise<string[]> {
  const applied = await migrate(db);
  await ensureBuiltInPlaybooks(db);
  return applied;
}
