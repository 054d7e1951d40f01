// Every test database is new, empty and removable while somebody is still connected to it.
import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';

test('a test database is its own and can be dropped under an open session', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  expect(one.name).not.toBe(other.name);
  const client = new pg.Client({ connectionString: one.url });
  const ended = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  const { rows } = await client.query('select current_database() as name');
  expect(rows).toEqual([{ name: one.name }]);
  await Promise.all([one.drop(), other.drop()]);
  await ended;
  const refused = new pg.Client({ connectionString: one.url });
  await expect(refused.connect()).rejects.toThrow('does not exist');
});
