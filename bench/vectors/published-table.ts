// What a published table is, and how numbers are compared with it. Knows no table in particular.
import { type Deviation, deviationShare } from './compare.ts';
import { isRecord } from './tolerance.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface PublishedTable {
  readonly id: string;
  readonly inputs: Fields;
  readonly published: unknown;
  readonly reproduced: unknown;
}

/** What is wrong, field by field; null where the folder lacks the data. */
export type TableCheck = (table: PublishedTable, directory: string) => Deviation[] | null;

interface Allowed {
  readonly rel?: number;
  readonly abs?: number;
}

/** How far each number of `computed` is from the one of the same name in `stated`, which may hold others besides. */
export function deviationsOf(
  computed: Readonly<Record<string, number>>,
  stated: unknown,
  { rel = 0, abs = 0 }: Allowed,
): Deviation[] {
  const reference = isRecord(stated) ? stated : {};
  return Object.entries(computed).map(([field, value]) => {
    const expected = Number(reference[field]);
    const detail = `computed ${value}, published ${expected}`;
    return { field, share: deviationShare(value, expected, { rel, abs }), detail };
  });
}

/** The same for lists of numbers, which must be equally long. */
export function listDeviations(
  field: string,
  computed: readonly number[],
  stated: unknown,
  allowed: Allowed,
): Deviation[] {
  const expected: readonly unknown[] = Array.isArray(stated) ? stated : [];
  if (expected.length !== computed.length) {
    return [{ field, share: Number.POSITIVE_INFINITY, detail: `${computed.length} of ${expected.length}` }];
  }
  const named = (values: readonly unknown[]) =>
    Object.fromEntries(values.map((value, index) => [`${field}.${index}`, Number(value)]));
  return deviationsOf(named(computed), named(expected), allowed);
}
