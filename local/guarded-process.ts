// Starts one long-lived child process that cannot outlive this one, and stops it in good order. It knows
// nothing of what the child is; PostgreSQL and Temporal are started through it.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

// A guard of a few lines of shell holds the read end of a pipe whose write end is ours. However we end,
// SIGKILL included, the system closes that pipe, and the guard then stops the child. It is a shell rather
// than Node so that it survives `killall -9 node` and costs one megabyte. The child leads no terminal
// group of ours, so Ctrl-C reaches only us and we choose the order of stopping. A signal breaks off `wait`, which
// then answers with the signal: it is asked again, and says 127 when it had told the child's own code before.
const GUARD = `
stop=$1; tries=$2; discard=$3; shift 3
exec 3<&0
child=; again=
trap 'again=1; kill -KILL "\${child:-$!}" 2>/dev/null' USR1
"$@" 3<&- </dev/null &
child=$!
trap 'again=1; kill -"$stop" "$child" 2>/dev/null' INT TERM HUP
(
  trap - INT TERM HUP
  while read -r _ <&3; do :; done
  kill -"$stop" "$child" 2>/dev/null
  while [ "$tries" -gt 0 ] && kill -0 "$child" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
  kill -KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$child"; code=$?
while [ -n "$again" ]; do again=; wait "$child"; last=$?; [ "$last" -eq 127 ] || code=$last; done
kill "$watch" 2>/dev/null
[ "$code" -ne 0 ] || [ -z "$discard" ] || rm -rf -- "$discard"
exit "$code"
`;

export interface GuardedProcessOptions {
  command: string;
  args: readonly string[];
  /** Receives everything the child prints; created when absent, appended to. */
  logFile: string;
  /** What asks the child to stop by itself. */
  stopSignal: 'INT' | 'TERM';
  /** How long it may take to stop before it is killed, in milliseconds. */
  graceMs: number;
  /** A temporary folder, removed when the child ends with code 0, even if we are no longer there to do it. */
  discard?: string;
  /** Where it runs; the root folder when absent. */
  cwd?: string;
  /** Its environment; ours when absent. */
  env?: Readonly<Record<string, string | undefined>>;
  /** The user it runs as; ours when absent. Only root may choose. */
  user?: { uid: number; gid: number };
}

export interface GuardedProcess {
  /** True until the child has ended. */
  isRunning(): boolean;
  /** Resolves when the child has ended, whoever ended it, with its exit code (128 + n for signal n). */
  exited: Promise<number>;
  /** Kills the child without warning, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks the child to stop, kills it after the grace period, and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the child. It ends when `stop` is called or when this process ends, whatever the cause.
 * @throws where there is no POSIX shell (plain Windows).
 */
export function startGuardedProcess(options: GuardedProcessOptions): GuardedProcess {
  if (process.platform === 'win32') {
    throw new Error(
      'The embedded services need Linux, macOS or WSL. On Windows set DATABASE_URL and TEMPORAL_ADDRESS ' +
        'to servers that run already, for example those of docker-compose.yml.',
    );
  }
  const guard = spawnGuard(options);
  let running = true;
  const exited = new Promise<number>((resolve, reject) => {
    guard.once('error', reject);
    guard.once('exit', (code, signal) => {
      running = false;
      guard.stdin?.destroy();
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 1));
    });
  });
  // Whoever starts a process asks for `exited` when it matters; a failed start must not also end the program.
  exited.catch(() => {
    running = false;
  });
  return {
    isRunning: () => running,
    exited,
    async kill() {
      guard.kill('SIGUSR1');
      await exited;
    },
    async stop() {
      guard.stdin?.end();
      await exited;
    },
  };
}

/** The last lines a child printed, for the text of an error. */
export async function lastLines(logFile: string, count = 8): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function spawnGuard(options: GuardedProcessOptions): ChildProcess {
  const log = openSync(options.logFile, 'a');
  try {
    const tries = String(Math.ceil(options.graceMs / 100));
    const guard = spawn(
      '/bin/sh',
      [
        '-c',
        GUARD,
        'guard',
        options.stopSignal,
        tries,
        options.discard ?? '',
        options.command,
        ...options.args,
      ],
      {
        stdio: ['pipe', log, log],
        detached: true,
        cwd: options.cwd ?? '/',
        ...(options.env === undefined ? {} : { env: { ...options.env } }),
        ...options.user,
      },
    );
    // The pipe breaks when the guard ends first; `exited` already tells that.
    guard.stdin?.on('error', () => undefined);
    return guard;
  } finally {
    closeSync(log);
  }
}
