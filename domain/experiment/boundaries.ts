// Remembers the boundaries of group-sequential tests, the same for every arm and every experiment with one schedule,
// and adds a day to a schedule it knows. An argument, not a module's state: whoever reads many experiments keeps one.

import { nextLook, type SequentialState } from '../statistics/planning/group-sequential.ts';
import { type StagewiseEstimate, stagewiseEstimate } from '../statistics/planning/sequential-inference.ts';
import type { SequentialDesign } from '../statistics/planning/spending.ts';
import type { SequentialPath } from '../statistics/planning/stagewise-tails.ts';

export interface BoundaryBook {
  /** What |z| must exceed at each look, all looks together at level `alpha`, spent as alpha t^2. */
  criticalValues(alpha: number, fractions: readonly number[]): readonly number[];
  /** Of a test that has stopped, at level 1 - `alpha`, as multiples of the mean of Z at full information. */
  stagewise(alpha: number, path: SequentialPath): StagewiseEstimate;
}

/** Entries of each kind in one book; the oldest go first, so that a process that lives for months does not grow. */
const MOST_ENTRIES = 1000;

interface Solved {
  readonly values: readonly number[];
  /** Of the last look; undefined before the first. */
  readonly state: SequentialState | undefined;
}

const NOTHING: Solved = { values: [], state: undefined };

/**
 * An empty book. A schedule is solved from the longest part of it that the book knows, so that a test that is read
 * daily costs one look a day. Throws as `boundaries` does.
 */
export function createBoundaryBook(): BoundaryBook {
  const known = new Map<string, Solved>();
  const stopped = new Map<string, StagewiseEstimate>();
  return {
    criticalValues(alpha, fractions) {
      const keys = keysOf(alpha, fractions);
      let length = fractions.length;
      while (length > 0 && !known.has(keys[length] ?? '')) length -= 1;
      const found = known.get(keys[length] ?? '') ?? NOTHING;
      if (length === fractions.length) return found.values;
      const solved = extend(alpha, found, fractions.slice(length));
      keep(known, keys[fractions.length] ?? '', solved);
      return solved.values;
    },
    stagewise(alpha, path) {
      const { z, fractions, criticalValues } = path;
      const key = [alpha, path.sides, z, fractions.join(' '), criticalValues.join(' ')].join(' ');
      const found = stopped.get(key);
      if (found !== undefined) return found;
      const standardError = 1 / Math.sqrt(fractions.at(-1) ?? 1);
      const estimate = stagewiseEstimate({ ...path, estimate: z * standardError, standardError }, alpha);
      keep(stopped, key, estimate);
      return estimate;
    },
  };
}

function keep<Entry>(entries: Map<string, Entry>, key: string, entry: Entry): void {
  const [oldest] = entries.keys();
  if (entries.size >= MOST_ENTRIES && oldest !== undefined) entries.delete(oldest);
  entries.set(key, entry);
}

function extend(alpha: number, { values, state }: Solved, fractions: readonly number[]): Solved {
  const design: SequentialDesign = { alpha, sides: 2, spending: { kind: 'power', exponent: 2 } };
  const all = [...values];
  let latest = state;
  for (const fraction of fractions) {
    latest = nextLook(design, latest, fraction);
    all.push(latest.look.criticalValue);
  }
  return { values: all, state: latest };
}

/** A name for each of the schedules that `fractions` has gone through, the empty one first. */
function keysOf(alpha: number, fractions: readonly number[]): string[] {
  let key = `${alpha}`;
  const keys = [key];
  for (const fraction of fractions) {
    key += ` ${fraction}`;
    keys.push(key);
  }
  return keys;
}
