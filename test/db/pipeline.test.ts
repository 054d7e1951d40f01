// Statements that are sent together: in their order, all or none, and the one that failed says why.

import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect, type Db } from '../../db/connect.ts';
import { pipelined } from '../../db/pipeline.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect(database.url, { poolSize: 1 });
});

afterAll(async () => {
  await db.destroy();
  await database.drop();
});

beforeEach(async () => {
  await sql`drop table if exists step`.execute(db);
  await sql`create table step (number integer primary key, before integer not null)`.execute(db);
});

test('what is sent together is done in order, also where one of it takes long', async () => {
  await steps([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 6]);
  expect(await noted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({ number, before: number })));
});

test('one that fails says why, leaves nothing of the others, and its connection serves the next', async () => {
  await expect(steps([0, 1, 1, 2])).rejects.toMatchObject({ constraint: 'step_pkey' });
  expect(await noted()).toEqual([]);
  await steps([0]);
  expect(await noted()).toHaveLength(1);
});

/** Each step notes how many came before it. */
function steps(numbers: readonly number[], slow: readonly number[] = []): Promise<void> {
  return db.transaction().execute((trx) =>
    pipelined(
      numbers.map((number) => ({
        execute: () =>
          sql`insert into step select ${number}, (select count(*) from step)
          from pg_sleep(${slow.includes(number) ? 0.05 : 0})`.execute(trx),
      })),
    ),
  );
}

async function noted(): Promise<unknown[]> {
  const { rows } = await sql`select number, before from step order by number`.execute(db);
  return rows;
}
