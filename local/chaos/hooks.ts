// The webhooks of a chaos run: one that asks for all events and one that asks for some, both leading to its receiver, and
// the waiting at the end until all is sent.

import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ApiCaller } from '../../cli/client.ts';
import { connect } from '../../db/connect.ts';
import type { AnnouncementType } from '../../domain/thesis/announcement.ts';
import type { Receiver } from './receiver.ts';

const MILESTONES: readonly AnnouncementType[] = ['thesis.proposed', 'gate.decided', 'thesis.closed'];

const ASKED: Readonly<Record<string, readonly AnnouncementType[] | null>> = { all: null, some: MILESTONES };

export interface Hook {
  readonly name: string;
  readonly webhookId: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
}

/** To be called before there are events: a webhook is told of what comes after it. */
export async function registerHooks(admin: ApiCaller, receiver: Receiver): Promise<Hook[]> {
  const hooks: Hook[] = [];
  for (const [name, eventTypes] of Object.entries(ASKED)) {
    const { webhookId, secret } = await admin.post<{ webhookId: string; secret: string }>('/v1/webhooks', {
      url: receiver.url(name),
      description: `Chaos, ${name}`,
      eventTypes,
    });
    receiver.know(name, secret);
    hooks.push({ name, webhookId, eventTypes });
  }
  return hooks;
}

/** The second failure of a delivery waits for five minutes, a killed sender's lease for one. */
const SENT_WITHIN_MS = 7 * 60_000;

/** Resolves when all is sent, or should be: then the reckoning names what is not. */
export async function untilSent(databaseUrl: string): Promise<void> {
  const db = connect(databaseUrl, { poolSize: 1, name: 'jalon-chaos' });
  try {
    for (const deadline = Date.now() + SENT_WITHIN_MS; Date.now() < deadline; await sleep(250)) {
      const { rows } = await sql`
        select 1 where exists (select from webhook_delivery where state = 'pending')
          or exists (select from webhook where position < (select max(position) from event_feed))`.execute(
        db,
      );
      if (rows.length === 0) return;
    }
  } finally {
    await db.destroy();
  }
}
