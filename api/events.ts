// GET /v1/events: what happens to all theses, as server-sent events in the one order of the feed, from any position on.
// It reads only what the timelines of the theses show too, and changes nothing.

import { Gauge } from 'prom-client';
import { feedEnd } from '../db/event-feed.ts';
import type { Announcement } from '../domain/thesis/announcement.ts';
import { EVERY_ROLE, readmit } from './access.ts';
import type { Api, ApiContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { createEventPlaces } from './event-places.ts';
import { EVENT_STREAM, eventStream, STREAM_HEADERS } from './event-stream.ts';
import { createEventTail } from './event-tail.ts';
import type { OperationDeps } from './operation-deps.ts';
import { Problem, refuseFields } from './problem.ts';
import { route } from './route.ts';
import { eventAnswer, eventsHeaders, eventsQuery } from './schemas/event.ts';
import { thesisOf } from './theses.ts';

/** How streams are served. */
export interface EventPolicy {
  /** Streams open at once. */
  readonly perProcess: number;
  readonly perCredential: number;
  /** Between two beats of a stream, at each of which access is checked anew. */
  readonly beatMs: number;
  /** Aborted when the process is about to end. */
  readonly ending: AbortSignal;
}

const BEAT_MS = 15_000;

const events = route({
  method: 'get',
  path: '/v1/events',
  summary: 'Follow what happens, as server-sent events',
  description: `Each event has its position as \`id\`, its type as \`event\`, and as \`data\` a line of JSON in the form of
\`Event\`. A client that breaks off sends the last id that it saw as \`Last-Event-ID\`, to this or to another process, and
gets what follows, each event once. A comment with an id, and no event, comes every 15 seconds. The stream ends when the
process does, and within 15 seconds of the caller's access; 429 and 503 say that too many streams are open.`,
  roles: EVERY_ROLE,
  request: { query: eventsQuery, headers: eventsHeaders },
  responses: {
    200: {
      description: 'The stream; the schema is that of each `data`.',
      content: { [EVENT_STREAM]: { schema: eventAnswer } },
    },
  },
});

export function registerEvents(app: Api, deps: ApiDeps, { registry }: OperationDeps): void {
  const policy = { perProcess: 500, perCredential: 10, beatMs: BEAT_MS, ending: NEVER, ...deps.events };
  const places = createEventPlaces(policy);
  const tail = createEventTail(deps.db, deps.log);
  countStreams(registry, () => places.taken);
  app.openapi(events, async (c) => {
    const { thesis, type, after } = c.req.valid('query');
    if (thesis !== undefined) await thesisOf(c, thesis);
    const position = await beginning(c, c.req.valid('header')['last-event-id'], after);
    // A HEAD is answered by what a GET would be, without anybody to read its body.
    if (c.req.method === 'HEAD') return c.body(null, 200, STREAM_HEADERS);
    if (policy.ending.aborted)
      throw new Problem('unavailable', 'This process is about to end.', { retryAfter: 1 });
    const isWanted = ({ thesisId, type: name }: Announcement): boolean =>
      (thesis === undefined || thesisId === thesis) && (type === undefined || type.includes(name));
    return eventStream(c, {
      after: position,
      pages: (from, signal) => tail.from(from, thesis ?? null, signal),
      isWanted,
      readmit: () => readmit(c, EVERY_ROLE),
      onEnd: places.take(c.var.caller.credential),
      ...policy,
    });
  });
}

const NEVER = new AbortController().signal;

/** The position to begin after. Refuses one that the feed has not reached: what lies before it would be skipped. */
async function beginning(
  c: ApiContext,
  seen: number | undefined,
  after: number | undefined,
): Promise<number> {
  const end = await feedEnd(c.var.db);
  const wanted = seen ?? after ?? end;
  if (wanted > end) {
    const path = seen === undefined ? 'query.after' : 'header.last-event-id';
    const message = `The newest event is ${end}. Begin after it, or with after=0 if the events were restored from a copy.`;
    refuseFields([{ path, message }]);
  }
  return wanted;
}

function countStreams(registry: OperationDeps['registry'], count: () => number): void {
  new Gauge({
    name: 'jalon_event_streams',
    help: 'Streams of events that are open in this process.',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}
