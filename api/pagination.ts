// Pages of a list, by an opaque cursor that holds the last row's key: rows added meanwhile neither repeat nor hide
// others, whatever the size of the list.

import { z } from '@hono/zod-openapi';
import { Problem } from './problem.ts';

const MAXIMUM = 200;

/** The query of a list: spread it into a route's own query, or use it as it is. */
export const pageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAXIMUM)
    .default(50)
    .openapi({ description: 'Items on the page.' }),
  cursor: z
    .string()
    .max(1_000)
    .optional()
    .openapi({ description: '`next` of the page before; absent for the first page.' }),
});

/** The schema of a page of `item`. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: 'Cursor of the next page; null on the last one.' }),
  });
}

/** A page from rows read with `limit + 1`: the row too many only tells that there is more. */
export function page<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly string[]) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next = rows.length > limit && last !== undefined ? encode(keyOf(last)) : null;
  return { items, next };
}

/** What a part of a key may be, so that PostgreSQL can compare it with its column. */
const READS = {
  text: (part: string) => !part.includes('\0'),
  instant: (part: string) => /^[1-9]\d{3}-/.test(part) && isInstant(part),
  integer: (part: string) => /^\d{1,9}$/.test(part),
  bigint: (part: string) => /^\d{1,18}$/.test(part),
} as const;

type PartKind = keyof typeof READS;

/** The key that a cursor holds, its parts being of the kinds of this list's key; null for the first page. */
export function cursorKey<K extends readonly PartKind[]>(
  cursor: string | undefined,
  ...kinds: K
): { readonly [I in keyof K]: string } | null {
  if (cursor === undefined) return null;
  const key = decode(cursor);
  if (isOf(key, kinds)) return key;
  const fields = [
    { path: 'query.cursor', message: 'Not a cursor of this list: use `next` as it was given.' },
  ];
  throw new Problem('invalid_input', 'The cursor is not valid.', { fields });
}

function isOf<K extends readonly PartKind[]>(
  key: readonly string[],
  kinds: K,
): key is { readonly [I in keyof K]: string } {
  return key.length === kinds.length && kinds.every((kind, index) => READS[kind](key[index] ?? ''));
}

/** As a key has it: a day that no month has is taken for another one by Date, and refused by PostgreSQL. */
function isInstant(part: string): boolean {
  const time = new Date(part);
  return !Number.isNaN(time.getTime()) && time.toISOString() === part;
}

function encode(key: readonly string[]): string {
  return Buffer.from(key.map(encodeURIComponent).join('&')).toString('base64url');
}

function decode(cursor: string): string[] {
  try {
    return Buffer.from(cursor, 'base64url').toString('utf8').split('&').map(decodeURIComponent);
  } catch {
    return [];
  }
}
