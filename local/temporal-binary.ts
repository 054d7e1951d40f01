// Finds the `temporal` program, which holds the development server, or gets it once for all projects of this
// user. It never starts the server; temporal.ts does.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { addToCache, cacheFolder } from './download-cache.ts';
import { goInstall } from './go-install.ts';
import { type Environment, findOnPath, isExecutable, type Log, machineEnvironment } from './machine.ts';
import { type SearchPlace, searchInOrder } from './search-chain.ts';

/** The last release that `go install` accepts: the go.mod of later ones has a `replace`. */
const GO_PACKAGE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const CACHE_ENTRY = 'temporal-cli';
const DOWNLOAD_WITHIN_MS = 5 * 60_000;

export interface FindProgramOptions {
  log: Log;
  /** Receives the lines that only show that a long step is alive; `log` when absent. */
  progress?: Log;
  env?: Environment;
}

/**
 * The path of a `temporal` program that runs. Tried in order: TEMPORAL_CLI_PATH, PATH, the user's cache, the
 * SDK's own download, a build with Go (minutes, once).
 * @throws listing what was tried and what to do. A TEMPORAL_CLI_PATH that does not work is an error at once:
 *   somebody asked for that one.
 */
export async function findTemporal(options: FindProgramOptions): Promise<string> {
  const env = options.env ?? machineEnvironment();
  const chosen = env.TEMPORAL_CLI_PATH;
  if (chosen !== undefined && chosen !== '') return checked(chosen, 'TEMPORAL_CLI_PATH');
  const folder = cacheFolder(env);
  const cached = path.join(folder, CACHE_ENTRY);
  return searchInOrder({
    what: 'The Temporal command line program',
    log: options.log,
    places: [
      onPath(env),
      {
        name: `the cache ${folder}`,
        find: async () => ((await isExecutable(cached)) ? checked(cached, 'the cache') : { absent: 'empty' }),
      },
      sdkDownload('dev-server', folder, CACHE_ENTRY, options),
      goInstall({
        ...options,
        what: 'the Temporal server',
        packages: [GO_PACKAGE],
        env,
        folder,
        entry: CACHE_ENTRY,
        arrange: async (workFolder) => path.join(workFolder, 'temporal'),
        checked: (built) => checked(built, 'go install'),
      }),
    ],
    advice:
      'Install it (https://docs.temporal.io/cli) and put it on PATH or in TEMPORAL_CLI_PATH, install Go, or ' +
      'set TEMPORAL_ADDRESS to a Temporal server that runs already.',
  });
}

/** The place that asks Temporal's SDK to download one of its servers, and keeps it in the cache. */
export function sdkDownload(
  kind: 'dev-server' | 'test-server',
  folder: string,
  entry: string,
  options: FindProgramOptions,
): SearchPlace {
  const script = fileURLToPath(new URL('./sdk-download.ts', import.meta.url));
  return {
    name: "the download of Temporal's SDK",
    find: () =>
      addToCache(folder, entry, async (workFolder) => {
        await runCommand({
          command: process.execPath,
          args: [script, kind, workFolder],
          timeoutMs: DOWNLOAD_WITHIN_MS,
          progress: options.progress ?? options.log,
          label: `Downloading Temporal's ${kind}`,
        });
        const [downloaded] = await readdir(workFolder);
        if (downloaded === undefined) throw new Error('it ended well but left no file');
        return path.join(workFolder, downloaded);
      }),
  };
}

function onPath(env: Environment): SearchPlace {
  return {
    name: '`temporal` on PATH',
    async find() {
      const found = await findOnPath('temporal', env);
      return found === undefined ? { absent: 'not there' } : checked(found, 'PATH');
    },
  };
}

/** Other programs are called `temporal` too, and a cached one may belong to another machine. */
async function checked(program: string, origin: string): Promise<string> {
  const answer = await runCommand({ command: program, args: ['--version'], timeoutMs: 20_000 }).catch(
    (cause: unknown) => {
      throw new Error(`${program} (from ${origin}) does not run`, { cause });
    },
  );
  if (!/^temporal version /m.test(answer)) {
    throw new Error(
      `${program} (from ${origin}) is not Temporal's: it answers "${answer.trim().slice(0, 80)}"`,
    );
  }
  return program;
}
