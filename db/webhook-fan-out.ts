// Makes events into deliveries to webhooks, exactly once: the rows and the place up to which a webhook has been told
// change together, under the webhook's lock. Sends nothing.

import { sql } from 'kysely';
import { announcementOf } from '../domain/thesis/announcement.ts';
import { ATTEMPTS, bodyOf, messageId } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import { type FeedEntry, readFeed } from './event-feed.ts';

/** Events made into deliveries in one transaction. */
const SLICE = 200;

/**
 * Makes deliveries of the events that a webhook has not seen, and moves it on past them, together or not at all. False
 * when no webhook is behind, or only ones that another worker has in hand.
 */
export async function fanOut(db: Db, at: string): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const webhook = await trx
      .selectFrom('webhook')
      .select(['webhook_id', 'event_types', 'portfolio', 'position'])
      .where('disabled_at', 'is', null)
      .where('position', '<', (eb) =>
        eb
          .selectFrom('event_feed')
          .select((inner) => inner.fn.coalesce(inner.fn.max('position'), sql<string>`0`).as('end')),
      )
      .orderBy('position')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (webhook === undefined) return false;
    const entries = await readFeed(trx, { after: Number(webhook.position), limit: SLICE });
    const last = entries.at(-1);
    if (last === undefined) return false;
    const wanted = await ofPortfolio(trx, entries, webhook.portfolio);
    const rows = wanted.flatMap((entry) => deliveryOf(webhook, entry, at));
    if (rows.length > 0) await trx.insertInto('webhook_delivery').values(rows).execute();
    await trx
      .updateTable('webhook')
      .set({ position: String(last.position) })
      .where('webhook_id', '=', webhook.webhook_id)
      .execute();
    return true;
  });
}

/** The delivery of an event, if the webhook wants its type. */
function deliveryOf(
  {
    webhook_id,
    event_types,
  }: { readonly webhook_id: string; readonly event_types: readonly string[] | null },
  entry: FeedEntry,
  at: string,
) {
  const announcement = announcementOf(entry);
  const { position, type } = announcement;
  if (event_types !== null && !event_types.includes(type)) return [];
  return {
    delivery_id: messageId(webhook_id, entry.hash),
    webhook_id,
    position: String(position),
    type,
    body: bodyOf(announcement),
    state: 'pending' as const,
    attempts_left: ATTEMPTS,
    next_attempt_at: at,
    created_at: at,
  };
}

async function ofPortfolio(db: Db, entries: readonly FeedEntry[], portfolio: string | null) {
  if (portfolio === null) return entries;
  const rows = await db
    .selectFrom('thesis')
    .select('thesis_id')
    .where('portfolio', '=', portfolio)
    .where('thesis_id', 'in', [...new Set(entries.map(({ thesisId }) => thesisId))])
    .execute();
  const theses = new Set(rows.map((row) => row.thesis_id));
  return entries.filter(({ thesisId }) => theses.has(thesisId));
}
