// Reads the data files that lie beside the reference vectors. They are read in place and never copied.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rows of `data/<name>` under the folder of the vectors, by column; null when there is no such file. */
export function dataTable(directory: string, name: string, separator = ','): Record<string, string>[] | null {
  const path = join(directory, 'data', name);
  if (!existsSync(path)) return null;
  const [header = '', ...rows] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const cells = (line: string) => line.split(separator).map((cell) => cell.replace(/^"(.*)"$/, '$1'));
  const columns = cells(header);
  return rows.map((row) => {
    const values = cells(row);
    return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
  });
}

/** Outcome by unit (first seen first) and period (ascending). */
export interface OutcomePanel {
  readonly units: readonly string[];
  readonly periods: readonly string[];
  readonly y: readonly (readonly number[])[];
}

/** A table of one row a unit and period as a balanced panel; throws when a cell is missing. */
export function panelOf(
  rows: readonly Readonly<Record<string, string>>[],
  names: { readonly unit: string; readonly period: string; readonly outcome: string },
): OutcomePanel {
  const cells = new Map<string, number>();
  for (const row of rows) cells.set(`${row[names.unit]}|${row[names.period]}`, Number(row[names.outcome]));
  const distinct = (name: string) => [...new Set(rows.map((row) => row[name] ?? ''))];
  const [units, periods] = [distinct(names.unit), distinct(names.period).sort()];
  const y = units.map((unit) =>
    periods.map((period) => {
      const value = cells.get(`${unit}|${period}`);
      if (value === undefined) throw new Error(`no row for ${unit} in ${period}`);
      return value;
    }),
  );
  return { units, periods, y };
}
