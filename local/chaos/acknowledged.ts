// Remembers everything that the API acknowledged to the drivers, so that the end can ask for each of it: launches,
// votes, submissions, observations.

import type { ApiCaller } from '../../cli/client.ts';

export interface Acknowledged {
  readonly launches: { thesisId: string; sequence: number }[];
  /** Commands of any kind that answered with a receipt. */
  readonly commands: { thesisId: string; sequence: number; path: string }[];
  readonly submissions: { thesisId: string; submission: string }[];
  readonly rows: { thesisId: string; rowKey: string; metric: string; sum: string }[];
}

export function nothingYet(): Acknowledged {
  return { launches: [], commands: [], submissions: [], rows: [] };
}

/** A caller that notes what was acknowledged. */
export function remembering(caller: ApiCaller, memory: Acknowledged): ApiCaller {
  const note = (path: string, answer: unknown): void => {
    const thesisId = /^\/v1\/theses\/([^/]+)\/evidence/.exec(path)?.[1];
    if (thesisId !== undefined && hasText(answer, 'submission')) {
      memory.submissions.push({ thesisId, submission: answer.submission });
    } else if (isReceipt(answer)) {
      if (path === '/v1/theses') memory.launches.push(answer);
      memory.commands.push({ ...answer, path });
    }
  };
  const noting = async <T>(path: string, call: Promise<T>): Promise<T> => {
    const answer = await call;
    note(path, answer);
    return answer;
  };
  return {
    ...caller,
    async postOnce<T>(path: string, body: string, key: string) {
      const sent = await caller.postOnce<T>(path, body, key);
      note(path, sent.answer);
      return sent;
    },
    post: (path, body) => noting(path, caller.post(path, body)),
    put: (path, body) => noting(path, caller.put(path, body)),
    async stream<T>(path: string, rows: readonly object[]): Promise<T> {
      const answer = await caller.stream<T>(path, rows);
      const thesisId = new URL(path, 'http://localhost').searchParams.get('thesis') ?? '';
      for (const row of rows) {
        if (hasText(row, 'rowKey') && hasText(row, 'metric') && hasText(row, 'sum')) {
          memory.rows.push({ thesisId, rowKey: row.rowKey, metric: row.metric, sum: row.sum });
        }
      }
      return answer;
    },
  };
}

function isReceipt(answer: unknown): answer is { thesisId: string; sequence: number } {
  return hasText(answer, 'thesisId') && 'sequence' in answer && typeof answer.sequence === 'number';
}

function hasText<K extends string>(value: unknown, name: K): value is Record<K, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof new Map(Object.entries(value)).get(name) === 'string'
  );
}
