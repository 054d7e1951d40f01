// What webhooks send, over real HTTP and PostgreSQL: each event that one asks for, once, signed so that its receiver can
// tell whose it is.
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSecretBox, newSecretKey } from '../../../activities/secret-box.ts';
import { newWebhookSecret } from '../../../activities/webhooks/signature.ts';
import { addPing } from '../../../db/webhook-deliveries.ts';
import { rotateWebhookSecret } from '../../../db/webhooks.ts';
import { storeThesis } from '../../support/stored-thesis.ts';
import { createWebhookWorld, inSeconds, type WebhookWorld } from '../../support/webhook-world.ts';

let world: WebhookWorld;

beforeAll(async () => {
  world = await createWebhookWorld();
});
afterAll(() => world.close());
beforeEach(() => world.clear());

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
    expect(await world.soleDelivery(webhookId)).toMatchObject({
      state: 'pending',
      lastError: expect.stringMatching(/rotate/),
    });
  });
});

test('a ping is sent once, whatever is answered', async () => {
  const { webhookId, secret } = await world.hook();
  await addPing(world.db, { webhookId, deliveryId: 'msg_ping', at: new Date().toISOString() });
  world.receiver.answerWith(500);
  await world.pass();
  await world.pass(inSeconds(86_400));
  expect(await world.soleDelivery(webhookId)).toMatchObject({ state: 'failed', attempts: 1, position: null });
  const [ping] = world.receiver.received;
  expect(new Webhook(secret).verify(ping?.body ?? '', ping?.headers ?? {})).toMatchObject({
    type: 'webhook.ping',
    data: { webhookId },
  });
});
