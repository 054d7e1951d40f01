// What Jalon asks of a system that holds figures: plan a pull, give it page by page, say how final it is, and fail
// with a kind that tells what to do. Knows no vendor, no workflow engine and no database of ours.

import type { Instant } from '../../domain/duration.ts';
import type { Observation } from '../../domain/evidence.ts';
import type { Metric } from '../../domain/metric.ts';
import type { Currency } from '../../domain/money.ts';

/** What is wanted of a source: each metric over a period of its own. */
export interface PullRequest {
  readonly metrics: readonly { readonly metric: Metric; readonly from: Instant }[];
  readonly to: Instant;
  /** Values of the source's named parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly currency: Currency;
  /** Thesis time: a period that ends later is not closed and is left for another pull. */
  readonly now: Instant;
  /** Periods that end by then will not be pulled again: their figures are final. */
  readonly finalBy: Instant;
}

/** One call, or series of calls, that gives one metric over one period: from (included) to (excluded). */
export interface MetricQuery {
  readonly metric: Metric;
  readonly from: Instant;
  readonly to: Instant;
}

/** Where a query's reading stands: text that only the connector understands and that outlives the process. */
export type Cursor = string;

export interface Page {
  readonly rows: readonly Observation[];
  /** Reading on from here gives the rows after this page; null on the last page. */
  readonly next: Cursor | null;
}

export interface CallContext {
  /** The reading stops when it is aborted. */
  readonly signal: AbortSignal;
}

/** A connected system, for the length of one collection. */
export interface MetricSource {
  /** Splits a pull into queries. Pure: the same request gives the same list, so that a query's index is a place. */
  plan(request: PullRequest): readonly MetricQuery[];
  /**
   * The pages of a query, after a cursor that an earlier reading gave, in an order that does not depend on when it is
   * read. Throws ConnectorError and nothing else for what the system does.
   */
  pages(
    query: MetricQuery,
    request: PullRequest,
    after: Cursor | null,
    context: CallContext,
  ): AsyncIterable<Page>;
  close(): Promise<void>;
}

/** Everything that can go wrong with another system, by what follows from it. */
export const CONNECTOR_ERRORS = [
  /** The credential ran out and can be renewed. */
  'auth_expired',
  /** The credential is not, or no longer, accepted. */
  'auth_revoked',
  /** The credential is good and may not read this. */
  'forbidden',
  'invalid_request',
  'not_found',
  /** Too many requests at once: soon possible again. */
  'rate_limited',
  /** The allowance of a day or a month is used up. */
  'quota_exhausted',
  /** More than may be read at once: nothing was taken. */
  'too_large',
  /** The interface's version is no longer served. */
  'version_sunset',
  /** The figures of the period are not computed yet. */
  'not_ready',
  /** The system or the network failed: the same call may succeed. */
  'transient',
  /** A write whose answer was lost: look before writing again. */
  'outcome_unknown',
  /** The system answered with something that the connector cannot take for figures. */
  'contract_broken',
] as const;

export type ConnectorErrorKind = (typeof CONNECTOR_ERRORS)[number];

/** What a connector throws. The message is fit for anybody: no credential, no SQL value, no figure. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly kind: ConnectorErrorKind;
  /** When it may be possible again, where the system says so. */
  readonly retryAt: Instant | null;

  constructor(
    kind: ConnectorErrorKind,
    message: string,
    options: { readonly retryAt?: Instant; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAt = options.retryAt ?? null;
  }
}
