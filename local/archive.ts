// The embedded platform's data folder as one archive, and back: only while nothing runs on it, whole or not at all. It
// knows which files hold data, and nothing of what is in them.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { runCommand } from './command.ts';
import { isRunningPostgres } from './postgres-cluster.ts';

/** PostgreSQL with its password, Temporal's file with what SQLite keeps beside it, and the key that opens secrets. */
const DATA = /^(postgres|secret-key|temporal\.sqlite(-wal|-shm)?)$/;

/** Without these there is nothing to go on from; Temporal's file may be missing: the ledger is enough. */
const ESSENTIAL = ['postgres', 'secret-key'];

const LONGEST_MS = 10 * 60_000;

/** Writes the archive beside its place and moves it there whole. */
export async function backUp(dataDir: string, file: string): Promise<void> {
  const folder = path.resolve(dataDir);
  const names = (await namesIn(folder)).filter((name) => DATA.test(name));
  const missing = ESSENTIAL.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Error(`${folder} holds no platform: ${missing.join(' and ')} is missing.`);
  await assertStill(folder);
  const target = path.resolve(file);
  const unfinished = `${target}.unfinished-${process.pid}`;
  try {
    // Nobody else may read it: it holds the secret key.
    await writeFile(unfinished, '', { mode: 0o600, flag: 'wx' });
    // The server's own log and lock are no data.
    const exclude = ['--exclude=postgres/server.log', '--exclude=postgres/cluster/postmaster.pid'];
    await tar(['-c', '-z', '-p', ...exclude, '-f', unfinished, '-C', folder, ...names]);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Unpacks the archive into a data folder that holds no data yet. */
export async function restore(dataDir: string, file: string): Promise<void> {
  const folder = path.resolve(dataDir);
  const there = (await namesIn(folder)).filter((name) => DATA.test(name));
  if (there.length > 0) {
    throw new Error(
      `${folder} holds data already (${there.join(', ')}): move it away first, nothing is overwritten.`,
    );
  }
  await mkdir(folder, { recursive: true });
  // In the same file system, so that moving is renaming.
  const unpacked = await mkdtemp(path.join(folder, 'restoring-'));
  try {
    await tar(['-x', '-z', '-p', '-f', path.resolve(file), '-C', unpacked]);
    const names = await readdir(unpacked);
    const missing = ESSENTIAL.filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Error(`${file} is no backup: ${missing.join(' and ')} is missing.`);
    for (const name of names) await rename(path.join(unpacked, name), path.join(folder, name));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function tar(args: readonly string[]): Promise<void> {
  await runCommand({ command: 'tar', args, timeoutMs: LONGEST_MS });
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Throws while anything still writes to the folder: a copy of it would be of no moment at all. */
async function assertStill(folder: string): Promise<void> {
  const running = await readFile(path.join(folder, 'running.json'), 'utf8').catch(() => null);
  const temporal = running === null ? null : String(JSON.parse(running).temporalAddress ?? '');
  const alive =
    (await isRunningPostgres(path.join(folder, 'postgres', 'cluster'))) ||
    (temporal !== null && (await listens(temporal)));
  if (alive) throw new Error(`The platform runs on ${folder}: stop it (Ctrl-C), then back it up.`);
}

async function listens(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return await new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
