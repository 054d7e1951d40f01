// One request after another to the API under load. What the platform could not answer in time is sent again under the
// same key, while its clock goes on; whatever else is no success ends the benchmark.

import { randomUUID } from 'node:crypto';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

export type Ask = <T>(request: Request) => Promise<T>;

const ATTEMPTS = 6;

/** Asks as the holder of `token`. A text body is sent as NDJSON, any other as JSON. */
export function asking(apiUrl: string, token: string): Ask {
  return async ({ method, path, body }) => {
    const isText = typeof body === 'string';
    const init = {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...(body === undefined
          ? {}
          : { 'content-type': isText ? 'application/x-ndjson' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await fetch(`${apiUrl}${path}`, init);
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text);
      if (answer.status !== 503 || attempt === ATTEMPTS) {
        throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      }
    }
  };
}
