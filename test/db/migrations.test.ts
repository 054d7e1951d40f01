// Every migration file is registered, in order, and brings an empty database up to date; running again changes nothing.

import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { connect } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { createTestDatabase } from '../support/database.ts';

test('the files of db/migrations are the migrations applied to an empty database', async () => {
  const files = await readdir(new URL('../../db/migrations', import.meta.url));
  const names = files.map((file) => file.replace(/\.ts$/, '')).sort();
  const database = await createTestDatabase();
  const db = connect(database.url, { poolSize: 1 });
  try {
    expect(await migrate(db)).toEqual(names);
    expect(await migrate(db)).toEqual([]);
  } finally {
    await db.destroy();
    await database.drop();
  }
});
