// The reckoning of notifications at the end of a chaos run: to each webhook every event of the ledger that it asks for was
// told, under one id and as the ledger has it, and nothing else was. Which repeats are legal, `repeats.ts` says.

import { connect, type Db } from '../../db/connect.ts';
import { type AnnouncementType, announcementOf } from '../../domain/thesis/announcement.ts';
import { bodyOf } from '../../domain/webhook.ts';
import type { Hook } from './hooks.ts';
import type { Arrival, Receiver } from './receiver.ts';
import { judge, type LoggedDelivery } from './repeats.ts';

/** What one webhook was told, in counts. */
export interface Notified {
  readonly name: string;
  /** Events of the ledger that it asks for. */
  readonly events: number;
  /** Notifications that arrived, each counted once. */
  readonly notifications: number;
  /** As the log has them. */
  readonly deliveries: number;
  readonly attempts: number;
  readonly requests: number;
  /** Legal repeats by their reason. */
  readonly repeats: ReadonlyMap<string, number>;
}

/** Every loss, a sentence each, and what there is in counts. */
export async function reckonNotifications(
  databaseUrl: string,
  { hooks, receiver }: { readonly hooks: readonly Hook[]; readonly receiver: Receiver },
): Promise<{ losses: string[]; notified: Notified[] }> {
  const db = connect(databaseUrl, { poolSize: 2, name: 'jalon-chaos' });
  try {
    const ledger = await ledgerEvents(db);
    const reckoned = [];
    for (const hook of hooks) {
      const wanted = ledger.filter(({ type }) => hook.eventTypes === null || hook.eventTypes.includes(type));
      const arrivals = receiver.arrivals.filter(({ webhook }) => webhook === hook.name);
      reckoned.push(reckonHook(hook, wanted, arrivals, await deliveriesOf(db, hook.webhookId)));
    }
    return {
      losses: reckoned.flatMap(({ losses }) => losses),
      notified: reckoned.map(({ notified }) => notified),
    };
  } finally {
    await db.destroy();
  }
}

interface LedgerEvent {
  readonly key: string;
  readonly type: AnnouncementType;
  readonly body: string;
}

/** From the ledger itself: an event that the feed lacks would be told to nobody. */
async function ledgerEvents(db: Db): Promise<LedgerEvent[]> {
  const rows = await db
    .selectFrom('thesis_event as event')
    .leftJoin('event_feed as feed', (join) =>
      join.onRef('feed.thesis_id', '=', 'event.thesis_id').onRef('feed.sequence', '=', 'event.sequence'),
    )
    .select(['event.thesis_id', 'event.sequence', 'event.at', 'event.actor', 'event.command_id'])
    .select(['event.data', 'feed.position'])
    .execute();
  return rows.map(({ thesis_id: thesisId, sequence, at, actor, command_id: commandId, data, position }) => {
    const recorded = { sequence, at, actor, commandId, event: data };
    const announcement = announcementOf({ position: Number(position), thesisId, recorded });
    return { key: keyOf({ thesisId, sequence }), type: announcement.type, body: bodyOf(announcement) };
  });
}

function keyOf({ thesisId, sequence }: { readonly thesisId: string; readonly sequence: number }): string {
  return `event ${sequence} of ${thesisId}`;
}

async function deliveriesOf(db: Db, webhookId: string): Promise<LoggedDelivery[]> {
  const attempts = await db
    .selectFrom('webhook_attempt')
    .select(['delivery_id', 'number', 'at', 'duration_ms as durationMs', 'status'])
    .orderBy('number')
    .execute();
  const logs = grouped(attempts, ({ delivery_id }) => delivery_id);
  const rows = await db
    .selectFrom('webhook_delivery')
    .select(['delivery_id as id', 'state', 'attempts'])
    .where('webhook_id', '=', webhookId)
    .execute();
  return rows.map((row) => ({ ...row, log: logs.get(row.id) ?? [] }));
}

function reckonHook(
  { name }: Hook,
  wanted: readonly LedgerEvent[],
  arrivals: readonly Arrival[],
  deliveries: readonly LoggedDelivery[],
): { losses: string[]; notified: Notified } {
  const byId = grouped(arrivals, ({ id }) => id);
  const judged = deliveries.map((delivery) => judge(delivery, byId.get(delivery.id) ?? []));
  const logged = new Set(deliveries.map(({ id }) => id));
  const losses = [
    ...arrivals.flatMap(({ id, forged }) => (forged === null ? [] : [`notification ${id}: ${forged}`])),
    ...[...byId.keys()].filter((id) => !logged.has(id)).map((id) => `notification ${id} is not in the log`),
    ...contentLosses(wanted, arrivals),
    ...judged.flatMap((one) => one.losses),
  ];
  return {
    losses: losses.map((loss) => `webhook ${name}: ${loss}`),
    notified: {
      name,
      events: wanted.length,
      notifications: byId.size,
      deliveries: deliveries.length,
      attempts: deliveries.reduce((total, { attempts }) => total + attempts, 0),
      requests: arrivals.length,
      repeats: counted(judged.flatMap(({ repeats }) => repeats)),
    },
  };
}

/** Each event is told under one id, in the ledger's words, and nothing else is told. */
function contentLosses(wanted: readonly LedgerEvent[], arrivals: readonly Arrival[]): string[] {
  const told = grouped(arrivals, ({ body }) => keyOf(JSON.parse(body)));
  const asked = new Set(wanted.map(({ key }) => key));
  return [
    ...wanted.flatMap(({ key, type, body }) => {
      const its = told.get(key) ?? [];
      const ids = new Set(its.map(({ id }) => id)).size;
      const losses: string[] = [];
      if (!its.some(({ deed }) => deed === 'taken')) losses.push(`${key} (${type}) was never taken`);
      if (ids > 1) losses.push(`${key} (${type}) was told under ${ids} ids`);
      if (its.some((one) => one.body !== body)) losses.push(`${key} (${type}) was told in other words`);
      return losses;
    }),
    ...[...told.keys()]
      .filter((key) => !asked.has(key))
      .map((key) => `${key} was told, and is not in the ledger or not asked for`),
  ];
}

function counted(reasons: readonly string[]): Map<string, number> {
  return new Map([...grouped(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length]));
}

function grouped<T>(all: readonly T[], keyIn: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyIn(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
