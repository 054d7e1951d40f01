// The one home of time and waiting. Thesis time runs `rate` times as fast as real time, so that a rehearsal lives
// ninety days in a minute with the same code; in production the rate is 1 and the two are the same.

import { condition } from '@temporalio/workflow';
import { between, type Instant } from '../domain/duration.ts';
import { type ThesisClock, thesisTime } from '../domain/thesis/clock.ts';

export interface Clock {
  now(): Instant;
  /** Sleeps until thesis time `at`, or until `changed` turns true. */
  sleepUntil(at: Instant, changed: () => boolean): Promise<void>;
}

export function openClock(thesisClock: ThesisClock): Clock {
  // Workflow code sees Temporal's recorded time here: replay gives the same answer.
  const now = (): Instant => thesisTime(thesisClock, Date.now());
  return {
    now,
    async sleepUntil(at, changed) {
      const real = Math.ceil(between(now(), at) / thesisClock.rate);
      await condition(changed, Math.max(1, real));
    },
  };
}
