// Follows GET /v1/events over real HTTP as a client of its own would: reads with a parser that keeps to the standard,
// remembers the last id, and leaves when it is told to.
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface EventReader {
  readonly response: Response;
  /** Events so far. */
  readonly events: EventSourceMessage[];
  /** The comments so far: one a beat. */
  readonly comments: string[];
  /** What it would resume after; it moves with ids that have no event, too. */
  lastId(): string;
  /** Waits until there are so many events in all. */
  until(count: number): Promise<EventSourceMessage[]>;
  /** Waits for the end: `ended` by the server, `broken` in the middle. */
  readonly over: Promise<'ended' | 'broken'>;
  leave(): void;
}

export interface Follow {
  readonly query?: string;
  readonly lastEventId?: string;
}

export async function follow(url: string, token: string, { query = '', lastEventId }: Follow = {}) {
  const leaving = new AbortController();
  const headers = new Headers({ authorization: `Bearer ${token}` });
  if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
  const response = await fetch(`${url}/v1/events${query}`, { headers, signal: leaving.signal });
  if (response.status !== 200) throw new Refused(response.status, await response.json(), response.headers);
  return readerOf(response, leaving);
}

/** The stream was not opened. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: unknown;
  readonly headers: Headers;

  constructor(status: number, problem: unknown, headers: Headers) {
    super(`${status}: ${JSON.stringify(problem)}`);
    this.status = status;
    this.problem = problem;
    this.headers = headers;
  }
}

function readerOf(response: Response, leaving: AbortController): EventReader {
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  const waiting = new Set<() => void>();
  let lastId = '';
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onComment: (comment) => comments.push(comment),
    onId: (id) => {
      lastId = id ?? '';
    },
  });
  const wake = (): void => {
    for (const one of waiting) one();
  };
  let isOver = false;
  const over = read(response, (text) => {
    parser.feed(text);
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  return {
    response,
    events,
    comments,
    lastId: () => lastId,
    over,
    leave: () => leaving.abort(),
    async until(count) {
      while (events.length < count) {
        if (isOver) throw new Error(`the stream is over after ${events.length} of ${count} events`);
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
      }
      return events;
    },
  };
}

async function read(response: Response, take: (text: string) => void): Promise<'ended' | 'broken'> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of response.body ?? []) take(decoder.decode(bytes, { stream: true }));
    return 'ended';
  } catch {
    return 'broken';
  }
}
