// Turns what zod found wrong into field errors by JSON path: `stages.prototype.criteria[0].rule.bound`.

import type { z } from '@hono/zod-openapi';
import type { FieldError } from '../../domain/refusal.ts';

/** Where the fields came from: a body's fields stand by themselves, others are told apart by a prefix. */
const PREFIX: Record<string, PropertyKey[]> = {
  query: ['query'],
  param: ['path'],
  header: ['header'],
  cookie: ['cookie'],
};

export function fieldErrors(error: z.ZodError, target = 'json'): FieldError[] {
  const prefix = PREFIX[target] ?? [];
  return error.issues.flatMap((issue) =>
    expand(issue).map(({ path, message }) => ({
      path: jsonPath([...prefix, ...path]),
      message,
    })),
  );
}

/** `['a', 0, 'b']` reads `a[0].b`; the document itself reads `$`. */
export function jsonPath(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    return before === '' ? String(part) : `${before}.${String(part)}`;
  }, '');
  return text === '' ? '$' : text;
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A key that is not known is named itself, rather than the object that holds it. */
function expand(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'This field is not known.' }));
}
