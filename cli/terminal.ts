// What an operator sees: colours where there is a terminal and NO_COLOR does not forbid them, text without control
// characters of others, facts that fit the width. Knows nothing of what is shown.

import { styleText } from 'node:util';
import stringWidth from 'string-width';

export type Style = Parameters<typeof styleText>[0];

/** The width to fit into; null where nobody looks: a pipe gets whole lines. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null;
}

export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** A line of others' words: nothing in it can move the cursor, or change what stands above. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

export const GAP = '  ';

/** Nothing is made narrower than this. */
export const NARROWEST = 12;

/** A label with what it says; null: there is nothing to say, and no line. */
export type Fact = readonly [label: string, text: string | null];

/** Labels with their texts, wrapped beside them. */
export function facts(entries: readonly Fact[], width: number | null): string {
  const said = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  const wide = Math.max(...said.map(([label]) => stringWidth(label)), 0);
  const margin = wide + 2 * GAP.length;
  return said
    .map(([label, text]) => {
      const head = `${GAP}${paint('dim', padded(label, wide))}${GAP}`;
      return head + wrapped(text, width === null ? null : width - margin).join(`\n${indent(margin)}`);
    })
    .join('\n');
}

/** Others' words in lines no longer than `width`, broken between words. */
export function wrapped(text: string, width: number | null): string[] {
  const paragraphs = plain(text).split('\n');
  if (width === null) return paragraphs;
  return paragraphs.flatMap((paragraph) => {
    const lines = [''];
    for (const word of paragraph.split(' ')) {
      const last = lines.length - 1;
      const line = lines[last] === '' ? word : `${lines[last]} ${word}`;
      if (lines[last] === '' || stringWidth(line) <= Math.max(width, NARROWEST)) lines[last] = line;
      else lines.push(word);
    }
    return lines;
  });
}

export function padded(text: string, width: number): string {
  return text + indent(width - stringWidth(text));
}

function indent(width: number): string {
  return ' '.repeat(Math.max(width, 0));
}
