// The user's cache folder for programs that are not npm packages. Things are made in a temporary folder of
// the same disk and renamed into place, so that a reader never sees half of one and two makers cannot clash.
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Environment } from './machine.ts';

/** Where the programs are kept: $XDG_CACHE_HOME/jalon, or ~/.cache/jalon. */
export function cacheFolder(env: Environment): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG rules say that a relative path is to be ignored.
  const absolute = base !== undefined && path.isAbsolute(base);
  return path.join(absolute ? base : path.join(env.HOME ?? homedir(), '.cache'), 'jalon');
}

/**
 * Makes one entry of the cache. `make` works in a folder of its own, which is removed whatever happens, and
 * returns the file or folder in it that becomes the entry.
 * @returns the path of the entry; the one of another process, when that one was quicker.
 */
export async function addToCache(
  folder: string,
  entry: string,
  make: (workFolder: string) => Promise<string>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const workFolder = await mkdtemp(path.join(folder, `.making-${entry}-`));
  const target = path.join(folder, entry);
  try {
    const made = await make(workFolder);
    await rename(made, target).catch(async (error: NodeJS.ErrnoException) => {
      // Only a folder refuses to be replaced, and only when another process has put its own there.
      const taken = error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
      if (!taken || !(await stat(target)).isDirectory()) throw error;
    });
    return target;
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}
