// Comma-separated text as RFC 4180 has it, safe to open in a spreadsheet: no text that somebody typed in can become
// a formula there. Knows nothing about what the columns mean.

export type Cell = string | number | null;

const NUMBER = /^-?\d+(\.\d+)?$/;

/** What spreadsheets take for the beginning of a formula, in its plain and its full-width forms. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Header and rows, each ended by CRLF; null is an empty cell. */
export function csv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

/** An apostrophe keeps a spreadsheet from evaluating a text; plain numbers, negative ones too, stay as they are. */
function field(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
