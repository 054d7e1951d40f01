// Who calls, and where: the address of the API and the key, from the options, the configuration, or the embedded
// platform that runs here. A key never comes as an argument: other users of the machine can read those.

import { readFile, stat } from 'node:fs/promises';
import { type Config, isConfidential, loadConfig } from '../config.ts';
import { type ApiCaller, callerOf } from './client.ts';
import { runningPlatform } from './running.ts';
import { MISUSED, Unable } from './unable.ts';

/** The options that every command takes. */
export interface Common {
  readonly api?: string;
  readonly json?: boolean;
}

export interface Reach {
  readonly apiUrl: string;
  readonly key: string;
  readonly caller: ApiCaller;
}

/** How long a command waits for a service that does not answer: somebody sits there. */
const PATIENCE_MS = 3_000;

export async function reach({ api }: Common, patienceMs = PATIENCE_MS): Promise<Reach> {
  const config = loadConfig();
  const apiUrl = await apiUrlOf(config, api);
  if (apiUrl === null) {
    throw new Unable(
      'No API is named, and no embedded platform runs here.',
      `Give --api or JALON_API_URL, or start the platform with \`npm start\` (it is looked for in ${config.dataDir}).`,
    );
  }
  const key = await keyOf(config);
  if (key === null) {
    throw new Unable(
      'There is no API key.',
      `Set JALON_API_KEY, or keep the key in ${config.apiKeyFile}, readable by you only (chmod 600).`,
    );
  }
  return { apiUrl, key, caller: callerOf(apiUrl, key, patienceMs) };
}

/** Null when nothing says where the API is. */
export async function apiUrlOf(config: Config, given?: string): Promise<string | null> {
  if (given !== undefined && !isConfidential(given)) {
    throw new Unable(
      '--api must be https, or http on this machine: a key goes there.',
      'Put a proxy that ends TLS in front of the API, or open a tunnel to it.',
      MISUSED,
    );
  }
  const url = given ?? config.apiUrl ?? (await runningPlatform(config.dataDir))?.apiUrl ?? null;
  return url?.replace(/\/+$/, '') ?? null;
}

/** Null when there is none. A file that others can read is refused: the key in it is no secret. */
export async function keyOf({ apiKey, apiKeyFile }: Config): Promise<string | null> {
  if (apiKey !== null) return apiKey;
  const found = await stat(apiKeyFile).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return null;
  if ((found.mode & 0o077) !== 0) {
    throw new Unable(
      `Others can read the API key in ${apiKeyFile}.`,
      `Close it with \`chmod 600 ${apiKeyFile}\`, and replace the key if somebody may have seen it.`,
    );
  }
  return (await readFile(apiKeyFile, 'utf8')).trim();
}
