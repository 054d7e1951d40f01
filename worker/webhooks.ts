// Sends webhooks beside the work: makes new events into deliveries, borrows those that are due, posts them and settles
// what came of it. Several workers share what there is; a pass that fails is logged and comes again.

import type { Logger } from 'pino';
import { Counter, type Gauge, type Registry } from 'prom-client';
import { type SecretBox, SecretUnreadable } from '../activities/secret-box.ts';
import type { Post } from '../activities/webhooks/post.ts';
import { signedHeaders } from '../activities/webhooks/signature.ts';
import { takeTurn } from '../db/attention.ts';
import type { Db } from '../db/connect.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  forgetDeliveries,
  giveUpLost,
  settleAttempt,
} from '../db/webhook-dispatch.ts';
import { fanOut } from '../db/webhook-fan-out.ts';
import type { Answer } from '../domain/webhook.ts';
import { outlast, pauseFor } from './patience.ts';

export interface WebhookSettings {
  readonly db: Db;
  readonly secretBox: Pick<SecretBox, 'open'>;
  readonly post: Post;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now: () => Date;
  /** From 0 to 1, anew each time. */
  readonly chance: () => number;
  /** Attempts by what came of them. */
  readonly attempts: Counter<'result'>;
  /** Set to the present, in seconds, after each pass that succeeded. */
  readonly lastLook: Gauge<'what'>;
  readonly leaseSeconds?: number;
  readonly everySeconds?: number;
}

/** Requests at a time in one worker. */
const PLACES = 20;

/**
 * Four times what a request may take: one that is still under way is lent to nobody else, nor one whose answer waits to
 * be settled while PostgreSQL fails over. A shorter one would send those twice, to gain seconds when a worker is killed.
 */
const LEASE_SECONDS = 60;

const TIDY_SECONDS = 30;

const FORGET_SECONDS = 3_600;

/** Counts attempts for /metrics. */
export function countAttempts(registry: Registry): Counter<'result'> {
  return new Counter({
    name: 'jalon_webhook_attempts_total',
    help: 'Attempts of this worker to deliver a webhook, by what became of the delivery.',
    labelNames: ['result'],
    registers: [registry],
  });
}

/** Sends until the signal is aborted, and resolves when the requests in hand are settled. */
export async function sendWebhooks(settings: WebhookSettings, signal: AbortSignal): Promise<void> {
  const { log, lastLook, everySeconds = 1 } = settings;
  const inHand = new Set<Promise<void>>();
  let tidyFrom = 0;
  while (!signal.aborted) {
    try {
      if (performance.now() >= tidyFrom) {
        await tidy(settings);
        tidyFrom = performance.now() + TIDY_SECONDS * 1_000;
      }
      const begun = await beginDue(settings, PLACES - inHand.size, signal);
      for (const one of begun) {
        inHand.add(one);
        one.finally(() => inHand.delete(one));
      }
      lastLook.set({ what: 'webhooks' }, Date.now() / 1_000);
    } catch (error) {
      log.warn({ err: error, what: 'webhooks' }, 'a look failed and comes again');
    }
    // A place that becomes free is taken at once: what waits goes out as fast as its receiver answers.
    await Promise.race([pauseFor(everySeconds * 1_000, signal), ...inHand]);
  }
  await Promise.all(inHand);
}

/** One pass: what is new becomes deliveries, and what is due is being sent when this resolves. */
export async function beginDue(
  settings: WebhookSettings,
  places: number,
  signal: AbortSignal,
): Promise<Promise<void>[]> {
  const { db, now, leaseSeconds = LEASE_SECONDS } = settings;
  const at = now().toISOString();
  while (!signal.aborted && (await fanOut(db, at))) {
    // The next slice, or the next webhook that is behind.
  }
  if (places === 0 || signal.aborted) return [];
  const asked = performance.now();
  const claimed = await claimDeliveries(db, { at, limit: places, leaseSeconds });
  // A process that was stopped in between no longer knows whose they are.
  if (performance.now() - asked > leaseSeconds * 500) return [];
  return claimed.map((one) => deliver(settings, one, signal));
}

async function tidy({ db, now }: WebhookSettings): Promise<void> {
  await giveUpLost(db);
  if (await takeTurn(db, 'webhook-log', FORGET_SECONDS)) await forgetDeliveries(db, now().toISOString());
}

/** Never throws: what cannot be settled is lent out again when its lease is over. */
async function deliver(settings: WebhookSettings, claimed: ClaimedDelivery, signal: AbortSignal) {
  const { log, attempts } = settings;
  const { webhookId, deliveryId, attempt } = claimed;
  try {
    const begun = performance.now();
    const answer = await answerTo(settings, claimed);
    const settled = await settle(settings, claimed, answer, Math.round(performance.now() - begun), signal);
    attempts.inc({ result: settled?.state ?? 'overtaken' });
    if (settled?.disable != null) {
      log.warn({ webhookId, reason: settled.disable }, 'a webhook was disabled');
    }
  } catch (error) {
    attempts.inc({ result: 'unsettled' });
    log.error(
      { err: error, webhookId, deliveryId, attempt },
      'what came of an attempt could not be recorded',
    );
  }
}

async function answerTo(
  { secretBox, post, now }: WebhookSettings,
  claimed: ClaimedDelivery,
): Promise<Answer> {
  const { deliveryId: id, url, body } = claimed;
  try {
    const secrets = claimed.secrets.map((sealed) => secretBox.open(sealed));
    return await post(url, signedHeaders({ id, at: now(), body }, secrets), body);
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return { fault: 'Its secret cannot be opened with the present JALON_SECRET_KEY: rotate it.' };
  }
}

/** The answer is known and must not be lost to an outage of the database: a receiver that has it would be asked again. */
async function settle(
  { db, now, chance, log }: WebhookSettings,
  claimed: ClaimedDelivery,
  answer: Answer,
  durationMs: number,
  signal: AbortSignal,
) {
  const attempt = async () => ({
    verdict: await settleAttempt(db, claimed, answer, {
      at: now().toISOString(),
      durationMs,
      chance: chance(),
    }),
  });
  try {
    return (await attempt()).verdict;
  } catch (error) {
    if (signal.aborted) throw error;
    const settled = await outlast('the settling of a webhook', attempt, { log, signal });
    if (settled === null) throw error;
    return settled.verdict;
  }
}
