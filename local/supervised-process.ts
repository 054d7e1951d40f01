// Keeps one of our own processes running: starts it, and starts it again when it ends without being asked to. What
// the process is does not matter here; the API and the worker are run this way.

import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardedProcess, lastLines, startGuardedProcess } from './guarded-process.ts';
import type { Environment, Log } from './machine.ts';

export interface SupervisedOptions {
  readonly name: string;
  readonly script: string;
  readonly env: Environment;
  readonly logFile: string;
  readonly log: Log;
}

export interface Supervised {
  /** Asks the process to end in good order, and resolves when it has. */
  stop(): Promise<void>;
}

const GRACE_MS = 20_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** A process that lived this long was well: the next failure starts again from the first pause. */
const WELL_AFTER_MS = 30_000;

/** Starts the script under this Node and keeps it running until `stop`. */
export function supervise({ name, script, env, logFile, log }: SupervisedOptions): Supervised {
  let stopping = false;
  let current = start();
  const watching = watch();

  function start(): GuardedProcess {
    return startGuardedProcess({
      command: process.execPath,
      args: ['--enable-source-maps', script],
      env,
      logFile,
      stopSignal: 'TERM',
      graceMs: GRACE_MS,
    });
  }

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
    async stop() {
      stopping = true;
      await current.stop();
      await watching;
    },
  };
}
