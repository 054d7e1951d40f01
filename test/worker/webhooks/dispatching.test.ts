// Who sends, over real HTTP and PostgreSQL: one delivery for each event and webhook, whoever sends it, however slow its
// receiver, and whoever dies meanwhile; never two requests where one answer was heard.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect } from '../../../db/connect.ts';
import { giveUpLost } from '../../../db/webhook-dispatch.ts';
import { removeWebhook } from '../../../db/webhooks.ts';
import { beginDue, sendWebhooks } from '../../../worker/webhooks.ts';
import { layWire } from '../../support/cut-proxy.ts';
import { createWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };

let world: WebhookWorld;

beforeAll(async () => {
  world = await createWebhookWorld();
});
afterAll(() => world.close());
beforeEach(() => world.clear());

describe('a webhook', () => {
  test('that is slow does not keep the others waiting', async () => {
    const slow = await world.hook();
    for (let count = 0; count < 30; count += 1) await world.record('many');
    await world.record('fan');
    const quick = await world.hook({ url: `${world.receiver.url}/quick` });
    await world.record('quick');
    const ending = new AbortController();
    const released = signal();
    world.receiver.behave(async (response, { body }) => {
      if (!body.includes('"quick"')) await released.given;
      response.writeHead(204).end();
    });
    const sending = sendWebhooks(
      { ...world.dispatch(new Date()), now: () => new Date(), everySeconds: 0.05 },
      ending.signal,
    );
    await vi.waitUntil(
      async () => (await world.deliveries(quick.webhookId)).some(({ attempts }) => attempts === 1),
      PATIENCE,
    );
    const busy = (await world.deliveries(slow.webhookId)).filter(({ attempts }) => attempts > 0);
    expect(busy.length).toBeLessThanOrEqual(4);
    released.give();
    ending.abort();
    await sending;
  });

  test('whose server answers at once is sent what waits without a pause', async () => {
    await world.hook();
    for (let count = 0; count < 30; count += 1) await world.record('backlog');
    const ending = new AbortController();
    const sending = sendWebhooks(
      { ...world.dispatch(new Date()), now: () => new Date(), everySeconds: 3_600 },
      ending.signal,
    );
    await vi.waitUntil(() => new Set(world.receiver.ids()).size === 30, PATIENCE);
    ending.abort();
    await sending;
    expect(world.receiver.received).toHaveLength(30);
  });

  test('that is removed while a request is under way takes its deliveries with it', async () => {
    const { webhookId } = await world.hook();
    await world.record('removed');
    world.receiver.behave(async (response) => {
      await removeWebhook(world.db, webhookId);
      response.writeHead(204).end();
    });
    expect(await world.pass()).toBe(1);
    expect(await world.deliveries(webhookId)).toEqual([]);
    expect(world.logged.filter((line) => line.includes('could not'))).toEqual([]);
  });
});

describe('when something dies or happens twice', () => {
  test('two dispatchers side by side make one delivery of each event, and send each once', async () => {
    const hooks = [await world.hook(), await world.hook()];
    const ending = new AbortController();
    const dispatchers = [1, 2, 3].map(() =>
      sendWebhooks(
        { ...world.dispatch(new Date()), now: () => new Date(), everySeconds: 0.01 },
        ending.signal,
      ),
    );
    await Promise.all(
      [1, 2, 3, 4].map(async (thesis) => {
        for (let count = 0; count < 15; count += 1) await world.record(`side-${thesis}`);
      }),
    );
    await vi.waitUntil(() => world.receiver.received.length >= 120, PATIENCE);
    await sleep(200);
    ending.abort();
    await Promise.all(dispatchers);
    expect(world.receiver.received).toHaveLength(120);
    expect(new Set(world.receiver.ids()).size).toBe(120);
    for (const { webhookId } of hooks) {
      const deliveries = await world.deliveries(webhookId);
      expect(deliveries.map(({ position }) => position)).toEqual(
        deliveries.map((_, index) => (deliveries[0]?.position ?? 0) + index),
      );
      expect(deliveries.filter(({ state, attempts }) => state !== 'delivered' || attempts !== 1)).toEqual([]);
    }
  });

  test('a worker killed between sending and recording leaves its delivery to another, which sends it under the same id', async () => {
    const { webhookId } = await world.hook();
    await world.record('killed');
    const argument = JSON.stringify({ url: world.databaseUrl, key: world.secretKey, leaseSeconds: 2 });
    const child = fork(fileURLToPath(new URL('webhook-child.ts', import.meta.url)), [argument], {
      stdio: 'ignore',
    });
    try {
      world.receiver.behave((response) => {
        // The receiver has it; whoever sent it will not hear so.
        child.kill('SIGKILL');
        response.destroy();
      });
      await once(child, 'exit');
    } finally {
      child.kill('SIGKILL');
    }
    expect(world.receiver.received).toHaveLength(1);
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'pending', attempts: 1 });
    world.receiver.behave(null);
    expect(await world.pass()).toBe(0);
    await vi.waitUntil(async () => (await world.pass()) === 1, PATIENCE);
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(await world.logOf(webhookId)).toMatchObject([
      { number: 1, status: null, error: null, durationMs: null },
      { number: 2, status: 204, error: null },
    ]);
    const [first, second] = world.receiver.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
  });

  test('a delivery that ends every worker is given up', async () => {
    const { webhookId } = await world.hook();
    await world.record('poison');
    const never = () => new Promise<never>(() => undefined);
    const settings = world.dispatch(new Date(), { post: never, leaseSeconds: 0.2 });
    await vi.waitUntil(async () => {
      await beginDue(settings, 10, new AbortController().signal);
      return (await world.soleDelivery(webhookId)).attempts === 10;
    }, PATIENCE);
    await vi.waitUntil(async () => {
      await giveUpLost(world.db);
      return (await world.soleDelivery(webhookId)).state !== 'pending';
    }, PATIENCE);
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'failed',
      attempts: 10,
      lastError: 'The worker ended during the last attempt.',
    });
  });

  test('an answer that was heard is not lost with the database: it is recorded when that is back, and nothing is sent again', async () => {
    const { webhookId } = await world.hook();
    await world.record('outage');
    const wire = await layWire(world.databaseUrl);
    const through = connect(wire.url, { poolSize: 2 });
    world.receiver.behave((response) => {
      wire.cut();
      setTimeout(() => wire.mend(), 1_500);
      response.writeHead(204).end();
    });
    expect(await world.pass(new Date(), { db: through })).toBe(1);
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(world.logged.join('')).toContain('the settling of a webhook');
    await through.destroy();
    await wire.close();
    expect(world.receiver.received).toHaveLength(1);
  });

  test.each(['before', 'after'] as const)(
    'a connection that breaks %s the commit of new deliveries neither loses nor doubles one',
    async (when) => {
      const { webhookId } = await world.hook();
      await world.record('broken');
      const wire = await layWire(world.databaseUrl);
      const through = connect(wire.url, { poolSize: 2 });
      wire.breakAtCommitOf('webhook_delivery', when);
      await expect(world.pass(new Date(), { db: through })).rejects.toThrow();
      expect(wire.hasBroken).toBe(true);
      await through.destroy();
      await wire.close();
      // PostgreSQL may hold the lock of the broken connection a moment longer.
      await vi.waitUntil(async () => (await world.pass()) === 1, PATIENCE);
      expect(await world.pass()).toBe(0);
      expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
      expect(world.receiver.received).toHaveLength(1);
    },
  );

  test('a worker that is asked to end finishes what it sends, and begins nothing', async () => {
    const { webhookId } = await world.hook();
    await world.record('ending');
    const ending = new AbortController();
    world.receiver.behave(async (response) => {
      ending.abort();
      await sleep(200);
      response.writeHead(204).end();
    });
    await sendWebhooks({ ...world.dispatch(new Date()), everySeconds: 0.05 }, ending.signal);
    expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});

/** A promise that is kept from outside. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
