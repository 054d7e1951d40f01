// What does not come through, over real HTTP and PostgreSQL: it is tried again until it does or is given up, by hand too,
// and its webhook is disabled when nobody takes anything any more.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPost } from '../../../activities/webhooks/post.ts';
import type { Resolve } from '../../../activities/webhooks/target.ts';
import { replayDelivery } from '../../../db/webhook-deliveries.ts';
import { forgetDeliveries } from '../../../db/webhook-dispatch.ts';
import { changeWebhook, removeWebhook } from '../../../db/webhooks.ts';
import { ATTEMPT_PAUSES } from '../../../domain/webhook.ts';
import { createWebhookWorld, inSeconds, type WebhookWorld } from '../../support/webhook-world.ts';

let world: WebhookWorld;

beforeAll(async () => {
  world = await createWebhookWorld();
});
afterAll(() => world.close());
beforeEach(() => world.clear());

describe('a delivery that does not come through', () => {
  test('is tried ten times over three days under one id, and is failed then', async () => {
    const { webhookId } = await world.hook();
    await world.record('down');
    world.receiver.answerWith(500);
    let at = Date.now();
    for (const pause of ATTEMPT_PAUSES) {
      if (pause > 0) expect(await world.pass(new Date(at + pause - 1))).toBe(0);
      at += pause;
      expect(await world.pass(new Date(at))).toBe(1);
    }
    expect(await world.pass(new Date(at + 30 * 86_400_000))).toBe(0);
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'failed',
      attempts: 10,
      lastStatus: 500,
      lastError: 'Answered 500.',
      nextAttemptAt: null,
    });
    expect(new Set(world.receiver.ids()).size).toBe(1);
    expect(new Set(world.receiver.received.map(({ body }) => body)).size).toBe(1);
    const times = world.receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(10);
    const log = await world.logOf(webhookId);
    expect(log.map(({ number, status }) => [number, status])).toEqual(
      ATTEMPT_PAUSES.map((_, index) => [index + 1, 500]),
    );
  });

  test('comes through later, and the webhook is no longer noted as failing', async () => {
    const { webhookId } = await world.hook();
    await world.record('flaky');
    world.receiver.answerWith(503);
    await world.pass();
    expect((await world.stored(webhookId)).failingSince).not.toBeNull();
    world.receiver.behave(null);
    await world.pass(inSeconds(6));
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'delivered',
      attempts: 2,
      lastStatus: 204,
      lastError: null,
    });
    expect((await world.stored(webhookId)).failingSince).toBeNull();
  });

  test('because its server is not there says so', async () => {
    const { webhookId } = await world.hook({ url: 'http://127.0.0.1:1/' });
    await world.record('unreachable');
    await world.pass();
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'pending',
      lastError: 'The connection was refused.',
    });
  });

  test('because its name leads inside by now, or it redirects there, has reached nobody', async () => {
    const rebound: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const url = new URL(world.receiver.url);
    url.hostname = 'rebinding.example.com';
    const { webhookId } = await world.hook({ url: url.href });
    await world.record('rebound');
    const post = createPost({ privateTargets: 'refuse', resolve: rebound });
    await world.pass(new Date(), { post });
    expect(world.receiver.received).toEqual([]);
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'pending',
      lastError: expect.stringMatching(/private, loopback, link-local/),
    });
    await removeWebhook(world.db, webhookId);

    const redirected = await world.hook();
    await world.record('redirected');
    world.receiver.answerWith(302, { location: world.receiver.url });
    await world.pass();
    expect(world.receiver.received).toHaveLength(1);
    expect((await world.soleDelivery(redirected.webhookId)).lastError).toMatch(
      /302: redirects are not followed/,
    );
  });

  test('with 429 and Retry-After leaves its server alone, other deliveries included', async () => {
    const { webhookId } = await world.hook();
    await world.record('busy');
    world.receiver.answerWith(429, { 'retry-after': '600' });
    await world.pass();
    await world.record('busy');
    world.receiver.behave(null);
    expect(await world.pass(inSeconds(590))).toBe(0);
    expect(await world.pass(inSeconds(610))).toBe(2);
    expect((await world.deliveries(webhookId)).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });
});

describe('a webhook', () => {
  test('whose server says 410 is disabled with its reason, and goes on where it stood when it is enabled', async () => {
    const { webhookId } = await world.hook();
    await world.record('gone');
    world.receiver.answerWith(410);
    await world.pass();
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'failed', lastStatus: 410 });
    expect(await world.stored(webhookId)).toMatchObject({ disabled: { reason: 'gone' } });
    expect(world.logged.join('')).toContain('a webhook was disabled');
    world.receiver.behave(null);
    world.receiver.received.splice(0);
    await world.record('meanwhile');
    expect(await world.pass(inSeconds(3_600))).toBe(0);
    await changeWebhook(world.db, webhookId, { enabled: true, at: new Date().toISOString() });
    expect(await world.pass()).toBe(1);
    expect(JSON.parse(world.receiver.received[0]?.body ?? '')).toMatchObject({ thesisId: 'meanwhile' });
  });

  test('that gives up a delivery after five days without success is disabled', async () => {
    const { webhookId } = await world.hook();
    world.receiver.answerWith(500);
    let at = Date.now();
    const giveUpOne = async (): Promise<void> => {
      await world.record('dead');
      for (const pause of ATTEMPT_PAUSES) {
        at += pause;
        await world.pass(new Date(at));
      }
    };
    await giveUpOne();
    expect((await world.stored(webhookId)).disabled).toBeNull();
    await giveUpOne();
    expect((await world.stored(webhookId)).disabled).toMatchObject({ reason: 'failing' });
  });
});

describe('by hand', () => {
  test('a failed delivery is sent again under its id, by a new schedule', async () => {
    const { webhookId } = await world.hook();
    await world.record('replayed');
    world.receiver.answerWith(410);
    await world.pass();
    await changeWebhook(world.db, webhookId, { enabled: true, at: new Date().toISOString() });
    const { deliveryId } = await world.soleDelivery(webhookId);
    const replay = () => replayDelivery(world.db, { webhookId, deliveryId, at: new Date().toISOString() });
    expect(await replay()).toMatchObject({ state: 'pending' });
    world.receiver.answerWith(500);
    await world.pass();
    world.receiver.behave(null);
    await world.pass(inSeconds(6));
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 3 });
    expect(await replay()).toMatchObject({ state: 'pending' });
    await world.pass();
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 4 });
    expect(world.receiver.ids()).toEqual(Array(4).fill(deliveryId));
  });

  test('nothing is sent again while it is being sent', async () => {
    const { webhookId } = await world.hook();
    await world.record('racing');
    let answer: unknown = 'not asked';
    world.receiver.behave(async (response) => {
      const { deliveryId } = await world.soleDelivery(webhookId);
      answer = await replayDelivery(world.db, { webhookId, deliveryId, at: new Date().toISOString() });
      response.writeHead(204).end();
    });
    await world.pass();
    expect(answer).toBeNull();
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});

test('what came through a month ago is forgotten with its log, what failed after three, and what is pending never', async () => {
  const { webhookId } = await world.hook();
  await world.record('old');
  await world.pass();
  await world.record('old');
  world.receiver.answerWith(500);
  await world.pass();
  const after = async (days: number): Promise<string[]> => {
    await forgetDeliveries(world.db, inSeconds(days * 86_400).toISOString());
    return (await world.deliveries(webhookId)).map(({ state }) => state);
  };
  expect(await after(29)).toEqual(['delivered', 'pending']);
  expect(await after(31)).toEqual(['pending']);
  expect(await after(1_000)).toEqual(['pending']);
  const { count } = await world.db
    .selectFrom('webhook_attempt')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe('1');
});
