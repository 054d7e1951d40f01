// A caller of the public API, as anybody could write one: a base address, a key, JSON in and out. Knows nothing of
// what stands behind it.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { problemSchema } from '../api/schemas/problem.ts';

export type ProblemDocument = z.output<typeof problemSchema>;

/** The API said no: its problem document, or what there was in place of one. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Partial<ProblemDocument>;

  constructor(status: number, problem: Partial<ProblemDocument>) {
    const { title = `HTTP ${status}`, detail = '', errors = [] } = problem;
    super(`${title}: ${detail} ${JSON.stringify(errors)}`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.problem = problem;
  }
}

/** Nobody answered in time. */
export class ApiAway extends Error {
  /** Something was to be written, and may have been. */
  readonly wrote: boolean;

  constructor(baseUrl: string, wrote: boolean, options?: ErrorOptions) {
    super(`${baseUrl} does not answer`, options);
    this.wrote = wrote;
  }
}

export interface ApiCaller {
  get<T>(path: string): Promise<T>;
  /** The answer as it is, as for CSV. */
  text(path: string): Promise<string>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  /** Posts under a key of the caller's own; `replayed`: it had been done before, and this is the answer of then. */
  postOnce<T>(path: string, body: string, key: string): Promise<{ answer: T; replayed: boolean }>;
  /** Sends rows as NDJSON. */
  stream<T>(path: string, rows: readonly object[]): Promise<T>;
}

/** How long a service that is being restarted is waited for. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 250;

/** Longer than the API lets any request take. */
const LONGEST_MS = 70_000;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  readonly key?: string;
}

/** Calls as the holder of `token`. What fails for want of a service is sent again, under the same Idempotency-Key. */
export function callerOf(baseUrl: string, token: string, patienceMs = PATIENCE_MS): ApiCaller {
  const call = async ({ method, path, body, type = 'application/json', key = randomUUID() }: Call) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (method !== 'GET') headers['idempotency-key'] = key;
    if (body !== undefined) headers['content-type'] = type;
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const answer = await attempt(`${baseUrl}${path}`, init);
      if (answer instanceof Response && answer.ok) return answer;
      const pause = pauseAfter(answer);
      if (pause === null || Date.now() + pause > deadline) {
        throw answer instanceof Response
          ? await refusalIn(answer)
          : new ApiAway(baseUrl, method !== 'GET', { cause: answer });
      }
      await sleep(pause);
    }
  };
  const json = async <T>(sent: Call): Promise<T> => JSON.parse(await (await call(sent)).text());
  return {
    get: (path) => json({ method: 'GET', path }),
    text: async (path) => await (await call({ method: 'GET', path })).text(),
    post: (path, body) => json({ method: 'POST', path, body: JSON.stringify(body) }),
    put: (path, body) => json({ method: 'PUT', path, body: JSON.stringify(body) }),
    async postOnce(path, body, key) {
      const answer = await call({ method: 'POST', path, body, key });
      const replayed = answer.headers.get('idempotency-replayed') === 'true';
      return { answer: JSON.parse(await answer.text()), replayed };
    },
    stream: (path, rows) => {
      const body = rows.map((row) => JSON.stringify(row)).join('\n');
      return json({ method: 'POST', path, body, type: 'application/x-ndjson' });
    },
  };
}

/** Every item of a list, page by page. */
export async function* everyItem<T>(caller: ApiCaller, path: string): AsyncGenerator<T> {
  const more = path.includes('?') ? '&' : '?';
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: T[]; next: string | null } = await caller.get(`${path}${more}limit=200${at}`);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

/** What a refusal says, be it ours or that of something between us. */
export async function refusalIn(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  try {
    return new ApiError(answer.status, JSON.parse(text));
  } catch {
    return new ApiError(answer.status, { detail: `${answer.url} does not answer as Jalon's API does.` });
  }
}

/** Milliseconds after which to try again; null when that would not help. */
function pauseAfter(answer: Response | TypeError | DOMException): number | null {
  if (!(answer instanceof Response)) return PAUSE_MS;
  if (answer.status !== 429) return answer.status < 500 ? null : PAUSE_MS;
  return Math.max(Number(answer.headers.get('retry-after') ?? 1), 1) * 1_000;
}

/** The answer, or why there is none at the moment. */
async function attempt(url: string, init: RequestInit): Promise<Response | TypeError | DOMException> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(LONGEST_MS) });
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return error;
    throw error;
  }
}
