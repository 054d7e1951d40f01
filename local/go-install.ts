// A place of a search: programs built from their Go modules into the user's cache, once. What is built, and whether it
// is the right thing, is for the caller to say.
import { runCommand } from './command.ts';
import { addToCache } from './download-cache.ts';
import { type Environment, findOnPath, type Log } from './machine.ts';
import type { SearchPlace } from './search-chain.ts';

const BUILD_WITHIN_MS = 30 * 60_000;

export interface GoInstall {
  /** What is built, as a person would say it. */
  readonly what: string;
  /** Packages with their versions, as `go install` takes them. */
  readonly packages: readonly string[];
  readonly env: Environment;
  /** The cache folder, and the entry's name in it. */
  readonly folder: string;
  readonly entry: string;
  /** Given the folder with the built programs, returns the file or folder that becomes the entry. */
  readonly arrange: (workFolder: string) => Promise<string>;
  readonly checked: (entry: string) => Promise<string>;
  readonly log: Log;
  /** Receives the lines that only show that the build is alive; `log` when absent. */
  readonly progress?: Log;
}

export function goInstall(options: GoInstall): SearchPlace {
  const { what, packages, env, folder, entry, log, progress = log } = options;
  return {
    name: `go install ${packages.join(' ')}`,
    async find() {
      const go = await findOnPath('go', env);
      if (go === undefined) return { absent: 'Go is not on PATH' };
      log(`Building ${what} with Go. This happens once and takes a few minutes.`);
      const built = await addToCache(folder, entry, async (workFolder) => {
        await runCommand({
          command: go,
          args: ['install', '-v', ...packages],
          env: { GOBIN: workFolder },
          timeoutMs: BUILD_WITHIN_MS,
          progress,
          label: `Building ${what}`,
        });
        return options.arrange(workFolder);
      });
      return options.checked(built);
    },
  };
}
