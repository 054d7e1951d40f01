// Thesis time beside real time: the same in production, faster in a rehearsal that lives months in minutes.

import { epoch, type Instant, instant } from '../duration.ts';

export interface ThesisClock {
  /** Real instant of the launch, from which thesis time is counted. */
  readonly origin: Instant;
  /** Thesis time per real time; 1 in production. */
  readonly rate: number;
}

/** Thesis time at a real moment, in milliseconds since the epoch. */
export function thesisTime({ origin, rate }: ThesisClock, realEpoch: number): Instant {
  const start = epoch(origin);
  return instant(start + (realEpoch - start) * rate);
}
