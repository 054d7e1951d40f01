// JSON read without losing a digit: numbers come out as the text they were written in. For figures, which must not
// pass through a double on their way to an exact decimal.

/** The value, with each number as its source text. Throws a SyntaxError for what is not JSON. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, exact);
}

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}
