// The warehouse connector: any PostgreSQL, one SQL text a metric, as a role that may only read. Each query runs wrapped in
// a read-only transaction with a timeout and a row cap, is read through a server-side cursor in the order of its rows' keys, and resumes
// after a key. Values are bound, never written into the text.

import pg from 'pg';
import type { ConnectionQuery, WarehouseSettings } from '../../domain/connection.ts';
import { DAY, epoch, instant, milliseconds } from '../../domain/duration.ts';
import {
  type CallContext,
  ConnectorError,
  type Cursor,
  type MetricQuery,
  type MetricSource,
  type Page,
  type PullRequest,
} from './port.ts';
import { type BoundSql, bindNames } from './sql-text.ts';
import { warehouseError } from './warehouse-errors.ts';
import { assertOnlyReads } from './warehouse-role.ts';
import { KEY_COLUMNS, readRow, sameRow } from './warehouse-rows.ts';

/** One query asks for at most this much time: a backfill is many moderate reads instead of one that times out. */
const WINDOW_DAYS = 31;
const PAGE_ROWS = 1_000;
const CONNECT_TIMEOUT = 10_000;
/** The server enforces its timeout itself; this is for a network that swallows the answer. */
const NETWORK_GRACE = 5_000;

export interface WarehouseOptions {
  readonly settings: WarehouseSettings;
  readonly password: string;
  readonly queries: readonly ConnectionQuery[];
  /** Rows of a page; absent: 1,000. */
  readonly pageRows?: number;
}

/** A warehouse as a source. It connects at the first page and keeps one session until it is closed. */
export function openWarehouse(options: WarehouseOptions): MetricSource {
  let session: Promise<pg.Client> | null = null;
  return {
    plan: planWindows,
    pages(query, request, after, context) {
      session ??= connect(options);
      return readPages(options, session, { query, request, after, context });
    },
    async close() {
      const opened = session;
      session = null;
      // A session that never opened, or that broke, has nothing to close; its error went to the reader.
      const client = await opened?.catch(() => undefined);
      await client?.end().catch(() => undefined);
    },
  };
}

/** Each metric from the midnight (UTC) before its `from`, in windows of whole days, the last one up to `to`. */
export function planWindows({ metrics, to }: PullRequest): MetricQuery[] {
  const end = epoch(to);
  return metrics.flatMap(({ metric, from }) => {
    const windows: MetricQuery[] = [];
    const begin = Math.floor(epoch(from) / DAY) * DAY;
    for (let at = begin; at < end; at += WINDOW_DAYS * DAY) {
      const until = Math.min(at + WINDOW_DAYS * DAY, end);
      windows.push({ metric, from: instant(at), to: instant(until) });
    }
    return windows;
  });
}

async function connect({ settings, password }: WarehouseOptions): Promise<pg.Client> {
  const { host, port, database, user, tls, statementTimeout } = settings;
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    ssl: tls === 'off' ? false : { rejectUnauthorized: tls === 'verified' },
    application_name: 'jalon',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: milliseconds(statementTimeout) + NETWORK_GRACE,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text },
  });
  // A session that breaks between two queries shows at the next one; unheard, the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await assertOnlyReads(client);
    return client;
  } catch (problem) {
    await client.end().catch(() => undefined);
    throw warehouseError(problem, 'connecting');
  }
}

interface Reading {
  readonly query: MetricQuery;
  readonly request: PullRequest;
  readonly after: Cursor | null;
  readonly context: CallContext;
}

interface RawRow {
  readonly key: string;
  readonly row: string;
  readonly total: string;
}

async function* readPages(
  { settings, queries, pageRows = PAGE_ROWS }: WarehouseOptions,
  session: Promise<pg.Client>,
  { query, request, after, context }: Reading,
): AsyncGenerator<Page> {
  const client = await session;
  const configured = queries.find(({ metric }) => metric === query.metric);
  if (configured === undefined) {
    throw new ConnectorError('invalid_request', `The connection has no query for ${query.metric}.`);
  }
  const what = `reading ${query.metric}`;
  try {
    await begin(client, settings);
    await declare(client, settings, bindNames(configured.sql), { query, request, after });
    let previous = after;
    for (let last = false; !last; ) {
      context.signal.throwIfAborted();
      const { rows } = await client.query<RawRow>(`fetch ${pageRows} from figures`);
      last = rows.length < pageRows;
      checkSize(rows[0], settings, query);
      const fresh = rows.filter(({ key }, index) => !(index === 0 && key === after));
      for (const { key } of fresh) {
        if (previous !== null && sameRow(previous, key)) throw repeated(query);
        previous = key;
      }
      yield {
        rows: fresh.flatMap(({ row }) => readRow(row, configured, request)),
        next: last ? null : previous,
      };
    }
  } catch (problem) {
    if (context.signal.aborted) throw problem;
    throw warehouseError(problem, what);
  } finally {
    // On a broken session there is nothing to roll back, and the reader has the error already.
    await client.query('rollback').catch(() => undefined);
  }
}

async function begin(client: pg.Client, { statementTimeout }: WarehouseSettings): Promise<void> {
  const limit = milliseconds(statementTimeout);
  await client.query(
    `begin isolation level repeatable read read only;
     set local statement_timeout = ${limit};
     set local lock_timeout = ${limit};
     set local timezone = 'UTC';
     set local standard_conforming_strings = on`,
  );
}

/**
 * The query inside one of ours: whatever its columns, each row becomes JSON text, exact to the last digit. The count
 * over all rows tells on the first page whether the cap is exceeded, before anything is taken.
 */
async function declare(
  client: pg.Client,
  { rowCap }: WarehouseSettings,
  { text, names }: BoundSql,
  { query, request, after }: Omit<Reading, 'context'>,
): Promise<void> {
  const key = KEY_COLUMNS.map((column) => `coalesce(to_jsonb(q) ->> '${column}', '')`).join(', ');
  const from = names.length + 1;
  await client.query({
    text: `declare figures no scroll cursor for
      select key::text, row, total
      from (
        select jsonb_build_array(${key}) as key, array[${key}]::text[] collate "C" as place,
          to_jsonb(q)::text as row, count(*) over () as total
        from (select * from (
${text}
        ) as figures limit ${rowCap + 1}) as q
      ) as keyed
      where $${from}::text[] is null or place >= $${from}::text[] collate "C"
      order by place`,
    values: [...names.map((name) => parameter(name, query, request)), placeOf(after)],
  });
}

function parameter(name: string, { from, to }: MetricQuery, { parameters }: PullRequest): string {
  if (name === 'from') return from;
  if (name === 'to') return to;
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value !== undefined) return value;
  throw new ConnectorError('invalid_request', `The source gives no value to the parameter :${name}.`);
}

/** A cursor is the key of the last row read, as JSON text. */
function placeOf(after: Cursor | null): string[] | null {
  if (after === null) return null;
  const key: unknown = JSON.parse(after);
  if (Array.isArray(key) && key.every((part) => typeof part === 'string')) return key;
  throw new ConnectorError('invalid_request', 'The cursor is not one of this connector.');
}

function checkSize(first: RawRow | undefined, { rowCap }: WarehouseSettings, { metric }: MetricQuery): void {
  if (first === undefined || Number(first.total) <= rowCap) return;
  const advice = 'Aggregate more in its SQL, or raise the cap of the connection.';
  throw new ConnectorError('too_large', `The query of ${metric} gives more than ${rowCap} rows. ${advice}`);
}

function repeated({ metric }: MetricQuery): ConnectorError {
  const advice = 'Group by every dimension it returns, or give each row a row_key of its own.';
  return new ConnectorError('contract_broken', `The query of ${metric} gives one row twice. ${advice}`);
}
