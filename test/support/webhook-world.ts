// A database with webhooks, a receiver on this machine, events as the ledger records them, and passes of the dispatch at
// whatever time a test says.

import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { uuidv7 } from 'uuidv7';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { createPost } from '../../activities/webhooks/post.ts';
import { newWebhookSecret } from '../../activities/webhooks/signature.ts';
import { resolveBySystem } from '../../activities/webhooks/target.ts';
import { connect, type Db } from '../../db/connect.ts';
import { applyPrivileges } from '../../db/privileges.ts';
import { loginOf } from '../../db/roles.ts';
import {
  findDelivery,
  listDeliveries,
  type StoredAttempt,
  type StoredDelivery,
} from '../../db/webhook-deliveries.ts';
import { addWebhook, findWebhook, type StoredWebhook, type WebhookSettings } from '../../db/webhooks.ts';
import type { ThesisEvent } from '../../domain/thesis.ts';
import { beginDue, countAttempts, type WebhookSettings as DispatchSettings } from '../../worker/webhooks.ts';
import { createMigratedDatabase } from './database.ts';
import { hashOf } from './feed-writer.ts';
import { type Receiver, startReceiver } from './webhook-receiver.ts';

export interface WebhookWorld {
  readonly db: Db;
  readonly databaseUrl: string;
  /** Opens what the webhooks' secrets are sealed in. */
  readonly secretKey: string;
  readonly receiver: Receiver;
  /** Lines of the dispatch's log. */
  readonly logged: string[];
  /** A webhook that leads to the receiver, unless it is told otherwise, with the secret that receivers know. */
  hook(settings?: Partial<WebhookSettings>): Promise<{ readonly webhookId: string; readonly secret: string }>;
  stored(webhookId: string): Promise<StoredWebhook>;
  /** Deliveries of a webhook, oldest first. */
  deliveries(webhookId: string): Promise<StoredDelivery[]>;
  /** The one delivery of a webhook: fails when there are others. */
  soleDelivery(webhookId: string): Promise<StoredDelivery>;
  /** The attempts at the one delivery of a webhook. */
  logOf(webhookId: string): Promise<readonly StoredAttempt[]>;
  /** Records the next event of a thesis. */
  record(thesisId: string, event?: ThesisEvent): Promise<void>;
  dispatch(at: Date, change?: Partial<DispatchSettings>): DispatchSettings;
  /** One pass at a time of the test's choice, over when all that it sent is settled. Gives the number sent. */
  pass(at?: Date | string, change?: Partial<DispatchSettings>): Promise<number>;
  /** No webhook, nothing received or logged, and a receiver that takes everything. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const HELD: ThesisEvent = { type: 'ThesisHeld', by: 'lea', reason: 'No stock.', until: null };

export const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

export async function createWebhookWorld(): Promise<WebhookWorld> {
  const database = await createMigratedDatabase({ poolSize: 12 });
  const { db } = database;
  await applyPrivileges(db, loginOf(database.appUrl));
  // The dispatch has the application's login, as in a worker.
  const appDb = connect(database.appUrl, { poolSize: 12 });
  const receiver = await startReceiver();
  const secretKey = newSecretKey();
  const secretBox = createSecretBox(secretKey);
  const logged: string[] = [];
  const post = createPost({ privateTargets: 'allow', resolve: resolveBySystem, timeoutMs: 5_000 });
  const dispatch = (at: Date, change: Partial<DispatchSettings> = {}): DispatchSettings => ({
    ...dispatchOver(appDb, { at, secretBox, post, logged }),
    ...change,
  });
  return {
    db,
    databaseUrl: database.appUrl,
    secretKey,
    receiver,
    logged,
    async hook(settings = {}) {
      const secret = newWebhookSecret();
      const { webhookId } = await addWebhook(db, {
        webhookId: uuidv7(),
        url: receiver.url,
        description: 'A test',
        eventTypes: null,
        portfolio: null,
        ...settings,
        secret: secretBox.seal(secret),
        by: 'admin',
        at: new Date().toISOString(),
      });
      return { webhookId, secret };
    },
    async stored(webhookId) {
      const webhook = await findWebhook(db, webhookId);
      if (webhook === null) throw new Error(`no webhook ${webhookId}`);
      return webhook;
    },
    deliveries: (webhookId) => deliveriesOf(db, webhookId),
    soleDelivery: (webhookId) => soleDelivery(db, webhookId),
    async logOf(webhookId) {
      const { deliveryId } = await soleDelivery(db, webhookId);
      return (await findDelivery(db, webhookId, deliveryId))?.log ?? [];
    },
    record: (thesisId, event = HELD) => recordEvent(db, thesisId, event),
    dispatch,
    async pass(at = new Date(), change = {}) {
      const begun = await beginDue(dispatch(new Date(at), change), 100, new AbortController().signal);
      await Promise.all(begun);
      return begun.length;
    },
    async clear() {
      await db.deleteFrom('webhook').execute();
      receiver.behave(null);
      receiver.received.splice(0);
      logged.splice(0);
    },
    async close() {
      await appDb.destroy();
      await receiver.close();
      await database.close();
    },
  };
}

async function deliveriesOf(db: Db, webhookId: string): Promise<StoredDelivery[]> {
  return (await listDeliveries(db, webhookId, { before: null, state: null, limit: 1_000 })).reverse();
}

async function soleDelivery(db: Db, webhookId: string): Promise<StoredDelivery> {
  const [delivery, ...others] = await deliveriesOf(db, webhookId);
  if (delivery === undefined || others.length > 0) throw new Error(`not one delivery of ${webhookId}`);
  return delivery;
}

/** What the dispatch is given, at a time of the test's choice. */
export function dispatchOver(
  db: Db,
  given: Pick<DispatchSettings, 'secretBox' | 'post'> & { readonly at: Date; readonly logged: string[] },
): DispatchSettings {
  const { at, logged, ...rest } = given;
  const registry = new Registry();
  return {
    db,
    ...rest,
    log: pino({ level: 'info' }, { write: (line: string) => logged.push(line) }),
    now: () => at,
    chance: () => 0.5,
    attempts: countAttempts(registry),
    lastLook: new Gauge({ name: 'look', help: 'look', labelNames: ['what'], registers: [registry] }),
  };
}

/** As the ledger does, without the projection of a whole thesis. */
export async function recordEvent(db: Db, thesisId: string, event: ThesisEvent = HELD): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { last } = await trx
      .selectFrom('thesis_event')
      .select(({ fn }) => fn.max('sequence').as('last'))
      .where('thesis_id', '=', thesisId)
      .executeTakeFirstOrThrow();
    const sequence = (last ?? 0) + 1;
    await trx
      .insertInto('thesis_event')
      .values({
        thesis_id: thesisId,
        sequence,
        type: event.type,
        at: new Date().toISOString(),
        actor: 'jalon',
        command_id: null,
        data: JSON.stringify(event),
        previous_hash: Buffer.alloc(32),
        hash: hashOf(thesisId, sequence),
      })
      .execute();
  });
}
