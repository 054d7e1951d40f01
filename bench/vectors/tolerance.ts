// Finds, in the tolerances that a vector file states, the one for a given field of a case's output.
// It only reads what the file says: tolerances written as prose are left to a judge written by hand.

/** |computed - reference| <= rel * |reference| + abs. */
interface Numeric {
  readonly rel: number;
  readonly abs: number;
}

type Tolerance =
  | { readonly kind: 'numeric'; readonly allowed: Numeric }
  | { readonly kind: 'exact' }
  | { readonly kind: 'informative' }
  | { readonly kind: 'prose'; readonly text: string };

/** For numbers about which the file states nothing. */
const UNSTATED: Tolerance = { kind: 'numeric', allowed: { rel: 1e-6, abs: 1e-9 } };

/**
 * The tolerance for the field at `path` (array indices left out, so `ci` for both bounds). Keys may list
 * several names with commas, end in `*`, or be dotted; `*` and `default` stand for everything else. A key
 * without a dot matches any segment of the path, the deepest one first, and a full name before a prefix.
 */
export function toleranceFor(stated: unknown, path: readonly string[]): Tolerance {
  let best: { readonly score: number; readonly value: unknown } | undefined;
  for (const [keys, value] of Object.entries(isRecord(stated) ? stated : {})) {
    for (const key of keys.split(',')) {
      const score = specificity(key.trim(), path);
      if (score > (best?.score ?? 0)) best = { score, value };
    }
  }
  return best === undefined ? UNSTATED : asTolerance(best.value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** 0 when the key does not match; otherwise higher for the more specific key. */
function specificity(key: string, path: readonly string[]): number {
  if (key === '*' || key === 'default') return 1;
  if (key.includes('.')) return `.${path.join('.')}`.endsWith(`.${key}`) ? 1e6 : 0;
  let score = 0;
  path.forEach((segment, depth) => {
    if (segment === key) score = Math.max(score, 1e4 * (depth + 2));
    if (key.endsWith('*') && segment.startsWith(key.slice(0, -1))) {
      score = Math.max(score, 100 * (depth + 1) + key.length);
    }
  });
  return score;
}

function asTolerance(value: unknown): Tolerance {
  if (isRecord(value)) {
    return { kind: 'numeric', allowed: { rel: Number(value.rel ?? 0), abs: Number(value.abs ?? 0) } };
  }
  const text = String(value);
  if (text === 'exact') return { kind: 'exact' };
  return text.startsWith('informative') ? { kind: 'informative' } : { kind: 'prose', text };
}
