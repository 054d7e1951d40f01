// A Temporal of a test's own, on a file: it can be paused, killed, wiped, or brought back to an earlier moment, and always
// answers on the same address.

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTemporal } from '../../local/temporal.ts';
import { findTemporal } from '../../local/temporal-binary.ts';
import { signalDescendant } from './descendants.ts';

export interface OwnTemporal {
  readonly address: string;
  /** Sends the signal to the server's own process. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Kills it with SIGKILL, and resolves once it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its data, whatever ended it. */
  start(): Promise<void>;
  /** Copies the data of the server that was killed; returns how to put them back. */
  remember(): Promise<() => Promise<void>>;
  /** Removes the data of the server that was killed. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

export async function startOwnTemporal(): Promise<OwnTemporal> {
  const folder = await mkdtemp(path.join(tmpdir(), 'jalon-own-temporal-'));
  const data = path.join(folder, 'data');
  const settings = {
    program: await findTemporal({ log: () => undefined, progress: () => undefined }),
    dbFile: path.join(data, 'temporal.sqlite'),
    namespace: 'default',
    logFile: path.join(folder, 'temporal.log'),
    log: () => undefined,
  };
  let server = await startTemporal(settings);
  const port = Number(server.address.split(':')[1]);
  const signal = (name: NodeJS.Signals): Promise<void> =>
    signalDescendant((command) => command.includes(`--port ${port} `), name);
  return {
    address: server.address,
    signal,
    async kill() {
      await signal('SIGKILL');
      await server.exited;
    },
    async start() {
      await server.stop();
      server = await startTemporal({ ...settings, port });
    },
    async remember() {
      const copy = path.join(folder, 'copy');
      await cp(data, copy, { recursive: true });
      return async () => {
        await rm(data, { recursive: true });
        await cp(copy, data, { recursive: true });
      };
    },
    wipe: () => rm(data, { recursive: true }),
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
