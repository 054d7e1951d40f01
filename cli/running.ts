// The embedded platform that runs on this machine, as it tells other commands: where its parts are. Written by local/,
// read here, and gone when the platform stops.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.ts';

export interface RunningPlatform {
  readonly apiUrl: string;
  readonly workerUrl: string;
  readonly databaseUrl: string;
  /** As the owner of its tables. */
  readonly databaseOwnerUrl: string;
  readonly temporalAddress: string;
}

/** Null when none runs from this data folder. */
export async function runningPlatform(dataDir: string): Promise<RunningPlatform | null> {
  const text = await readIfThere(path.join(dataDir, 'running.json'));
  return text === null ? null : JSON.parse(text);
}

/** The database of the configuration, or of the embedded platform; null when there is neither. */
export async function databaseUrlOf({ databaseUrl, dataDir }: Config): Promise<string | null> {
  return databaseUrl ?? (await runningPlatform(dataDir))?.databaseUrl ?? null;
}

/** The key under which the embedded platform seals its secrets. */
export async function keptSecretKey(dataDir: string): Promise<string | null> {
  return (await readIfThere(path.join(dataDir, 'secret-key')))?.trim() ?? null;
}

async function readIfThere(file: string): Promise<string | null> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
