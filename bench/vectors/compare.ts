// What an adapter is, and how its output is compared with a reference case, field by field.
// The rules come from the vector file; nothing here knows a formula or a topic.
import { isRecord, toleranceFor } from './tolerance.ts';

/** One reference case as it stands in a vector file. */
export interface VectorCase {
  readonly id: string;
  readonly in: unknown;
  readonly out: unknown;
  /** Marks a case in which the reference itself fails. */
  readonly reference_crashes?: unknown;
}

export interface VectorFile {
  readonly topic: string;
  readonly tolerance: unknown;
  readonly cases: readonly VectorCase[];
}

/** What an adapter may need beside the case's input. */
export interface CaseContext {
  /** The whole case: only to see which figures it asks for, never to copy one. */
  readonly vector: VectorCase;
  /** The folder of the vector files, for cases that point to a data file in it. */
  readonly directory: string;
}

/**
 * Judges one field by hand: the deviation as a share of what is allowed, so that 1 is the limit. Receives
 * the value at the judged path, the reference there, and both whole outputs.
 */
export type Judge = (
  computed: unknown,
  reference: unknown,
  whole: { readonly computed: unknown; readonly reference: unknown },
) => number;

/**
 * Computes what a topic's cases expect, in the same shape as `out`. `compute` is declared as a method so
 * that each adapter can state the type of its own input.
 */
export interface Adapter {
  compute(input: unknown, context: CaseContext): unknown;
  /** By dotted path without array indices; takes the place of the file's tolerance there. */
  readonly judges?: Readonly<Record<string, Judge>>;
  /** Fields of `out` that are not compared, each with the reason. */
  readonly ignored?: Readonly<Record<string, string>>;
  /** For outputs that are a bare value: the name under which the file states its tolerance. */
  rootField?(input: unknown): string;
}

/** Adapters by topic. */
export type AdapterTable = Readonly<Record<string, Adapter>>;

/** One field's deviation, 1 being the limit of what is allowed. */
export interface Deviation {
  readonly field: string;
  readonly share: number;
  readonly detail: string;
}

/** Runs one case; every compared field gives a deviation, and a thrown error an infinite one. */
export function runCase(
  file: VectorFile,
  vector: VectorCase,
  adapter: Adapter,
  directory: string,
): Deviation[] {
  const context = { vector, directory };
  let computed: unknown;
  try {
    computed = adapter.compute(vector.in, context);
  } catch (error) {
    return [{ field: '(whole case)', share: Number.POSITIVE_INFINITY, detail: String(error) }];
  }
  const root = adapter.rootField === undefined ? [] : [adapter.rootField(vector.in)];
  const deviations: Deviation[] = [];
  const whole = { computed, reference: vector.out };
  visit({ file, adapter, whole, deviations }, root, root, computed, vector.out);
  return deviations;
}

interface Walk {
  readonly file: VectorFile;
  readonly adapter: Adapter;
  readonly whole: { readonly computed: unknown; readonly reference: unknown };
  readonly deviations: Deviation[];
}

/** `path` leaves array indices out and decides the rule; `shown` keeps them for the report. */
function visit(
  walk: Walk,
  path: readonly string[],
  shown: readonly string[],
  computed: unknown,
  reference: unknown,
): void {
  const name = path.join('.');
  if (walk.adapter.ignored?.[name] !== undefined) return;
  const judge = walk.adapter.judges?.[name];
  if (judge !== undefined) {
    record(walk, shown, judge(computed, reference, walk.whole), computed, reference);
  } else if (Array.isArray(reference)) {
    visitArray(walk, path, shown, computed, reference);
  } else if (isRecord(reference)) {
    const fields = isRecord(computed) ? computed : {};
    for (const [key, value] of Object.entries(reference)) {
      visit(walk, [...path, key], [...shown, key], fields[key], value);
    }
  } else {
    visitLeaf(walk, path, shown, computed, reference);
  }
}

function visitArray(
  walk: Walk,
  path: readonly string[],
  shown: readonly string[],
  computed: unknown,
  reference: readonly unknown[],
): void {
  if (toleranceFor(walk.file.tolerance, path).kind === 'informative') return;
  if (!Array.isArray(computed) || computed.length !== reference.length) {
    record(walk, shown, Number.POSITIVE_INFINITY, computed, reference);
    return;
  }
  reference.forEach((value, index) => {
    visit(walk, path, [...shown, String(index)], computed[index], value);
  });
}

function visitLeaf(
  walk: Walk,
  path: readonly string[],
  shown: readonly string[],
  computed: unknown,
  reference: unknown,
): void {
  const tolerance = toleranceFor(walk.file.tolerance, path);
  if (tolerance.kind === 'informative') return;
  const expected = asNumber(reference);
  if (expected === undefined || tolerance.kind === 'exact') {
    const value = expected ?? reference;
    record(walk, shown, computed === value ? 0 : Number.POSITIVE_INFINITY, computed, reference);
  } else if (tolerance.kind === 'prose') {
    const detail = `the tolerance is prose and has no judge: ${tolerance.text}`;
    walk.deviations.push({ field: shown.join('.'), share: Number.POSITIVE_INFINITY, detail });
  } else {
    record(walk, shown, deviationShare(computed, expected, tolerance.allowed), computed, reference);
  }
}

/** |computed - reference| as a share of rel * |reference| + abs; infinite when it is not a number. */
export function deviationShare(
  computed: unknown,
  reference: number,
  allowed: { readonly rel: number; readonly abs: number },
): number {
  if (typeof computed !== 'number' || Number.isNaN(computed)) return Number.POSITIVE_INFINITY;
  if (computed === reference) return 0;
  const share = Math.abs(computed - reference) / (allowed.rel * Math.abs(reference) + allowed.abs);
  return Number.isNaN(share) ? Number.POSITIVE_INFINITY : share;
}

/** The number that a value of a vector file stands for; infinities are written as strings. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  return value === '-Infinity' ? Number.NEGATIVE_INFINITY : undefined;
}

function record(
  walk: Walk,
  shown: readonly string[],
  share: number,
  computed: unknown,
  reference: unknown,
): void {
  const detail = `computed ${brief(computed)}, reference ${brief(reference)}`;
  walk.deviations.push({ field: shown.join('.') || '(value)', share, detail });
}

function brief(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
