// Remembers the boundaries of group-sequential tests, which are slow to solve and the same for every arm and every
// experiment with one schedule. An argument, not a module's state: whoever reads many experiments keeps a book.

import { boundaries } from './statistics/planning/group-sequential.ts';

export interface BoundaryBook {
  /** What |z| must exceed at each look, all looks together at level `alpha`, spent as alpha t^2. */
  criticalValues(alpha: number, fractions: readonly number[]): readonly number[];
}

/** Schedules kept by one book; the oldest go first, so that a process that lives for months does not grow. */
const MOST_SCHEDULES = 1000;

/** An empty book. The first look-up of a schedule takes some 20 ms for 60 looks. */
export function createBoundaryBook(): BoundaryBook {
  const known = new Map<string, readonly number[]>();
  return {
    criticalValues(alpha, fractions) {
      if (fractions.length === 0) return [];
      const key = `${alpha}:${fractions.join()}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const design = { alpha, sides: 2, spending: { kind: 'power', exponent: 2 } } as const;
      const solved = boundaries(design, fractions).map(({ criticalValue }) => criticalValue);
      const [oldest] = known.keys();
      if (known.size >= MOST_SCHEDULES && oldest !== undefined) known.delete(oldest);
      known.set(key, solved);
      return solved;
    },
  };
}
