// One order over all theses: whoever has seen a position has seen all before it, whatever commits when.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../db/connect.ts';
import { feedEnd, readFeed } from '../../db/event-feed.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../support/database.ts';
import { record } from '../support/feed-writer.ts';

let database: MigratedDatabase;
let db: Db;

beforeAll(async () => {
  database = await createMigratedDatabase({ poolSize: 12 });
  ({ db } = database);
});

afterAll(() => database.close());

test('an empty ledger ends at 0, and events of many theses get positions without a gap', async () => {
  expect(await feedEnd(db)).toBe(0);
  const theses = Array.from({ length: 10 }, (_, index) => `thesis-${index}`);
  let [watching, seen] = [true, 0];
  const reader = (async () => {
    while (watching) {
      for (const { position } of await readFeed(db, { after: seen, limit: 3 })) {
        expect(position).toBe(seen + 1);
        seen = position;
      }
    }
  })();
  await Promise.all(
    theses.map(async (thesisId) => {
      for (let sequence = 1; sequence <= 10; sequence += 1) await record(db, thesisId, sequence);
    }),
  ).finally(() => {
    watching = false;
  });
  await reader;
  const entries = await readFeed(db, { after: 0, limit: 1_000 });
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, index) => index + 1));
  for (const thesis of theses) {
    const own = entries.filter(({ thesisId }) => thesisId === thesis);
    expect(own.map(({ recorded }) => recorded.sequence)).toEqual(own.map((_, index) => index + 1));
  }
});

test('a transaction that fails leaves no gap, and one that is slow keeps nobody waiting and comes after them', async () => {
  const end = await feedEnd(db);
  const written = signal();
  const release = signal();
  const slow = record(db, 'slow', 1, () => {
    written.give();
    return release.given;
  });
  await written.given;
  const failing = record(db, 'failing', 1, () => Promise.reject(new Error('no')));
  const refused = expect(failing).rejects.toThrow('no');
  await record(db, 'other', 1);
  expect(await feedEnd(db)).toBe(end + 1);
  release.give();
  await Promise.all([slow, refused]);
  const entries = await readFeed(db, { after: end, limit: 10 });
  expect(entries.map(({ position, thesisId }) => [position, thesisId])).toEqual([
    [end + 1, 'other'],
    [end + 2, 'slow'],
  ]);
});

/** A promise that is kept from outside. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
