// Decides whether a connection's queries may be stored: each a single reading statement with the parameters it must
// have. A first fence only; the reading itself runs read-only, wrapped and timed, by a role that should see little.

import { EVIDENCE_GRADES } from '../../domain/evidence.ts';
import { isMetric, isObserved } from '../../domain/metric.ts';
import type { FieldError } from '../../domain/refusal.ts';
import { readSql, type SqlPiece, UnfinishedSql } from './sql-text.ts';

/** A query as it comes in: not yet known to name a metric. */
export interface ProposedQuery {
  readonly metric: string;
  readonly sql: string;
  readonly parameters?: readonly string[] | undefined;
  readonly grade?: string | undefined;
}

const PERIOD = ['from', 'to'] as const;
const MAXIMUM_SQL = 20_000;
const MAXIMUM_QUERIES = 100;

/** Functions that read files, open connections, touch other sessions, wait, run SQL of their own, or leave something behind. */
const FORBIDDEN_FUNCTIONS = new RegExp(
  `^(${[
    'pg_read_.*',
    'pg_ls_.*',
    'pg_stat_file',
    'pg_current_logfile',
    'pg_file_.*',
    'lo_.*',
    'loread',
    'lowrite',
    'dblink.*',
    'postgres_fdw_.*',
    'http.*',
    'pg_sleep.*',
    'pg_(terminate|cancel)_backend',
    'pg_(reload_conf|rotate_logfile|promote|notify|switch_wal|hba_file_rules)',
    'pg_(advisory|try_advisory)_.*',
    'pg_(create|drop|copy|logical|replication|export|import)_.*',
    'set_config',
    'setval',
    'nextval',
    '(query|cursor|table|schema|database)_to_xml.*',
    'ts_(stat|rewrite)',
    'crosstab.*',
    'connectby',
    'pg_(stat_reset|log_backend|backup|wal_replay|start_backup|stop_backup|prewarm).*',
    'query_export_to_s3',
    'table_import_from_s3',
    'invoke',
  ].join('|')})$`,
);

/** Statements that write, where a statement can begin. */
const WRITING = new Set(['insert', 'update', 'delete', 'merge', 'copy', 'truncate', 'call', 'do']);

/** All that is wrong with a connection's queries; paths are relative to the list: `[0].sql`. */
export function checkQueries(queries: readonly ProposedQuery[]): FieldError[] {
  if (queries.length > MAXIMUM_QUERIES) {
    return [{ path: '$', message: `A connection has at most ${MAXIMUM_QUERIES} queries.` }];
  }
  return queries.flatMap((query, index) => {
    const errors = checkQuery(query);
    const repeated = queries.findIndex(({ metric }) => metric === query.metric) < index;
    if (repeated)
      errors.push({ path: 'metric', message: 'Another query of the connection gives this metric.' });
    return errors.map(({ path, message }) => ({ path: `[${index}].${path}`, message }));
  });
}

/** All that is wrong with one query; paths are its fields. */
export function checkQuery({ metric, sql, parameters, grade }: ProposedQuery): FieldError[] {
  const errors: FieldError[] = [];
  if (!isMetric(metric) || !isObserved(metric)) {
    errors.push({ path: 'metric', message: 'Must be a metric that sources send, not a ratio or a figure.' });
  }
  const grades: readonly string[] = EVIDENCE_GRADES;
  if (grade !== undefined && (grade === 'declared' || !grades.includes(grade))) {
    errors.push({ path: 'grade', message: `Must be one of: ${grades.slice(1).join(', ')}.` });
  }
  return [...errors, ...checkSql(sql, parameters).map((message) => ({ path: 'sql', message }))];
}

/** The query's free parameters, without `from` and `to`, in the order in which the SQL names them. */
export function freeParameters(sql: string): string[] {
  const names = readSql(sql).flatMap((piece) => (piece.kind === 'parameter' ? [piece.name] : []));
  return [...new Set(names)].filter((name) => name !== 'from' && name !== 'to');
}

function checkSql(sql: string, declared: readonly string[] | undefined): string[] {
  if (sql.length > MAXIMUM_SQL) return [`Must have at most ${MAXIMUM_SQL} characters.`];
  if (sql.includes('\0')) return ['Must not contain a NUL character.'];
  try {
    const pieces = readSql(sql).filter(({ kind }) => kind !== 'space');
    return [...checkStatement(pieces), ...checkWords(pieces), ...checkParameters(sql, pieces, declared)];
  } catch (problem) {
    if (problem instanceof UnfinishedSql) return [`Must be complete: ${problem.message}.`];
    throw problem;
  }
}

function checkStatement(pieces: readonly SqlPiece[]): string[] {
  const [first] = pieces;
  if (first?.kind !== 'word' || first.quoted || (first.name !== 'select' && first.name !== 'with')) {
    return ['Must be one statement that begins with SELECT or WITH.'];
  }
  const errors: string[] = [];
  if (pieces.some(({ text }) => text === ';')) errors.push('Must be one statement, without a semicolon.');
  if (pieces.some(({ kind, text }) => kind === 'sign' && /^\$\d/.test(text))) {
    errors.push('Must name its parameters (:from) instead of numbering them.');
  }
  if (pieces.some(({ kind, text }) => kind === 'sign' && /^u&/i.test(text))) {
    errors.push('Must not use U&"..." names.');
  }
  return errors;
}

function checkWords(pieces: readonly SqlPiece[]): string[] {
  const errors = new Set<string>();
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== 'word') continue;
    const [before, after] = [pieces[index - 1]?.text, pieces[index + 1]?.text];
    if (after === '(' && FORBIDDEN_FUNCTIONS.test(piece.name.toLowerCase())) {
      errors.add(`Must not call ${piece.name.toLowerCase()}.`);
    }
    if (piece.quoted) continue;
    const begins = before === '(' || before === ')';
    if (piece.name === 'into' || (begins && after !== ',' && after !== ')' && WRITING.has(piece.name))) {
      errors.add(`Must only read: ${piece.name.toUpperCase()} writes.`);
    }
  }
  return [...errors];
}

function checkParameters(
  sql: string,
  pieces: readonly SqlPiece[],
  declared: readonly string[] | undefined,
): string[] {
  const used = pieces.flatMap((piece) => (piece.kind === 'parameter' ? [piece.name] : []));
  const missing = PERIOD.filter((name) => !used.includes(name)).map((name) => `Must use :${name}.`);
  if (declared === undefined) return missing;
  const free = freeParameters(sql);
  return [
    ...missing,
    ...free
      .filter((name) => !declared.includes(name))
      .map(
        (name) => `:${name} is not among the query's parameters (write x[1 : n] for a slice of an array).`,
      ),
    ...declared.filter((name) => !free.includes(name)).map((name) => `Must use its parameter :${name}.`),
  ];
}
