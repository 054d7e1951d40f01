// Keeps one of our own processes running: starts it, and starts it again when it ends without being asked to. What
// the process is does not matter here; the API and the worker are run this way.

import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardedProcess, lastLines } from './guarded-process.ts';
import type { Log } from './machine.ts';

export interface SupervisedOptions {
  readonly name: string;
  readonly start: () => GuardedProcess;
  readonly logFile: string;
  readonly log: Log;
}

export interface Supervised {
  /** Kills the process without warning. It is started again. */
  kill(): Promise<void>;
  /** Asks the process to end in good order and resolves with its exit code. It is started again. */
  replace(): Promise<number>;
  /** Asks the process to end in good order for good, and resolves with its exit code. */
  stop(): Promise<number>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A process that lived this long was well: the next failure starts again from the first pause. */
const WELL_AFTER_MS = 30_000;

/** Starts the process and keeps it running until `stop`. */
export function supervise({ name, start, logFile, log }: SupervisedOptions): Supervised {
  let stopping = false;
  let current = start();
  const watching = watch();

  async function watch(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const begun = Date.now();
      const code = await current.exited;
      if (stopping) return;
      if (Date.now() - begun > WELL_AFTER_MS) pause = FIRST_PAUSE_MS;
      log(`The ${name} ended with code ${code}; starting it again. Its log is ${logFile}.`);
      if (code !== 0 && pause > FIRST_PAUSE_MS) log(await lastLines(logFile, 3));
      await sleep(pause);
      if (stopping) return;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      current = start();
    }
  }

  return {
    kill: () => current.kill(),
    async replace() {
      const ending = current;
      await ending.stop();
      return ending.exited;
    },
    async stop() {
      stopping = true;
      const ending = current;
      await ending.stop();
      await watching;
      return ending.exited;
    },
  };
}
