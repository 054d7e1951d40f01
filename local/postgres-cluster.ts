// The data folder of the embedded PostgreSQL: makes a cluster with a random password, and frees one that a
// crashed run left locked. It starts no server; postgres.ts does.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Log, reasonOf } from './machine.ts';
import { assertReachable, findPrograms, findServerUser, type PostgresUser } from './postgres-programs.ts';

const run = promisify(execFile);

/** The major version of the programs we ship; a folder of another one cannot be opened. */
const MAJOR_VERSION = '18';

const RELEASED_WITHIN_MS = 15_000;

export interface PostgresCluster {
  /** Full path of the `postgres` program. */
  program: string;
  /** PGDATA. */
  folder: string;
  superuser: string;
  password: string;
  /** The user the server runs as: nothing unless we are root, whom PostgreSQL refuses. */
  user: PostgresUser | undefined;
}

/**
 * Opens the cluster kept in `dataDir`, or makes one there: `cluster/` (PGDATA) and `superuser-password`
 * (mode 600). A creation that was interrupted leaves nothing that looks finished.
 * @throws with what to do, when the machine or the folder does not allow it.
 */
export async function prepareCluster(dataDir: string): Promise<PostgresCluster> {
  const { initdb, postgres: program } = await findPrograms();
  const user = await findServerUser();
  await mkdir(dataDir, { recursive: true });
  if (user !== undefined) await assertReachable([dataDir, program], user);
  const password = await readOrMakePassword(path.join(dataDir, 'superuser-password'));
  const folder = path.join(dataDir, 'cluster');
  const cluster = { program, folder, superuser: 'jalon', password, user };
  const version = await readFile(path.join(folder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) await createCluster(initdb, cluster);
  else if (version.trim() !== MAJOR_VERSION) {
    throw new Error(
      `${dataDir} was made by PostgreSQL ${version.trim()} and this is PostgreSQL ${MAJOR_VERSION}. ` +
        'Move that folder away to start with an empty database, or migrate it with pg_dump and psql.',
    );
  }
  return cluster;
}

/**
 * Waits for a server that still holds the folder (a killed run's one takes a moment to notice), and removes
 * the lock file when its process is gone or its number now belongs to another program.
 */
export async function releaseFolder(folder: string, log: Log): Promise<void> {
  const lockFile = path.join(folder, 'postmaster.pid');
  const deadline = Date.now() + RELEASED_WITHIN_MS;
  for (let waited = false; ; waited = true) {
    const lock = await readFile(lockFile, 'utf8').catch(() => '');
    const pid = Number.parseInt(lock, 10);
    if (Number.isNaN(pid)) return;
    if (!(await isPostgres(pid))) {
      await unlink(lockFile).catch(() => undefined);
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `${folder} is in use by a PostgreSQL that runs as process ${pid}. If Jalon is open elsewhere, use ` +
          `that one or stop it; if not, run \`kill -INT ${pid}\` and start again.`,
      );
    }
    if (!waited) log(`Waiting for the PostgreSQL of the last run (process ${pid}) to stop`);
    await sleep(100);
  }
}

/** Whether a server runs on the folder now. */
export async function isRunningPostgres(folder: string): Promise<boolean> {
  const lock = await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  return !Number.isNaN(pid) && (await isPostgres(pid));
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // ESRCH: no such process. EPERM: it lives, as another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  // Where there is no /proc the number alone has to do: waiting in vain is better than two servers.
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'postgres');
  return name.trim() === 'postgres';
}

async function readOrMakePassword(file: string): Promise<string> {
  // `wx` makes one of two simultaneous starts the author; both then read the same password.
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return (await readFile(file, 'utf8')).trim();
}

async function createCluster(initdb: string, cluster: PostgresCluster): Promise<void> {
  const unfinished = `${cluster.folder}.unfinished-${process.pid}`;
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, cluster.password, { mode: 0o600 });
    if (cluster.user !== undefined) {
      await chown(unfinished, cluster.user.uid, cluster.user.gid);
      await chown(passwordFile, cluster.user.uid, cluster.user.gid);
    }
    // The built-in locale sorts and folds alike on every machine, whatever the system has installed.
    const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale-provider=builtin', '--locale=C'];
    await run(
      initdb,
      [
        ...options,
        '--builtin-locale=C.UTF-8',
        `--username=${cluster.superuser}`,
        `--pwfile=${passwordFile}`,
        `--pgdata=${unfinished}`,
      ],
      { cwd: '/', ...cluster.user },
    );
    await rename(unfinished, cluster.folder).catch((error: NodeJS.ErrnoException) => {
      // Another start of the same moment finished first: its cluster has the same password.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    throw new Error(`PostgreSQL could not create its data folder ${cluster.folder}: ${reasonOf(cause)}`, {
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}
