// What a benchmark finds: figures, some with a bound that was promised. Printed as a table and kept as JSON.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';

export interface Finding {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What was promised of the value; absent: it is only told. */
  readonly bound?: { readonly most: number } | { readonly least: number };
  /** How the value came to be: the two sides of a ratio, the fit of a formula. */
  readonly detail?: string;
}

export function holds({ value, bound }: Finding): boolean {
  if (bound === undefined) return true;
  return 'most' in bound ? value <= bound.most : value >= bound.least;
}

export function table(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.what,
    `${short(finding.value)} ${finding.unit}`,
    promised(finding),
    finding.detail ?? '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes the findings with the machine they come from, and returns the file's path. */
export async function keep(
  folder: string,
  name: string,
  run: object,
  findings: readonly Finding[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const kept = { at: new Date().toISOString(), machine, ...run, findings };
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
  return file;
}

/** Three digits, without an exponent. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const whole = Math.abs(value) >= 100;
  return value.toLocaleString('en', whole ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

function promised(finding: Finding): string {
  const { bound } = finding;
  if (bound === undefined) return '';
  const text = 'most' in bound ? `at most ${bound.most}` : `at least ${bound.least}`;
  return `${text}: ${holds(finding) ? 'holds' : 'BROKEN'}`;
}
