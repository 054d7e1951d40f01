// The facts about this machine that the embedded services need: its environment, its programs, its free
// ports. The only file of local/ that reads process.env; it starts nothing and writes nothing.
import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

const LOWEST_PORT = 10_000;
const HIGHEST_LOW_PORT = 32_767;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Takes one line of text meant for the person who started the program. */
export type Log = (line: string) => void;

/** The environment of this process. Functions of local/ take one as an argument so that tests can give another. */
export function machineEnvironment(): Environment {
  return process.env;
}

/** True when `file` exists and this user may run it. */
export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The full path of a program named on PATH, or undefined. */
export async function findOnPath(program: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    const candidate = path.join(folder, program);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/**
 * A TCP port of the loopback interface that was free a moment ago. Give `wanted` to check that one port;
 * 0 or nothing lets the system choose.
 * @throws when `wanted` is taken, naming it.
 */
export async function freePort(service: string, wanted = 0): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Error(
          `${service} cannot listen on 127.0.0.1:${wanted}, probably because another program does. ` +
            'Stop that program, or choose another port (0 takes a free one).',
          { cause },
        ),
      );
    });
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Several ports of the loopback interface that were free a moment ago, below those that the system gives to outgoing
 * connections. Temporal needs them there: it keeps the ports of its members as signed numbers of 16 bits.
 */
export async function freeLowPorts(service: string, count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const candidate = randomInt(LOWEST_PORT, HIGHEST_LOW_PORT + 1);
    const found = await freePort(service, candidate).catch(() => null);
    if (found !== null) ports.add(found);
  }
  return [...ports];
}

/** The message of anything that was thrown, for a line of text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
