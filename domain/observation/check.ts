// Decides whether one row, as a source sent it, is an observation: every field, the sums its metric needs, and sums
// that no data could give. Pure, and its messages never repeat a value: they may end in a log or a report.

import { type Instant, instant } from '../duration.ts';
import {
  EVIDENCE_GRADES,
  type EvidenceGrade,
  FINALITIES,
  MISSING_REASONS,
  type Observation,
  type ObservedSums,
} from '../evidence.ts';
import { isMetric, isObserved, METRICS, type Metric, type MetricForm } from '../metric.ts';
import type { Currency } from '../money.ts';
import type { FieldError } from '../refusal.ts';
import { checkCovariate } from './covariate.ts';
import { checkSums } from './sums.ts';

/** What a row is judged by, beside itself. */
export interface ObservationRules {
  /** The thesis's currency: the only one in which its amounts are kept. */
  readonly currency: Currency;
  /** Thesis time. A period that has not begun by then cannot have been observed. */
  readonly now: Instant;
  /** `declared` evidence comes from people, through a door that asks for author and method. */
  readonly evidence: 'measured' | 'declared';
}

/** The fields of a row. `n`, `sum`, `sumSquares`, `covariate` and `currency` as the metric needs them, or `missing`. */
const OBSERVATION_FIELDS = [
  'rowKey',
  'metric',
  'from',
  'to',
  'arm',
  'channel',
  'market',
  'n',
  'sum',
  'sumSquares',
  'covariate',
  'currency',
  'missing',
  'grade',
  'finality',
] as const;

export const MAXIMUM_ROW_KEY = 300;
export const MAXIMUM_NAME = 64;

/** Notes a fault of a field and gives null, so that a reader can `return note(...)`. */
export type Note = (path: string, message: string) => null;

/** The observation, or all that is wrong with the row. Decimals are text or JSON numbers in plain notation. */
export function checkObservation(row: unknown, rules: ObservationRules): Observation | FieldError[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    return [{ path: '$', message: 'Must be an object.' }];
  }
  const fields = new Map<string, unknown>(Object.entries(row));
  const errors: FieldError[] = [];
  const note: Note = (path, message) => {
    errors.push({ path, message });
    return null;
  };
  const known = fieldsOf(rules.evidence);
  for (const name of fields.keys()) if (!known.includes(name)) note(name, 'This field is not known.');

  const metric = readMetric(fields.get('metric'), note);
  const period = readPeriod(fields, rules.now, note);
  const [arm, channel, market] = ['arm', 'channel', 'market'].map((name) => readName(fields, name, note));
  const grade = readGrade(fields.get('grade') ?? null, rules.evidence, note);
  const unsaid = rules.evidence === 'declared' ? 'final' : 'provisional';
  const finality = oneOf(FINALITIES, 'finality', fields.get('finality') ?? unsaid, note);
  const value = metric === null ? null : readValue(fields, metric, rules.currency, note);
  const givenKey = readText(fields.get('rowKey') ?? null, 'rowKey', MAXIMUM_ROW_KEY, note);
  if (errors.length > 0 || !metric || !period || !grade || !finality || !value) return errors;

  const dimensions = { arm: arm ?? null, channel: channel ?? null, market: market ?? null };
  const rowKey = givenKey ?? defaultRowKey(metric, period.from, period.to, dimensions);
  return { rowKey, metric, ...period, ...dimensions, value, grade, finality };
}

/** Declared evidence has its keys from its submission, and nobody restates it. */
function fieldsOf(evidence: ObservationRules['evidence']): readonly string[] {
  if (evidence === 'measured') return OBSERVATION_FIELDS;
  return OBSERVATION_FIELDS.filter((name) => name !== 'rowKey' && name !== 'finality');
}

/** The key of a row that has none of its own: what it is about. */
function defaultRowKey(
  metric: Metric,
  from: Instant,
  to: Instant,
  { arm, channel, market }: Pick<Observation, 'arm' | 'channel' | 'market'>,
): string {
  return JSON.stringify([metric, from, to, arm, channel, market]);
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** An ISO 8601 date (its midnight in UTC) or an instant with its zone; null for anything else. */
export function readInstant(value: unknown): Instant | null {
  if (typeof value !== 'string' || !INSTANT.test(value)) return null;
  const [year, month, day] = value.slice(0, 10).split('-').map(Number);
  // Date.parse rolls 31 April over into May.
  const calendar = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  const at = Date.parse(value);
  if (Number.isNaN(at) || calendar.getUTCMonth() + 1 !== month) return null;
  return instant(at);
}

function readMetric(value: unknown, note: Note): Metric | null {
  if (typeof value !== 'string' || !isMetric(value)) {
    return note('metric', 'No metric has this name; GET /v1/metrics-catalogue lists them.');
  }
  if (isObserved(value)) return value;
  const shape: MetricForm = METRICS[value].shape;
  const instead =
    shape.form === 'ratio'
      ? `a ratio: send ${shape.numerator} and ${shape.denominator} instead`
      : 'computed from other sums: send revenue, costs, spend and new_customers instead';
  return note('metric', `${value} is ${instead}.`);
}

function readPeriod(
  fields: ReadonlyMap<string, unknown>,
  now: Instant,
  note: Note,
): { from: Instant; to: Instant } | null {
  const [from, to] = ['from', 'to'].map((name) => {
    const at = readInstant(fields.get(name));
    return at ?? note(name, 'Must be an ISO 8601 date, or a date and time with its zone.');
  });
  if (!from || !to) return null;
  if (to <= from) return note('to', 'Must be after `from`: the period ends where the next one begins.');
  if (from > now) return note('from', "The period has not begun, by the thesis's clock.");
  return { from, to };
}

function readName(fields: ReadonlyMap<string, unknown>, name: string, note: Note): string | null {
  return readText(fields.get(name) ?? null, name, MAXIMUM_NAME, note);
}

function readText(value: unknown, path: string, maximum: number, note: Note): string | null {
  if (value === null) return null;
  const fits = typeof value === 'string' && value.length > 0 && value.length <= maximum;
  if (fits && !/[\p{Cc}\p{Cs}]/u.test(value)) return value;
  return note(path, `Must be a text of 1 to ${maximum} printable characters.`);
}

function readGrade(value: unknown, evidence: ObservationRules['evidence'], note: Note): EvidenceGrade | null {
  if (value === null) return evidence === 'declared' ? 'declared' : 'attributed';
  const grade = oneOf(EVIDENCE_GRADES, 'grade', value, note);
  if (evidence === 'declared' && grade !== null && grade !== 'declared') {
    return note('grade', 'What people declare has the grade declared.');
  }
  if (evidence === 'measured' && grade === 'declared') {
    return note('grade', 'Declared evidence has an author: POST it to /v1/theses/{id}/evidence.');
  }
  return grade;
}

function readValue(
  fields: ReadonlyMap<string, unknown>,
  metric: Metric,
  currency: Currency,
  note: Note,
): ObservedSums | Extract<Observation['value'], { missing: unknown }> | null {
  const reason = fields.get('missing') ?? null;
  if (reason === null) return readSums(fields, metric, currency, note);
  const sums = ['n', 'sum', 'sumSquares', 'covariate'];
  const contradicted = sums.some((name) => (fields.get(name) ?? null) !== null);
  if (contradicted) return note('missing', 'A missing value has no n, sum, sumSquares or covariate.');
  const missing = oneOf(MISSING_REASONS, 'missing', reason, note);
  return missing === null ? null : { missing };
}

function readSums(
  fields: ReadonlyMap<string, unknown>,
  metric: Metric,
  currency: Currency,
  note: Note,
): ObservedSums | null {
  const sums = checkSums(metric, fields, currency, note);
  const given = fields.get('covariate') ?? null;
  // Absent and not null: a row without a covariate keeps the content hash that it has always had.
  if (given === null) return sums;
  const covariate = checkCovariate(metric, given, sums, note);
  return sums === null || covariate === null ? null : { ...sums, covariate };
}

function oneOf<T extends string>(known: readonly T[], path: string, value: unknown, note: Note): T | null {
  const found = known.find((candidate) => candidate === value);
  return found ?? note(path, `Must be one of: ${known.join(', ')}.`);
}
