// Finds the programs of Temporal's server as companies run it, the server and its schema tool, or builds them once for
// all projects of this user. It starts nothing; temporal-server.ts does.
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './command.ts';
import { cacheFolder } from './download-cache.ts';
import { goInstall } from './go-install.ts';
import { findOnPath, isExecutable, machineEnvironment } from './machine.ts';
import { searchInOrder } from './search-chain.ts';
import type { FindProgramOptions } from './temporal-binary.ts';

/** The one that docker-compose.yml runs. */
export const TEMPORAL_SERVER_VERSION = '1.29.1';

const MODULE = 'go.temporal.io/server/cmd';
const CACHE_ENTRY = `temporal-server-${TEMPORAL_SERVER_VERSION}`;

/** As Temporal's images name them; what `go install` calls each. */
const PROGRAMS = { 'temporal-server': 'server', 'temporal-sql-tool': 'sql' } as const;

export interface TemporalServerPrograms {
  /** Holds both, under the names that Temporal's images give them. */
  readonly folder: string;
  readonly server: string;
  readonly sqlTool: string;
}

/**
 * The server and its schema tool, of our version. Tried in order: PATH, the user's cache, a build with Go (two
 * minutes, once).
 * @throws listing what was tried and what to do.
 */
export async function findTemporalServer(options: FindProgramOptions): Promise<TemporalServerPrograms> {
  const env = options.env ?? machineEnvironment();
  const cache = cacheFolder(env);
  const cached = path.join(cache, CACHE_ENTRY);
  const folder = await searchInOrder({
    what: `Temporal's server ${TEMPORAL_SERVER_VERSION}`,
    log: options.log,
    places: [
      {
        name: '`temporal-server` on PATH',
        async find() {
          const found = await findOnPath('temporal-server', env);
          return found === undefined ? { absent: 'not there' } : checked(path.dirname(found));
        },
      },
      {
        name: `the cache ${cache}`,
        find: async () =>
          (await isExecutable(path.join(cached, 'temporal-server'))) ? checked(cached) : { absent: 'empty' },
      },
      goInstall({
        ...options,
        what: "Temporal's server and its schema tool",
        packages: [
          `${MODULE}/server@v${TEMPORAL_SERVER_VERSION}`,
          `${MODULE}/tools/sql@v${TEMPORAL_SERVER_VERSION}`,
        ],
        env,
        folder: cache,
        entry: CACHE_ENTRY,
        arrange,
        checked,
      }),
    ],
    advice: `Install Go (https://go.dev/dl), or put temporal-server and temporal-sql-tool ${TEMPORAL_SERVER_VERSION} on PATH.`,
  });
  return {
    folder,
    server: path.join(folder, 'temporal-server'),
    sqlTool: path.join(folder, 'temporal-sql-tool'),
  };
}

async function arrange(workFolder: string): Promise<string> {
  const folder = path.join(workFolder, 'programs');
  await mkdir(folder);
  for (const [name, built] of Object.entries(PROGRAMS)) {
    await rename(path.join(workFolder, built), path.join(folder, name));
  }
  return folder;
}

/** Both run, and are the version that we mean. */
async function checked(folder: string): Promise<string> {
  for (const name of Object.keys(PROGRAMS)) {
    const program = path.join(folder, name);
    const answer = await runCommand({ command: program, args: ['--version'], timeoutMs: 20_000 });
    const version = /version (\S+)/.exec(answer)?.[1] ?? answer.trim().slice(0, 80);
    if (version !== TEMPORAL_SERVER_VERSION) throw new Error(`${program} is version ${version}`);
  }
  return folder;
}
