// The first administrator: made once, by one process, on an empty installation.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readToken } from '../../db/api-key-check.ts';
import type { Db } from '../../db/connect.ts';
import { createFirstAdmin } from '../../db/first-admin.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';

let database: MigratedDatabase;
let db: Db;

beforeAll(async () => {
  database = await createMigratedDatabase({ poolSize: 4 });
  ({ db } = database);
});
afterAll(() => database.close());

test('of processes that start at once one gets the token, and it works', async () => {
  const made = await Promise.all([createFirstAdmin(db), createFirstAdmin(db), createFirstAdmin(db)]);
  const [token, ...others] = made.filter((one) => one !== null);
  expect(others).toEqual([]);
  expect(await readToken(db, token ?? '', new Date())).toMatchObject({
    state: 'good',
    key: { member: { memberId: 'admin', roles: ['admin'] } },
  });
  expect(await createFirstAdmin(db)).toBeNull();
});
