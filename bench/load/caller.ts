// One request after another to the API under load. Unlike a patient caller it never sends anything again: what is not
// answered with success ends the benchmark.

import { randomUUID } from 'node:crypto';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

export type Ask = <T>(request: Request) => Promise<T>;

/** Asks as the holder of `token`. A text body is sent as NDJSON, any other as JSON. */
export function asking(apiUrl: string, token: string): Ask {
  return async ({ method, path, body }) => {
    const isText = typeof body === 'string';
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
        ...(body === undefined
          ? {}
          : { 'content-type': isText ? 'application/x-ndjson' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
}
