// Webhooks over real HTTP and PostgreSQL: one delivery for each event and webhook, tried again until it comes through or
// is given up, whoever dies meanwhile; never two requests where one answer was heard.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { createPost } from '../../activities/webhooks/post.ts';
import { newWebhookSecret } from '../../activities/webhooks/signature.ts';
import type { Resolve } from '../../activities/webhooks/target.ts';
import { connect } from '../../db/connect.ts';
import { addPing, findDelivery, replayDelivery } from '../../db/webhook-deliveries.ts';
import { forgetDeliveries, giveUpLost } from '../../db/webhook-dispatch.ts';
import { changeWebhook, removeWebhook, rotateWebhookSecret } from '../../db/webhooks.ts';
import { ATTEMPT_PAUSES } from '../../domain/webhook.ts';
import { beginDue, sendWebhooks } from '../../worker/webhooks.ts';
import { layWire } from '../support/cut-proxy.ts';
import { storeThesis } from '../support/stored-thesis.ts';
import { createWebhookWorld, HELD, type WebhookWorld } from '../support/webhook-world.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };

let world: WebhookWorld;

beforeAll(async () => {
  world = await createWebhookWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.db.deleteFrom('webhook').execute();
  world.receiver.behave(null);
  world.receiver.received.splice(0);
  world.logged.splice(0);
});

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

async function only(webhookId: string) {
  const [delivery, ...others] = await world.deliveries(webhookId);
  expect(others).toEqual([]);
  if (delivery === undefined) throw new Error('there is no delivery');
  return delivery;
}

async function logOf(webhookId: string) {
  const { deliveryId } = await only(webhookId);
  return (await findDelivery(world.db, webhookId, deliveryId))?.log ?? [];
}

function answerWith(status: number, headers: Record<string, string> = {}): void {
  world.receiver.behave((response) => {
    response.writeHead(status, headers).end();
  });
}

describe('what is sent', () => {
  test('is each event from the making of the webhook on, signed, once, with its place in the order of all', async () => {
    await world.record('before');
    const { webhookId, secret } = await world.hook();
    await world.record('a');
    await world.record('b', { type: 'ThesisClosed', outcome: 'killed' });
    expect(await world.pass()).toBe(2);
    expect(await world.pass()).toBe(0);
    const bodies = world.receiver.received.map(
      ({ headers, body }) => new Webhook(secret).verify(body, headers) as Record<string, unknown>,
    );
    expect(new Set(bodies.map(({ type }) => type))).toEqual(new Set(['thesis.held', 'thesis.closed']));
    const held = bodies.find(({ type }) => type === 'thesis.held');
    expect(held).toMatchObject({ thesisId: 'a', sequence: 1, actor: 'jalon', data: { reason: 'No stock.' } });
    const deliveries = await world.deliveries(webhookId);
    expect(deliveries.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
    const positions = deliveries.map(({ position }) => position ?? 0);
    expect(positions[1]).toBe((positions[0] ?? 0) + 1);
    expect((await world.stored(webhookId)).position).toBe(positions[1]);
    expect(world.receiver.ids().toSorted()).toEqual(
      deliveries.map(({ deliveryId }) => deliveryId).toSorted(),
    );
  });

  test('is of the types and the portfolio that the webhook asks for, and the rest is passed over', async () => {
    const thesis = { thesisId: 'circular', windows: [['detect', '09-01', null]] } as const;
    await storeThesis(world.db, { ...thesis, contract: { portfolio: 'Circular economy' } });
    const typed = await world.hook({ eventTypes: ['thesis.closed'] });
    const filtered = await world.hook({ portfolio: 'Circular economy' });
    await world.record('circular');
    await world.record('elsewhere');
    await world.record('elsewhere', { type: 'ThesisClosed', outcome: 'killed' });
    await world.pass();
    const types = async (id: string) => (await world.deliveries(id)).map(({ type }) => type);
    expect(await types(typed.webhookId)).toEqual(['thesis.closed']);
    expect(await types(filtered.webhookId)).toEqual(['thesis.held']);
    const [{ position }, other] = [
      await world.stored(typed.webhookId),
      await world.stored(filtered.webhookId),
    ];
    expect(other.position).toBe(position);
  });

  test('after a rotation is signed by both secrets until the grace is over, then by the new one alone', async () => {
    const { webhookId, secret } = await world.hook();
    const box = createSecretBox(world.secretKey);
    const next = newWebhookSecret();
    await rotateWebhookSecret(world.db, webhookId, {
      secret: box.seal(next),
      previousUntil: inSeconds(60).toISOString(),
      at: new Date().toISOString(),
    });
    await world.record('rotated');
    await world.pass();
    const [both] = world.receiver.received;
    for (const one of [secret, next]) new Webhook(one).verify(both?.body ?? '', both?.headers ?? {});
    await world.record('rotated');
    await world.pass(inSeconds(61));
    const alone = world.receiver.received[1];
    new Webhook(next).verify(alone?.body ?? '', alone?.headers ?? {});
    expect(() => new Webhook(secret).verify(alone?.body ?? '', alone?.headers ?? {})).toThrow(/signature/);
  });

  test('is nothing when the secret cannot be opened, and the log says what to do', async () => {
    const { webhookId } = await world.hook();
    await world.record('locked');
    await world.pass(new Date(), { secretBox: createSecretBox(newSecretKey()) });
    expect(world.receiver.received).toEqual([]);
    expect(await only(webhookId)).toMatchObject({
      state: 'pending',
      lastError: expect.stringMatching(/rotate/),
    });
  });
});

describe('a delivery that does not come through', () => {
  test('is tried ten times over three days under one id, and is failed then', async () => {
    const { webhookId } = await world.hook();
    await world.record('down');
    answerWith(500);
    let at = Date.now();
    for (const pause of ATTEMPT_PAUSES) {
      if (pause > 0) expect(await world.pass(new Date(at + pause - 1))).toBe(0);
      at += pause;
      expect(await world.pass(new Date(at))).toBe(1);
    }
    expect(await world.pass(new Date(at + 30 * 86_400_000))).toBe(0);
    expect(await only(webhookId)).toMatchObject({
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
    const log = await logOf(webhookId);
    expect(log.map(({ number, status }) => [number, status])).toEqual(
      ATTEMPT_PAUSES.map((_, index) => [index + 1, 500]),
    );
  });

  test('comes through later, and the webhook is no longer noted as failing', async () => {
    const { webhookId } = await world.hook();
    await world.record('flaky');
    answerWith(503);
    await world.pass();
    expect((await world.stored(webhookId)).failingSince).not.toBeNull();
    world.receiver.behave(null);
    await world.pass(inSeconds(6));
    expect(await only(webhookId)).toMatchObject({
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
    expect(await only(webhookId)).toMatchObject({
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
    expect(await only(webhookId)).toMatchObject({
      state: 'pending',
      lastError: expect.stringMatching(/private, loopback, link-local/),
    });
    await removeWebhook(world.db, webhookId);

    const redirected = await world.hook();
    await world.record('redirected');
    answerWith(302, { location: world.receiver.url });
    await world.pass();
    expect(world.receiver.received).toHaveLength(1);
    expect((await only(redirected.webhookId)).lastError).toMatch(/302: redirects are not followed/);
  });

  test('with 429 and Retry-After leaves its server alone, other deliveries included', async () => {
    const { webhookId } = await world.hook();
    await world.record('busy');
    answerWith(429, { 'retry-after': '600' });
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
    answerWith(410);
    await world.pass();
    expect(await only(webhookId)).toMatchObject({ state: 'failed', lastStatus: 410 });
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
    answerWith(500);
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

describe('by hand', () => {
  test('a failed delivery is sent again under its id, by a new schedule', async () => {
    const { webhookId } = await world.hook();
    await world.record('replayed');
    answerWith(410);
    await world.pass();
    await changeWebhook(world.db, webhookId, { enabled: true, at: new Date().toISOString() });
    const { deliveryId } = await only(webhookId);
    const replay = () => replayDelivery(world.db, { webhookId, deliveryId, at: new Date().toISOString() });
    expect(await replay()).toMatchObject({ state: 'pending' });
    answerWith(500);
    await world.pass();
    world.receiver.behave(null);
    await world.pass(inSeconds(6));
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 3 });
    expect(await replay()).toMatchObject({ state: 'pending' });
    await world.pass();
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 4 });
    expect(world.receiver.ids()).toEqual(Array(4).fill(deliveryId));
  });

  test('nothing is sent again while it is being sent', async () => {
    const { webhookId } = await world.hook();
    await world.record('racing');
    let answer: unknown = 'not asked';
    world.receiver.behave(async (response) => {
      const { deliveryId } = await only(webhookId);
      answer = await replayDelivery(world.db, { webhookId, deliveryId, at: new Date().toISOString() });
      response.writeHead(204).end();
    });
    await world.pass();
    expect(answer).toBeNull();
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  test('a ping is sent once, whatever is answered', async () => {
    const { webhookId, secret } = await world.hook();
    await addPing(world.db, { webhookId, deliveryId: 'msg_ping', at: new Date().toISOString() });
    answerWith(500);
    await world.pass();
    await world.pass(inSeconds(86_400));
    expect(await only(webhookId)).toMatchObject({ state: 'failed', attempts: 1, position: null });
    const [ping] = world.receiver.received;
    expect(new Webhook(secret).verify(ping?.body ?? '', ping?.headers ?? {})).toMatchObject({
      type: 'webhook.ping',
      data: { webhookId },
    });
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
    expect(await only(webhookId)).toMatchObject({ state: 'pending', attempts: 1 });
    world.receiver.behave(null);
    expect(await world.pass()).toBe(0);
    await vi.waitUntil(async () => (await world.pass()) === 1, PATIENCE);
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 2 });
    expect(await logOf(webhookId)).toMatchObject([
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
      return (await only(webhookId)).attempts === 10;
    }, PATIENCE);
    await vi.waitUntil(async () => {
      await giveUpLost(world.db);
      return (await only(webhookId)).state !== 'pending';
    }, PATIENCE);
    expect(await only(webhookId)).toMatchObject({
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
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
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
      expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
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
    expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});

test('what came through a month ago is forgotten with its log, what failed after three, and what is pending never', async () => {
  const { webhookId } = await world.hook();
  await world.record('old');
  await world.pass();
  await world.record('old', HELD);
  answerWith(500);
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

/** A promise that is kept from outside. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
