// One text for one JSON value, whatever the order of its keys: what every hash in Jalon is taken over.

/**
 * JSON with keys in code-unit order and no white space (the rules of RFC 8785 for the plain values used here).
 * Throws a TypeError for what JSON cannot carry: NaN, infinities, bigints, functions.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object') {
    const members: string[] = [];
    // Called for each of a hundred thousand rows: keys are sorted as they are, without pairs made of them.
    for (const key of Object.keys(value).sort()) {
      const member: unknown = Reflect.get(value, key);
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonical(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`not a JSON value: ${typeof value}`);
}
