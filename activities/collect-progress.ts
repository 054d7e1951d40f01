// Where a collection stands, as its heartbeats tell it: small plain JSON that outlives the worker. What comes back
// from the engine is read with care, for another version of the code may have written it.

import type { Instant } from '../domain/duration.ts';
import type { SourceStatus } from '../domain/thesis.ts';
import type { Cursor } from './connectors/port.ts';

/** A place in the pull of one source. */
export interface SourcePlace {
  readonly source: string;
  /** Where the pull of each metric began: with it, the plan is the same at every attempt. */
  readonly starts: Readonly<Record<string, Instant>>;
  /** Index of the query in the plan. */
  readonly query: number;
  /** After this row of the query; null: from its beginning. */
  readonly cursor: Cursor | null;
}

export interface Progress {
  /** Sources that are finished. */
  readonly done: readonly SourceStatus[];
  /** Rows new or restated so far. */
  readonly rows: number;
  readonly at: SourcePlace | null;
}

export interface Track {
  readonly progress: Progress;
  /** Moves on, and tells the engine at once. */
  advance(change: Partial<Progress>): void;
  /** Ends the pulse. */
  stop(): void;
}

/** More than one in any sensible heartbeat timeout, so that one long read is not taken for a death. */
const PULSE = 10_000;

/** Takes up what an attempt that died left, or begins anew, and keeps telling where it stands. */
export function track(resumeFrom: unknown, heartbeat: (progress: Progress) => void): Track {
  let progress = readProgress(resumeFrom) ?? { done: [], rows: 0, at: null };
  const tell = () => heartbeat(progress);
  const pulse = setInterval(tell, PULSE);
  tell();
  return {
    get progress() {
      return progress;
    },
    advance(change) {
      progress = { ...progress, ...change };
      tell();
    },
    stop: () => clearInterval(pulse),
  };
}

/** The progress in a heartbeat's details; null when they are not one. */
function readProgress(details: unknown): Progress | null {
  return isProgress(details) ? details : null;
}

function isProgress(value: unknown): value is Progress {
  if (!isRecord(value)) return false;
  const { done, rows, at } = value;
  const statuses =
    Array.isArray(done) && done.every((one) => isRecord(one) && typeof one.source === 'string');
  return statuses && typeof rows === 'number' && (at === null || isPlace(at));
}

function isPlace(value: unknown): value is SourcePlace {
  if (!isRecord(value)) return false;
  const { source, starts, query, cursor } = value;
  const known = isRecord(starts) && Object.values(starts).every((start) => typeof start === 'string');
  const inPlan = typeof query === 'number' && (cursor === null || typeof cursor === 'string');
  return typeof source === 'string' && known && inPlan;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
