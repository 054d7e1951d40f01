// Runs what a container would run as a process of this machine, with the environment of the container and nothing of
// ours, as a user who can write nowhere. An engine isolates more; what it adds is not proven here.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type GuardedProcess, startGuardedProcess } from '../guarded-process.ts';
import type { Addresses } from './addresses.ts';
import { milliseconds, type Service } from './compose-file.ts';

/** The user `node` of Node's images. */
const IMAGE_USER = { uid: 1000, gid: 1000 };

/** What Compose gives a process between SIGTERM and SIGKILL. */
const DEFAULT_GRACE = '10s';

export interface Ground {
  /** Stands for the image's working directory. */
  readonly image: string;
  readonly imageEnv: Readonly<Record<string, string>>;
  /** Folders of programs, in order. */
  readonly path: readonly string[];
  /** A folder that exists: one log file a container. */
  readonly logs: string;
  /** An empty folder. */
  readonly home: string;
  readonly addresses: Addresses;
}

/** Starts a container's process once; `words` instead of the service's own command, `log` instead of its own log. */
export function startContainer(
  ground: Ground,
  name: string,
  service: Service,
  words?: readonly string[],
  log = name,
): GuardedProcess {
  const [command, ...args] = [...(service.entrypoint ?? []), ...(words ?? service.command ?? [])];
  if (command === undefined) throw new Error(`${name} has no command`);
  const isOurs = service.build !== undefined;
  return startGuardedProcess({
    command,
    args,
    cwd: isOurs ? ground.image : ground.home,
    env: {
      PATH: [...ground.path, '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
      HOME: ground.home,
      ...(isOurs ? ground.imageEnv : {}),
      ...ground.addresses.environment(name, service.environment),
    },
    logFile: logOf(ground, log),
    stopSignal: 'TERM',
    graceMs: milliseconds(service.stop_grace_period ?? DEFAULT_GRACE),
    // Where we may not choose, it runs as ourselves, and could write into the image.
    ...(isOurs && process.getuid?.() === 0 ? { user: IMAGE_USER } : {}),
  });
}

/** Runs a container to its end. @throws with its last words, unless it ends with code 0. */
export async function runContainer(
  ground: Ground,
  name: string,
  service: Service,
  words?: readonly string[],
): Promise<string> {
  const code = await startContainer(ground, name, service, words).exited;
  const output = (await readFile(logOf(ground, name), 'utf8')).trim();
  if (code !== 0) throw new Error(`${name} ended with code ${code}: ${output.slice(-1_500)}`);
  return output;
}

export function logOf(ground: Ground, name: string): string {
  return path.join(ground.logs, `${name}.log`);
}
