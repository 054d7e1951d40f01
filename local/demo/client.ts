// A caller of the public API, as anybody could write one: a base address, a key, JSON in and out. Knows nothing of
// what stands behind it.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface ApiCaller {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  /** Sends rows as NDJSON. */
  stream<T>(path: string, rows: readonly object[]): Promise<T>;
}

/** How long a service that is being restarted is waited for. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/** Calls as the holder of `token`. What fails for want of a service is sent again, under the same Idempotency-Key. */
export function callerOf(baseUrl: string, token: string): ApiCaller {
  const call = async <T>(
    method: string,
    path: string,
    body: string | undefined,
    type: string,
  ): Promise<T> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (method !== 'GET') headers['idempotency-key'] = randomUUID();
    if (body !== undefined) headers['content-type'] = type;
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await attempt(`${baseUrl}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      if (answer !== null && answer.status < 500) return await read<T>(answer);
      if (Date.now() > deadline)
        throw new Error(`${method} ${path}: no answer within ${PATIENCE_MS / 1000} s`);
      await sleep(PAUSE_MS);
    }
  };
  const json = 'application/json';
  return {
    get: (path) => call('GET', path, undefined, json),
    post: (path, body) => call('POST', path, JSON.stringify(body), json),
    put: (path, body) => call('PUT', path, JSON.stringify(body), json),
    stream: (path, rows) =>
      call('POST', path, rows.map((row) => JSON.stringify(row)).join('\n'), 'application/x-ndjson'),
  };
}

/** The answer, or null when nobody answers at the moment. */
async function attempt(url: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

async function read<T>(answer: Response): Promise<T> {
  const body = JSON.parse(await answer.text());
  if (answer.ok) return body;
  throw new ApiError(
    answer.status,
    body.code,
    `${body.title}: ${body.detail} ${JSON.stringify(body.errors ?? [])}`,
  );
}
