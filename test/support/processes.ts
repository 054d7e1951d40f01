// Runs the platform's own processes for a test, as production runs them: a script, an environment, signals, and the
// lines of its log. They end with the test.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface RunningProcess {
  /** Lines of the log so far, parsed. */
  readonly log: Record<string, unknown>[];
  /** Everything it printed. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code, or with the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** Kills it if it still runs. */
  close(): Promise<void>;
}

/** Starts `worker/main.ts` or `api/main.ts` with this environment and nothing else of ours but PATH. */
export function startProcess(name: 'worker' | 'api', env: Record<string, string>): RunningProcess {
  return startScript(`${name}/main.ts`, env);
}

/** Starts any program of the project in the same way. */
export function startScript(path: string, env: Record<string, string>, ...args: string[]): RunningProcess {
  const script = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const take = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  return {
    get log() {
      return text.split('\n').flatMap(parsed);
    },
    printed: () => text,
    signal: (signal) => {
      child.kill(signal);
    },
    exited,
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function parsed(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Runs a program of the project to its end. */
export async function runningProgram(
  path: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ readonly code: number | NodeJS.Signals | null; readonly printed: string }> {
  const program = startScript(path, env, ...args);
  return { code: await program.exited, printed: program.printed() };
}
