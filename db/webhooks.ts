// Stores webhooks. Secrets come in sealed and go out sealed, to the dispatch only: no reading of webhooks carries them
// by accident.

import type { Selectable } from 'kysely';
import type { DisabledReason } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import { feedEnd } from './event-feed.ts';
import type { Database } from './schema.ts';

export interface WebhookSettings {
  readonly url: string;
  readonly description: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
  /** Null: of every portfolio. */
  readonly portfolio: string | null;
}

export interface StoredWebhook extends WebhookSettings {
  readonly webhookId: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly disabled: { readonly at: string; readonly reason: DisabledReason } | null;
  readonly failingSince: string | null;
  readonly quietUntil: string | null;
  /** Until when requests carry a signature by the secret before the present one too. */
  readonly previousSecretUntil: string | null;
  /** The last place in the feed that was made into deliveries, or passed over. */
  readonly position: number;
}

/** What is undefined stays as it is. */
export type WebhookChange = { readonly [Key in keyof WebhookSettings]?: WebhookSettings[Key] | undefined } & {
  readonly enabled?: boolean | undefined;
  readonly at: string;
};

export interface NewWebhook extends WebhookSettings {
  readonly webhookId: string;
  readonly secret: Buffer;
  readonly by: string;
  readonly at: string;
}

/** Adds a webhook: it is told of what is recorded from now on. */
export async function addWebhook(db: Db, webhook: NewWebhook): Promise<StoredWebhook> {
  const { webhookId, url, description, eventTypes, portfolio, secret, by, at } = webhook;
  const row = await db
    .insertInto('webhook')
    .values({
      webhook_id: webhookId,
      url,
      description,
      event_types: eventTypes === null ? null : [...eventTypes],
      portfolio,
      secret,
      created_at: at,
      created_by: by,
      updated_at: at,
      position: String(await feedEnd(db)),
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  return shown(row);
}

export async function findWebhook(db: Db, webhookId: string): Promise<StoredWebhook | null> {
  const row = await db
    .selectFrom('webhook')
    .select(SHOWN)
    .where('webhook_id', '=', webhookId)
    .executeTakeFirst();
  return row === undefined ? null : shown(row);
}

/** Webhooks in the order in which they were made, after the id of the page before. */
export async function listWebhooks(
  db: Db,
  page: { readonly after: string; readonly limit: number },
): Promise<StoredWebhook[]> {
  const rows = await db
    .selectFrom('webhook')
    .select(SHOWN)
    .where('webhook_id', '>', page.after)
    .orderBy('webhook_id')
    .limit(page.limit)
    .execute();
  return rows.map(shown);
}

/** Changes what is given. Enabled again, a webhook goes on where it stood, with a clean record. */
export async function changeWebhook(
  db: Db,
  webhookId: string,
  change: WebhookChange,
): Promise<StoredWebhook | null> {
  const { url, description, eventTypes, portfolio, enabled, at } = change;
  const row = await db
    .updateTable('webhook')
    .set({
      updated_at: at,
      ...(url === undefined ? {} : { url }),
      ...(description === undefined ? {} : { description }),
      ...(eventTypes === undefined ? {} : { event_types: eventTypes === null ? null : [...eventTypes] }),
      ...(portfolio === undefined ? {} : { portfolio }),
      ...(enabled === true
        ? { disabled_at: null, disabled_reason: null, failing_since: null, quiet_until: null }
        : {}),
    })
    .$if(enabled === false, (query) =>
      query.set((eb) => ({
        disabled_at: eb.fn.coalesce('disabled_at', eb.val(at)),
        disabled_reason: eb.fn.coalesce('disabled_reason', eb.val<DisabledReason>('by_hand')),
      })),
    )
    .where('webhook_id', '=', webhookId)
    .returning(SHOWN)
    .executeTakeFirst();
  return row === undefined ? null : shown(row);
}

/** Gives a webhook a new secret; the present one signs too until `previousUntil`, null: not at all. */
export async function rotateWebhookSecret(
  db: Db,
  webhookId: string,
  { secret, previousUntil, at }: { secret: Buffer; previousUntil: string | null; at: string },
): Promise<StoredWebhook | null> {
  const row = await db
    .updateTable('webhook')
    .set((eb) => ({
      secret,
      previous_secret: previousUntil === null ? null : eb.ref('secret'),
      previous_until: previousUntil,
      updated_at: at,
    }))
    .where('webhook_id', '=', webhookId)
    .returning(SHOWN)
    .executeTakeFirst();
  return row === undefined ? null : shown(row);
}

/** Removes a webhook with its deliveries and their log, and returns what it was. */
export async function removeWebhook(db: Db, webhookId: string): Promise<StoredWebhook | null> {
  const row = await db
    .deleteFrom('webhook')
    .where('webhook_id', '=', webhookId)
    .returning(SHOWN)
    .executeTakeFirst();
  return row === undefined ? null : shown(row);
}

const SHOWN = [
  'webhook_id',
  'url',
  'description',
  'event_types',
  'portfolio',
  'previous_until',
  'created_at',
  'created_by',
  'updated_at',
  'disabled_at',
  'disabled_reason',
  'failing_since',
  'quiet_until',
  'position',
] as const;

function shown(row: Pick<Selectable<Database['webhook']>, (typeof SHOWN)[number]>): StoredWebhook {
  const { disabled_at: at, disabled_reason: reason } = row;
  return {
    webhookId: row.webhook_id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    portfolio: row.portfolio,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    disabled: at === null || reason === null ? null : { at, reason },
    failingSince: row.failing_since,
    quietUntil: row.quiet_until,
    previousSecretUntil: row.previous_until,
    position: Number(row.position),
  };
}
