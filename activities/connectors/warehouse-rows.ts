// From a row of a warehouse's query to an observation: which columns a query may return and how each is read. Numbers
// are taken as their text; a message names the metric and the column, never what stands in it.

import type { ConnectionQuery } from '../../domain/connection.ts';
import { DAY, later } from '../../domain/duration.ts';
import type { Observation } from '../../domain/evidence.ts';
import { parseExactly } from '../../domain/exact-json.ts';
import { roundedDecimal, sum } from '../../domain/money.ts';
import { checkObservation, readInstant } from '../../domain/observation/check.ts';
import { ConnectorError, type PullRequest } from './port.ts';

/** What identifies a row and puts it in order: its own key first, then all that it is about. */
export const KEY_COLUMNS = [
  'row_key',
  'day',
  'period_from',
  'period_to',
  'arm',
  'channel',
  'market',
] as const;

const COVARIATE_COLUMNS = ['covariate_sum', 'covariate_sum_squares', 'covariate_sum_of_products'] as const;

const VALUE_COLUMNS = ['n', 'sum', 'sum_squares', ...COVARIATE_COLUMNS, 'currency', 'missing'] as const;

const COLUMNS: readonly string[] = [...KEY_COLUMNS, ...VALUE_COLUMNS];

/** The observation of a row in JSON text; none while its period is not closed. Throws `contract_broken`. */
export function readRow(
  text: string,
  { metric, grade = 'attributed' }: ConnectionQuery,
  { currency, now, finalBy }: PullRequest,
): Observation[] {
  const columns = new Map<string, unknown>(Object.entries(parseExactly(text) ?? {}));
  const unknown = [...columns.keys()].find((name) => !COLUMNS.includes(name));
  if (unknown !== undefined) throw broken(metric, unknown, `Not a column of figures: ${COLUMNS.join(', ')}.`);
  const period = readPeriod(columns, metric);
  if (period.to > now) return [];
  const key = columns.get('row_key');
  const row = {
    // Keys are unique in a source; the metric keeps two queries with like keys apart.
    rowKey: typeof key === 'string' ? `${metric}:${key}` : null,
    metric,
    ...period,
    arm: columns.get('arm'),
    channel: columns.get('channel'),
    market: columns.get('market'),
    n: decimal(columns.get('n'), 10),
    sum: decimal(columns.get('sum'), 10),
    sumSquares: decimal(columns.get('sum_squares'), 20),
    covariate: covariateOf(columns),
    currency: columns.get('currency'),
    missing: columns.get('missing'),
    grade,
    finality: period.to <= finalBy ? 'final' : 'provisional',
  };
  const checked = checkObservation(row, { currency, now, evidence: 'measured' });
  if (!Array.isArray(checked)) return [checked];
  const [fault] = checked;
  throw broken(metric, fault?.path ?? '$', fault?.message ?? 'Not an observation.');
}

/** Whether two keys, as JSON text, are of the same figure: an own key decides alone. */
export function sameRow(a: string, b: string): boolean {
  if (a === b) return true;
  const [keyA, keyB] = [a, b].map((text): unknown => JSON.parse(text)?.[0]);
  return keyA !== '' && keyA === keyB;
}

/** Null where the row has none; in part, it goes on to be refused. */
function covariateOf(columns: ReadonlyMap<string, unknown>): object | null {
  if (COVARIATE_COLUMNS.every((name) => (columns.get(name) ?? null) === null)) return null;
  return {
    sum: decimal(columns.get('covariate_sum'), 10),
    sumSquares: decimal(columns.get('covariate_sum_squares'), 20),
    sumOfProducts: decimal(columns.get('covariate_sum_of_products'), 20),
  };
}

function readPeriod(
  columns: ReadonlyMap<string, unknown>,
  metric: string,
): { readonly from: string; readonly to: string } {
  const day = columns.get('day') ?? null;
  if (day !== null) {
    const from = readInstant(typeof day === 'string' ? day.slice(0, 10) : day);
    if (from === null) throw broken(metric, 'day', 'Must be a date.');
    return { from, to: later(from, DAY) };
  }
  const [from, to] = ['period_from', 'period_to'].map((column) => {
    const at = readInstant(inUtc(columns.get(column)));
    if (at === null) throw broken(metric, column, 'Must be a date or a time, unless there is a `day`.');
    return at;
  });
  return { from: from ?? '', to: to ?? '' };
}

/** A timestamp without a zone is in UTC, the zone of the session. */
function inUtc(value: unknown): unknown {
  return typeof value === 'string' && /T[\d:.]+$/.test(value) ? `${value}Z` : value;
}

const FLOATING = /^-?\d+(\.\d+)?(e[+-]?\d{1,2})?$/i;

/** Floating-point sums come with exponents and with more decimals than are kept: both end here. */
function decimal(value: unknown, decimals: number): unknown {
  if (typeof value !== 'string' || !FLOATING.test(value)) return value;
  return sum([roundedDecimal(value, decimals)]);
}

function broken(metric: string, column: string, message: string): ConnectorError {
  return new ConnectorError('contract_broken', `The query of ${metric}, ${column}: ${message}`);
}
