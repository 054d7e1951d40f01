// Waits for what a worker needs before it can work: an engine that is not there yet is an outage like any other, to be
// outlasted and told of, not a reason to end.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** What `attempt` gives, once it succeeds; null when the signal is aborted before. */
export async function outlast<T>(
  what: string,
  attempt: () => Promise<T>,
  { log, signal }: { readonly log: Pick<Logger, 'warn'>; readonly signal: AbortSignal },
): Promise<T | null> {
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      log.warn({ err: error, what, pause }, 'does not answer yet');
    }
    await pauseFor(pause, signal);
  }
  return null;
}

/** Sleeps, less long when the signal is aborted. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
