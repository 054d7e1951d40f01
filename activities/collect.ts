// Collects what a thesis's bound sources have: pulls warehouses page by page, looks at what was pushed, and says how
// each source fares. A source that fails or lags is a status; only our own database's failure is thrown.

import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../db/connect.ts';
import { findConnection, sealedSecret } from '../db/connections.ts';
import { appendObservations } from '../db/observation-append.ts';
import { findThesis, type StoredThesis } from '../db/theses.ts';
import { newestPeriods, noteChecked } from '../db/watermarks.ts';
import { between, DAY, type Instant, later, milliseconds, SECOND } from '../domain/duration.ts';
import type { Metric } from '../domain/metric.ts';
import type { SourceBinding, SourceStatus } from '../domain/thesis.ts';
import { type Progress, type SourcePlace, track as startTrack, type Track } from './collect-progress.ts';
import { ConnectorError, type MetricSource, type PullRequest } from './connectors/port.ts';
import { openWarehouse } from './connectors/warehouse.ts';
import { retryDelay } from './failure.ts';
import { type SecretBox, SecretUnreadable } from './secret-box.ts';

export interface CollectDependencies {
  readonly db: Db;
  readonly secretBox: Pick<SecretBox, 'open'>;
  /** Tells the engine that the work goes on, and where it stands. */
  readonly heartbeat: (progress: Progress) => void;
  /** What the last heartbeat of an attempt that died said; anything else begins anew. */
  readonly resumeFrom?: unknown;
  readonly signal?: AbortSignal;
}

export interface CollectRequest {
  readonly thesisId: string;
  readonly bindings: readonly SourceBinding[];
  /** Where a source of which nothing is known yet is pulled from. */
  readonly from: Instant;
  readonly to: Instant;
  readonly thesisNow: Instant;
  /** Days before a metric's newest figure that are pulled again, so that restatements are seen; absent: 14. */
  readonly overlapDays?: number;
}

export interface Collected {
  readonly sources: readonly SourceStatus[];
  /** Rows that were new or restated. */
  readonly rows: number;
}

const OVERLAP_DAYS = 14;
/** A passing failure gets this long, in all; whatever lasts longer is for the next collection. */
const RETRY_DELAYS = [SECOND, 4 * SECOND] as const;
const LONGEST_DELAY = 30 * SECOND;

/** Collects every binding, one after the other. Appending is idempotent: an attempt that died costs work, not rows. */
export async function collect(deps: CollectDependencies, request: CollectRequest): Promise<Collected> {
  const thesis = await findThesis(deps.db, request.thesisId);
  if (thesis === null)
    throw new RangeError(`no thesis ${request.thesisId}: it is collected for once recorded`);
  const track = startTrack(deps.resumeFrom, deps.heartbeat);
  try {
    for (const binding of request.bindings) {
      if (track.progress.done.some(({ source }) => source === binding.id)) continue;
      const failure = await pull(deps, { request, thesis, binding, track });
      const status = await lookAt(deps.db, request, binding, failure);
      track.advance({ done: [...track.progress.done, status], at: null });
    }
    return { sources: track.progress.done, rows: track.progress.rows };
  } finally {
    track.stop();
  }
}

/** The pull of one source. */
interface Pull {
  readonly request: CollectRequest;
  readonly thesis: Pick<StoredThesis, 'currency' | 'proposedAt'>;
  readonly binding: SourceBinding;
  readonly track: Track;
}

/** Pulls a warehouse; null when all went well, and for what is pushed. */
async function pull(deps: CollectDependencies, work: Pull): Promise<ConnectorError | null> {
  if (work.binding.kind !== 'warehouse') return null;
  for (let attempt = 0; ; attempt += 1) {
    let source: MetricSource | null = null;
    try {
      source = await open(deps, work.binding);
      await pullFrom(source, deps, work);
      return null;
    } catch (problem) {
      if (!(problem instanceof ConnectorError)) throw problem;
      const usual = RETRY_DELAYS[attempt];
      const delay = usual === undefined ? null : retryDelay(problem, work.request.thesisNow, usual);
      if (delay === null || delay > LONGEST_DELAY) return problem;
      await pause(delay, undefined, { signal: deps.signal });
    } finally {
      await source?.close();
    }
  }
}

async function open({ db, secretBox }: CollectDependencies, binding: SourceBinding): Promise<MetricSource> {
  const name = binding.connection ?? '';
  const connection = await findConnection(db, name);
  const sealed = await sealedSecret(db, name);
  if (connection === null || sealed === null) {
    throw new ConnectorError('not_found', `There is no connection named ${JSON.stringify(name)}.`);
  }
  const { settings, queries } = connection;
  try {
    return openWarehouse({ settings, queries, password: secretBox.open(sealed) });
  } catch (problem) {
    if (!(problem instanceof SecretUnreadable)) throw problem;
    throw new ConnectorError(
      'auth_revoked',
      `The password of the connection ${name} cannot be opened: store it again.`,
    );
  }
}

async function pullFrom(
  source: MetricSource,
  { db, signal = new AbortController().signal }: CollectDependencies,
  work: Pull,
): Promise<void> {
  const { request, binding, track } = work;
  const begun = track.progress.at;
  let at = begun?.source === binding.id ? begun : await firstPlace(db, work);
  const wanted = pullRequest(work, at);
  const arrival = { thesisId: request.thesisId, source: binding.id, knownAt: request.thesisNow };
  for (const [index, query] of source.plan(wanted).entries()) {
    if (index < at.query) continue;
    for await (const page of source.pages(query, wanted, index === at.query ? at.cursor : null, { signal })) {
      const { accepted, restated } = await appendObservations(db, arrival, page.rows);
      at = { ...at, query: page.next === null ? index + 1 : index, cursor: page.next };
      track.advance({ rows: track.progress.rows + accepted + restated, at });
    }
  }
}

/** Where the pull of a source begins. Kept through retries: what one attempt stores must not move the next one's plan. */
async function firstPlace(db: Db, { request, thesis, binding }: Pull): Promise<SourcePlace> {
  const { thesisId, from, thesisNow, overlapDays = OVERLAP_DAYS } = request;
  const newest = await newestPeriods(db, { thesisId, source: binding.id, by: thesisNow });
  const starts = binding.metrics.map((metric): [Metric, Instant] => {
    const known = newest.get(metric);
    // What happened before the thesis is no evidence for it.
    return [metric, known === undefined ? from : latest(later(known, -overlapDays * DAY), thesis.proposedAt)];
  });
  return { source: binding.id, starts: Object.fromEntries(starts), query: 0, cursor: null };
}

function pullRequest({ request, thesis, binding }: Pull, { starts }: SourcePlace): PullRequest {
  const { from, to, thesisNow, overlapDays = OVERLAP_DAYS } = request;
  return {
    metrics: binding.metrics.map((metric) => ({ metric, from: starts[metric] ?? from })),
    to,
    parameters: binding.parameters,
    currency: thesis.currency,
    now: thesisNow,
    finalBy: later(thesisNow, -overlapDays * DAY),
  };
}

/** The status of a source after its pull, noted down. */
async function lookAt(
  db: Db,
  { thesisId, from, thesisNow }: CollectRequest,
  { id, required, maximumStaleness }: SourceBinding,
  failure: ConnectorError | null,
): Promise<SourceStatus> {
  const newest = await newestPeriods(db, { thesisId, source: id, by: thesisNow });
  const watermark = [...newest.values()].sort().at(-1) ?? null;
  await noteChecked(db, {
    thesisId,
    source: id,
    watermark,
    at: thesisNow,
    failure: failure?.message ?? null,
  });
  const status = { source: id, required, watermark };
  if (failure !== null) return { ...status, state: 'failing', reason: failure.message };
  const age = between(watermark ?? from, thesisNow);
  if (age <= milliseconds(maximumStaleness)) return { ...status, state: 'fresh', reason: null };
  const reason =
    watermark === null
      ? `Nothing has arrived since ${from}; at most ${maximumStaleness} may pass.`
      : `The newest figure is of ${watermark}; it may be ${maximumStaleness} old.`;
  return { ...status, state: 'stale', reason };
}

function latest(a: Instant, b: Instant): Instant {
  return between(a, b) > 0 ? b : a;
}
