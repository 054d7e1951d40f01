// What PostgreSQL says of itself to whoever looks after it: its version, its clock, how far it is migrated, what the
// role may do, and what is stuck. Reads only, and judges nothing.

import { sql } from 'kysely';
import type { DisabledReason } from '../domain/webhook.ts';
import type { Db } from './connect.ts';
import { pendingMigrations } from './migrate.ts';
import { canRewriteLedger, lackingRights } from './privileges.ts';

export interface DatabaseFacts {
  readonly version: string;
  /** As PostgreSQL numbers itself: 180004 is 18.4. */
  readonly versionNumber: number;
  /** Its clock when it answered. */
  readonly clock: string;
  readonly role: string;
  readonly canRewriteLedger: boolean;
  /** Names of the migrations that it lacks. */
  readonly pending: readonly string[];
  /** What the role may not do and must: `insert on thesis_event`. */
  readonly lacking: readonly string[];
}

export interface TroubleFacts {
  /** Theses that something keeps from going on. */
  readonly needingAttention: number;
  /** Sources of open theses that do not deliver, and of how many theses. */
  readonly brokenSources: readonly {
    readonly source: string;
    readonly state: string;
    readonly theses: number;
  }[];
  /** Webhooks that Jalon disabled, or that have not come through for an hour; null: not disabled yet. */
  readonly brokenWebhooks: readonly {
    readonly webhookId: string;
    readonly description: string;
    readonly disabled: DisabledReason | null;
    readonly since: string;
  }[];
}

/** What an administrator wants is no trouble. */
const BY_HAND: DisabledReason = 'by_hand';

export async function databaseFacts(db: Db): Promise<DatabaseFacts> {
  const { rows } = await sql<Pick<DatabaseFacts, 'version' | 'versionNumber' | 'clock' | 'role'>>`
    select current_setting('server_version') as "version",
      current_setting('server_version_num')::int as "versionNumber",
      clock_timestamp() as "clock",
      current_user as "role"`.execute(db);
  const [facts] = rows;
  if (facts === undefined) throw new TypeError('one row was asked for');
  // A role without any right here cannot even see what is missing.
  const lacking = await lackingRights(db);
  const pending = lacking.includes('select on kysely_migration') ? [] : await pendingMigrations(db);
  return { ...facts, pending, lacking, canRewriteLedger: await canRewriteLedger(db) };
}

/** Of a database that is migrated. */
export async function troubleFacts(db: Db): Promise<TroubleFacts> {
  const { count } = await db
    .selectFrom('thesis_attention')
    .select(({ fn }) => fn.count<string>('thesis_id').distinct().as('count'))
    .executeTakeFirstOrThrow();
  const { rows: brokenSources } = await sql<TroubleFacts['brokenSources'][number]>`
    select source ->> 'source' as "source", source ->> 'state' as "state", count(*)::int as "theses"
    from thesis, jsonb_array_elements(view::jsonb -> 'sources') as source
    where status <> 'closed' and source ->> 'state' <> 'fresh'
    group by 1, 2
    order by 1, 2`.execute(db);
  const { rows: brokenWebhooks } = await sql<TroubleFacts['brokenWebhooks'][number]>`
    select webhook_id as "webhookId", description, disabled_reason as "disabled",
      coalesce(failing_since, disabled_at) as "since"
    from webhook
    where disabled_reason <> ${BY_HAND}
      or (disabled_at is null and failing_since < now() - interval '1 hour')
    order by 1`.execute(db);
  return { needingAttention: Number(count), brokenSources, brokenWebhooks };
}
