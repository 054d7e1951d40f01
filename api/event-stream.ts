// The life of one stream of events: sends pages as fast as the caller takes them, beats while there is nothing to send,
// asks at every beat whether the caller may still read, and ends without waiting for a caller who does not listen. It
// holds one page at most. Which events there are, and who may open a stream, is decided elsewhere.

import type { HttpBindings } from '@hono/node-server';
import { stream } from 'hono/streaming';
import type { StreamingApi } from 'hono/utils/stream';
import type { Announcement } from '../domain/thesis/announcement.ts';
import type { ApiContext } from './context.ts';
import type { FeedPage } from './event-tail.ts';
import { problemOf } from './failure.ts';

export interface Following {
  /** The position that the caller has seen last. */
  readonly after: number;
  readonly pages: (after: number, signal: AbortSignal) => AsyncIterable<FeedPage>;
  readonly isWanted: (announcement: Announcement) => boolean;
  /** Throws once the caller may no longer read. */
  readonly readmit: () => Promise<unknown>;
  /** Called once, when the stream is over. */
  readonly onEnd: () => void;
  /** Aborted when the process is about to end. */
  readonly ending: AbortSignal;
  readonly beatMs: number;
}

export const EVENT_STREAM = 'text/event-stream';

/** `close`: when the process drains, no idle connection stays behind. Proxies must not keep events back. */
export const STREAM_HEADERS = {
  'content-type': EVENT_STREAM,
  'x-accel-buffering': 'no',
  connection: 'close',
} as const;

/** How long a client waits before it comes back. */
const RETRY_MS = 2_000;

/** A caller who takes nothing for so many beats is gone, or will not catch up. */
const STALLED_BEATS = 4;

/** Access that could not be checked for so many beats is taken for lost; until then an outage ends no stream. */
const UNCHECKED_BEATS = 8;

/** What a stream that ends has left to say must be taken by then. */
const LAST_WORDS_MS = 1_000;

interface Life {
  readonly c: ApiContext;
  readonly out: StreamingApi;
  readonly over: AbortController;
  readonly begun: number;
  position: number;
  sent: number;
  pending: number;
  takenAt: number;
  checkedAt: number;
  isChecking: boolean;
}

/** Answers with the stream. */
export function eventStream(c: ApiContext, following: Following): Response {
  for (const [name, value] of Object.entries(STREAM_HEADERS)) c.header(name, value);
  return stream(c, (out) => live(lifeOf(c, out, following.after), following));
}

function lifeOf(c: ApiContext, out: StreamingApi, position: number): Life {
  const now = performance.now();
  const counted = { position, sent: 0, pending: 0, takenAt: now, checkedAt: now, isChecking: false };
  return { c, out, over: new AbortController(), begun: now, ...counted };
}

async function live(life: Life, following: Following): Promise<void> {
  const { out, over } = life;
  const drain = (): void => end(life, 'the process ends');
  const beats = setInterval(() => beat(life, following), following.beatMs);
  over.signal.addEventListener('abort', () => {
    clearInterval(beats);
    following.ending.removeEventListener('abort', drain);
    following.onEnd();
    tellEnd(life);
  });
  out.onAbort(() => over.abort('the caller left'));
  following.ending.addEventListener('abort', drain);
  try {
    // The position comes first: a caller who asked for what is new, and breaks off before anything is, misses nothing.
    await write(life, `retry: ${RETRY_MS}\nid: ${life.position}\n\n`);
    for await (const page of following.pages(life.position, over.signal)) await send(life, page, following);
  } catch (error) {
    life.c.var.log.error({ err: error }, 'a stream of events broke');
    end(life, 'a fault of ours');
  }
}

async function send(life: Life, { announcements, upTo }: FeedPage, { isWanted }: Following): Promise<void> {
  const wanted = announcements.filter(isWanted);
  if (wanted.length > 0) await write(life, wanted.map(frame).join(''));
  life.sent += wanted.length;
  life.position = upTo;
}

/** One line of JSON: it escapes its line breaks. */
function frame(announcement: Announcement): string {
  const { position, type } = announcement;
  return `id: ${position}\nevent: ${type}\ndata: ${JSON.stringify(announcement)}\n\n`;
}

/** Waits until the caller has room for it. */
async function write(life: Life, text: string): Promise<void> {
  life.pending += 1;
  await life.out.write(text);
  life.pending -= 1;
  life.takenAt = performance.now();
}

/** Without data an id is no event: it moves the place at which the caller resumes, past what it did not ask for. */
function beat(life: Life, { readmit, beatMs }: Following): void {
  const now = performance.now();
  if (!life.isChecking) void check(life, readmit);
  if (now - life.checkedAt > UNCHECKED_BEATS * beatMs) end(life, 'access could not be checked');
  else if (life.pending === 0)
    void write(life, `: ${life.c.var.now().toISOString()}\nid: ${life.position}\n\n`);
  else if (now - life.takenAt > STALLED_BEATS * beatMs) end(life, 'the caller takes nothing');
}

async function check(life: Life, readmit: () => Promise<unknown>): Promise<void> {
  life.isChecking = true;
  try {
    await readmit();
    life.checkedAt = performance.now();
  } catch (error) {
    const { code } = problemOf(error);
    if (code === 'unauthenticated' || code === 'forbidden') end(life, 'access is over');
    else life.c.var.log.warn({ err: error }, 'the access of a stream could not be checked');
  } finally {
    life.isChecking = false;
  }
}

/** Ends it: at once for a caller who takes what is left, and in a moment for one who does not. */
function end({ c, out, over }: Life, reason: string): void {
  if (over.signal.aborted) return;
  over.abort(reason);
  const { outgoing }: Partial<HttpBindings> = c.env ?? {};
  const hangUp = (): void => {
    outgoing?.destroy();
    out.abort();
  };
  setTimeout(hangUp, LAST_WORDS_MS).unref();
}

function tellEnd({ c, over, begun, position, sent }: Life): void {
  const ms = Math.round(performance.now() - begun);
  const member = c.var.member.memberId;
  c.var.log.info({ member, ms, sent, position, reason: over.signal.reason }, 'stream of events ended');
}
