// Follows the API's stream of events for as long as wanted: it connects again when the stream breaks, and goes on after
// the last event that came. Shows nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { refusalIn } from './client.ts';

export interface Following {
  /** Where the stream is, with its query. */
  readonly url: string;
  readonly key: string;
  /** The id of the last event known; null: where the API begins by itself. */
  readonly after: string | null;
  readonly signal: AbortSignal;
  /** Told before each pause, with its length in milliseconds. */
  readonly onAway: (pauseMs: number) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** A stream from which nothing came for this long, not even its heartbeat, is dead without having said so. */
const SILENCE_MS = 60_000;

/** Throws ApiError when the API refuses; every other trouble is waited out. */
export async function* follow(following: Following): AsyncGenerator<EventSourceMessage> {
  const { signal, onAway } = following;
  let { after } = following;
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const watch = new AbortController();
    const response = await open({ ...following, after }, AbortSignal.any([signal, watch.signal]));
    try {
      for await (const { id, message } of response?.body == null ? [] : partsOf(response.body, watch)) {
        if (message !== null) yield message;
        after = id ?? after;
        pause = FIRST_PAUSE_MS;
      }
    } catch (error) {
      if (!isBreak(error)) throw error;
    }
    if (signal.aborted) return;
    // Spread, so that all who follow do not come back at once.
    const wait = Math.round(pause * (0.5 + Math.random() / 2));
    onAway(wait);
    await sleep(wait, undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** The answer, or null when there is none at the moment. */
async function open({ url, key, after }: Following, signal: AbortSignal): Promise<Response | null> {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  const resuming = after === null ? {} : { 'last-event-id': after };
  try {
    const response = await fetch(url, { headers: { ...headers, ...resuming }, signal });
    if (response.ok) return response;
    if (response.status < 500 && response.status !== 429) throw await refusalIn(response);
    await response.body?.cancel();
    return null;
  } catch (error) {
    if (isBreak(error)) return null;
    throw error;
  }
}

/** How far the stream is, or an event. An event follows its own id; a heartbeat is an id alone. */
interface Part {
  readonly id: string | null;
  readonly message: EventSourceMessage | null;
}

/** What arrives, in order. What came in one piece is handed on whole before more is read: no break falls between. */
async function* partsOf(body: ReadableStream<Uint8Array>, watch: AbortController): AsyncGenerator<Part> {
  const silence = setTimeout(() => watch.abort(), SILENCE_MS);
  let parts: Part[] = [];
  const parser = createParser({
    onId: (id) => parts.push({ id, message: null }),
    onEvent: (message) => parts.push({ id: null, message }),
  });
  try {
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      silence.refresh();
      parser.feed(text);
      yield* parts;
      parts = [];
    }
  } finally {
    clearTimeout(silence);
  }
}

/** What fetch throws for a connection that could not be made, was cut, or was given up. */
function isBreak(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === 'AbortError');
}
