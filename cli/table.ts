// Tables that fit the terminal, whatever they are of.

import stringWidth from 'string-width';
import { facts, GAP, NARROWEST, padded, paint, plain, type Style, wrapped } from './terminal.ts';

export interface Column {
  readonly title: string;
  /** How it gives way where the width does not suffice: cut, or over several lines. Others are shown whole. */
  readonly yields?: 'cut' | 'wrap';
  readonly style?: (cell: string) => Style;
}

/** A table that fits: columns that may yield do, and where that is not enough, each row stands as a list of its own. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | null,
): string {
  const cells = rows.map((row) => row.map((cell) => plain(cell).replaceAll('\n', ' ')));
  const widths = fitted(columns, cells, width);
  if (widths === null) return cells.map((row) => stacked(columns, row, width)).join('\n\n');
  const head = columns.map(({ title }, index) => paint('dim', padded(title, widths[index] ?? 0)));
  const lines = [head, ...cells.flatMap((row) => linesOf(columns, row, widths))];
  return lines.map((line) => line.join(GAP).trimEnd()).join('\n');
}

/** A row in as many lines as its highest cell needs. */
function linesOf(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string[][] {
  const cells = columns.map(({ yields }, index) => {
    const [cell, width] = [row[index] ?? '', widths[index] ?? 0];
    return yields === 'wrap' ? wrapped(cell, width) : [cut(cell, width)];
  });
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns.map(({ style }, index) => {
      const shown = padded(cells[index]?.[line] ?? '', widths[index] ?? 0);
      return style === undefined ? shown : paint(style(row[index] ?? ''), shown);
    }),
  );
}

function fitted(columns: readonly Column[], rows: readonly (readonly string[])[], width: number | null) {
  const widths = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...rows.map((row) => stringWidth(row[index] ?? ''))),
  );
  if (width === null) return widths;
  let over = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1) - width;
  while (over > 0) {
    const widest = columns.reduce<number | null>((found, { yields }, index) => {
      if (yields === undefined || (widths[index] ?? 0) <= NARROWEST) return found;
      return found === null || (widths[index] ?? 0) > (widths[found] ?? 0) ? index : found;
    }, null);
    if (widest === null) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

function stacked(columns: readonly Column[], row: readonly string[], width: number | null): string {
  return facts(
    columns.map(({ title }, index) => [title, row[index] || null]),
    width,
  );
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let shown = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(shown + segment) > width - 1) break;
    shown += segment;
  }
  return `${shown.trimEnd()}…`;
}
