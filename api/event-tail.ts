// The end of the feed, watched once for everybody who follows it: one query at a time while there is anybody, and none
// while there is nobody. Whoever is abreast is served from memory; whoever is behind reads pages of their own, of one thesis
// alone when that is all they follow. A position alone says what comes next, and nothing is skipped while PostgreSQL is away.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../db/connect.ts';
import { feedEnd, readFeed } from '../db/event-feed.ts';
import { type Announcement, announcementOf } from '../domain/thesis/announcement.ts';

export interface EventTail {
  /**
   * What follows a position, page by page, oldest first; of one thesis, or of all (null). A page from memory may have
   * other theses in it too. Waits for more until the signal ends it.
   */
  from(position: number, thesisId: string | null, signal: AbortSignal): AsyncGenerator<FeedPage, void>;
}

export interface FeedPage {
  readonly announcements: readonly Announcement[];
  /** Whoever has taken the page has seen all that was asked for up to this position. */
  readonly upTo: number;
}

const LOOK_EVERY_MS = 500;
const PAGE = 200;

/** More than come between two looks, so that a caller who takes what it is sent stays abreast. */
const KEPT = 1_000;

interface Tail {
  readonly db: Db;
  readonly log: Logger;
  /** The newest announcements, the first of them at `base + 1`. */
  kept: Announcement[];
  /** Infinite while nobody watches: everybody is behind. */
  base: number;
  followers: number;
  isWatched: boolean;
  isFailing: boolean;
  readonly waiting: Set<() => void>;
}

export function createEventTail(db: Db, log: Logger): EventTail {
  const tail: Tail = {
    db,
    log,
    kept: [],
    base: Number.POSITIVE_INFINITY,
    followers: 0,
    isWatched: false,
    isFailing: false,
    waiting: new Set(),
  };
  return {
    async *from(after, thesisId, signal) {
      let position = after;
      tail.followers += 1;
      try {
        if (!tail.isWatched) void watch(tail);
        while (!signal.aborted) {
          const page = await pageAfter(tail, position, thesisId);
          if (page.upTo === position) await nextLook(tail, signal);
          else {
            position = page.upTo;
            yield page;
          }
        }
      } finally {
        tail.followers -= 1;
      }
    },
  };
}

async function pageAfter(tail: Tail, position: number, thesisId: string | null): Promise<FeedPage> {
  const from = position - tail.base;
  if (from < 0 && thesisId !== null) return await readOf(tail, position, thesisId);
  const announcements = from < 0 ? await read(tail, position) : tail.kept.slice(from, from + PAGE);
  return { announcements, upTo: announcements.at(-1)?.position ?? position };
}

async function watch(tail: Tail): Promise<void> {
  tail.isWatched = true;
  while (tail.followers > 0) {
    const seen = await look(tail);
    for (const wake of [...tail.waiting]) wake();
    if (seen < PAGE) await sleep(LOOK_EVERY_MS);
  }
  Object.assign(tail, { isWatched: false, kept: [], base: Number.POSITIVE_INFINITY });
}

/** Takes in what is new, a page at most; says how much it was. */
async function look(tail: Tail): Promise<number> {
  if (tail.base === Number.POSITIVE_INFINITY) {
    tail.base = (await attempt(tail, () => feedEnd(tail.db))) ?? Number.POSITIVE_INFINITY;
    return 0;
  }
  const fresh = await read(tail, tail.base + tail.kept.length);
  const kept = [...tail.kept, ...fresh];
  const surplus = Math.max(0, kept.length - KEPT);
  Object.assign(tail, { kept: kept.slice(surplus), base: tail.base + surplus });
  return fresh.length;
}

async function read(tail: Tail, after: number): Promise<readonly Announcement[]> {
  const page = await attempt(tail, async () =>
    (await readFeed(tail.db, { after, limit: PAGE })).map(announcementOf),
  );
  return page ?? [];
}

/**
 * The events of one thesis alone. The end of the feed is read before them: up to there nothing of the thesis can still
 * appear, so that a page that is not full reaches as far, however long the thesis has been quiet.
 */
async function readOf(tail: Tail, after: number, thesisId: string): Promise<FeedPage> {
  const page = await attempt(tail, async () => {
    const end = await feedEnd(tail.db);
    const entries = await readFeed(tail.db, { after, limit: PAGE, thesisId });
    const last = entries.at(-1)?.position ?? after;
    const upTo = entries.length < PAGE ? Math.max(end, last) : last;
    return { announcements: entries.map(announcementOf), upTo };
  });
  return page ?? { announcements: [], upTo: after };
}

/** Undefined when PostgreSQL does not answer: the next look tries again. Told once an outage. */
async function attempt<T>(tail: Tail, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    const answer = await ask();
    if (tail.isFailing) tail.log.info('the feed can be read again');
    tail.isFailing = false;
    return answer;
  } catch (error) {
    if (!tail.isFailing) tail.log.error({ err: error }, 'the feed cannot be read; those who follow it wait');
    tail.isFailing = true;
    return undefined;
  }
}

function nextLook({ waiting }: Tail, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
  });
}
