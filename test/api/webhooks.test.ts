// Webhooks through the API: set up by administrators, with an address that is checked and a secret that is shown once;
// then pinged, followed and replayed against a real receiver.
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSecretBox, newSecretKey } from '../../activities/secret-box.ts';
import { createPost } from '../../activities/webhooks/post.ts';
import { newWebhookSecret } from '../../activities/webhooks/signature.ts';
import { resolveBySystem, targetFault } from '../../activities/webhooks/target.ts';
import { beginDue } from '../../worker/webhooks.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { dispatchOver, recordEvent } from '../support/webhook-world.ts';

const secretBox = createSecretBox(newSecretKey());
const logged: string[] = [];

let api: TestApi;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  api = await createTestApi({
    secretBox,
    webhooks: {
      // Plain and private for the receiver on this machine only.
      targetFault: (url) =>
        targetFault(url, {
          privateTargets: url.startsWith(receiver.url) ? 'allow' : 'refuse',
          resolve: resolveBySystem,
        }),
      newSecret: newWebhookSecret,
    },
  });
});
afterAll(async () => {
  await api.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.behave(null);
  receiver.received.splice(0);
});

interface Made {
  readonly webhookId: string;
  readonly secret: string;
}

async function ask<T>(method: string, path: string, body?: object, status = 200): Promise<T> {
  const answer = await api.send('admin', method, path, body);
  expect(answer, `${method} ${path}`).toMatchObject({ status });
  return answer.body as T;
}

const make = (change: object = {}): Promise<Made> =>
  ask('POST', '/v1/webhooks', { url: receiver.url, description: 'Team channel', ...change }, 201);

async function pass(at = new Date()): Promise<void> {
  const post = createPost({ privateTargets: 'allow', resolve: resolveBySystem });
  const settings = dispatchOver(api.db, { at, secretBox, post, logged });
  await Promise.all(await beginDue(settings, 100, new AbortController().signal));
}

test('a webhook is made, read, changed and removed, and its secret is in one answer', async () => {
  const made = await make({ eventTypes: ['gate.opened', 'gate.decided'], portfolio: 'Circular economy' });
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const { secret, ...rest } = made;
  const path = `/v1/webhooks/${made.webhookId}`;
  expect(await ask('GET', path)).toEqual(rest);
  expect(rest).toMatchObject({
    createdBy: 'admin',
    disabled: null,
    failingSince: null,
    portfolio: 'Circular economy',
  });
  const changed = await ask('PATCH', path, { eventTypes: null, description: 'Another channel' });
  expect(changed).toMatchObject({ eventTypes: null, description: 'Another channel', url: receiver.url });
  expect(await ask('PATCH', path, { enabled: false })).toMatchObject({ disabled: { reason: 'by_hand' } });
  expect(await ask('PATCH', path, { enabled: true })).toMatchObject({ disabled: null });
  const rotated = await ask<Made>('POST', `${path}/rotate`, { grace: 'PT1H' });
  expect(rotated.secret).not.toBe(secret);
  expect(rotated).toMatchObject({ previousSecretUntil: expect.stringContaining('T') });
  expect(await ask('POST', `${path}/rotate`, { grace: 'PT0S' })).toMatchObject({ previousSecretUntil: null });
  const { items } = await ask<{ items: object[] }>('GET', '/v1/webhooks');
  expect(JSON.stringify(items)).not.toContain('whsec_');
  const rows = JSON.stringify(await api.db.selectFrom('webhook').selectAll().execute());
  for (const one of [secret, rotated.secret]) {
    expect(rows).not.toContain(one);
    expect(rows).not.toContain(JSON.stringify(Buffer.from(one)).slice(10, 60));
    expect(api.logged.join('\n')).not.toContain(one);
  }
  await ask('DELETE', path);
  await ask('GET', path, undefined, 404);
  await ask('DELETE', path, undefined, 404);
});

test('a request that is repeated makes one webhook, and does not show its secret again', async () => {
  const headers = { 'idempotency-key': 'once' };
  const send = () =>
    api.send('admin', 'POST', '/v1/webhooks', { url: receiver.url, description: 'Once' }, headers);
  const [first, second] = [await send(), await send()];
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect(second.body).toEqual({ ...(first.body as Made), secret: null });
  await ask('DELETE', `/v1/webhooks/${(first.body as Made).webhookId}`);
});

test.each([
  ['url', { url: 'http://hooks.example.com/' }, 'Must be an https URL.'],
  ['url', { url: 'nowhere' }, 'Must be a URL.'],
  [
    'url',
    { url: 'https://127.0.0.1/' },
    'It leads to a private, loopback, link-local or otherwise reserved address.',
  ],
  ['url', { url: 'https://[::ffff:169.254.169.254]/' }, 'It leads to a private'],
  ['url', { url: 'https://localhost:8443/' }, 'It leads to a private'],
  ['url', { url: 'https://no-such-name.invalid/' }, 'Its name cannot be resolved.'],
  ['eventTypes', { eventTypes: [] }, ''],
  ['eventTypes[0]', { eventTypes: ['gate.slammed'] }, ''],
  ['description', { description: ' ' }, 'Must not be empty.'],
])('%s of %j is refused by name', async (path, change, message) => {
  const body = { url: receiver.url, description: 'Refused', ...change };
  const made = await ask('POST', '/v1/webhooks', body, 422);
  expect(made).toMatchObject({
    code: 'invalid_input',
    errors: [{ path, message: expect.stringContaining(message) }],
  });
  const { webhookId } = await make();
  const changed = await ask('PATCH', `/v1/webhooks/${webhookId}`, change, 422);
  expect(changed).toMatchObject({ errors: [{ path }] });
  expect(await ask('DELETE', `/v1/webhooks/${webhookId}`)).toMatchObject({ url: receiver.url });
});

test('a ping is followed in the log of deliveries; a failed delivery is replayed by hand', async () => {
  const { webhookId, secret } = await make();
  const path = `/v1/webhooks/${webhookId}`;
  const ping = await ask<{ deliveryId: string }>('POST', `${path}/ping`, undefined, 202);
  expect(ping).toMatchObject({ type: 'webhook.ping', state: 'pending', position: null });
  await pass();
  const [request] = receiver.received;
  expect(new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {})).toMatchObject({
    type: 'webhook.ping',
  });
  expect(await ask('GET', `${path}/deliveries/${ping.deliveryId}`)).toMatchObject({
    state: 'delivered',
    payload: { type: 'webhook.ping' },
    log: [{ number: 1, status: 204, error: null }],
  });

  receiver.answerWith(410);
  await recordEvent(api.db, 'followed');
  await pass();
  const failed = await ask<{ items: { deliveryId: string }[] }>('GET', `${path}/deliveries?state=failed`);
  expect(failed.items).toMatchObject([
    { type: 'thesis.held', state: 'failed', lastStatus: 410, attempts: 1 },
  ]);
  const [{ deliveryId = '' } = {}] = failed.items;
  const replay = `${path}/deliveries/${deliveryId}/replay`;
  expect(await ask('POST', replay, undefined, 409)).toMatchObject({
    detail: expect.stringMatching(/enable it/),
  });
  expect(await ask('POST', `${path}/ping`, undefined, 409)).toMatchObject({ code: 'conflict' });
  await ask('PATCH', path, { enabled: true });
  receiver.behave(null);
  expect(await ask('POST', replay, undefined, 202)).toMatchObject({ state: 'pending', attempts: 1 });
  await pass();
  expect(await ask('GET', `${path}/deliveries/${deliveryId}`)).toMatchObject({
    state: 'delivered',
    attempts: 2,
    log: [{ status: 410 }, { status: 204 }],
  });
  expect(receiver.ids().slice(1)).toEqual([deliveryId, deliveryId]);
  await ask('POST', `${path}/deliveries/msg_${webhookId}_999999/replay`, undefined, 404);
  await ask('DELETE', path);
  await ask('GET', `${path}/deliveries`, undefined, 404);
});

test('deliveries are read page by page, newest first', async () => {
  const { webhookId } = await make();
  for (let count = 0; count < 5; count += 1) await recordEvent(api.db, 'paged');
  await pass();
  const seen: number[] = [];
  let cursor = '';
  do {
    const page = await ask<{ items: { position: number }[]; next: string | null }>(
      'GET',
      `/v1/webhooks/${webhookId}/deliveries?limit=2${cursor}`,
    );
    expect(JSON.stringify(page.items)).not.toContain('ordinal');
    seen.push(...page.items.map(({ position }) => position));
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  expect(seen).toHaveLength(5);
  expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  await ask('DELETE', `/v1/webhooks/${webhookId}`);
});

test('metrics say how many wait and how long, and which webhooks are disabled', async () => {
  const { webhookId } = await make();
  const old = await make();
  await recordEvent(api.db, 'measured');
  receiver.behave((response, { headers }) => {
    response.writeHead(headers['webhook-id']?.includes(old.webhookId) ? 410 : 500).end();
  });
  await pass(new Date(Date.now() - 7_200_000));
  const { body } = await api.send('admin', 'GET', '/metrics');
  expect(body).toContain('jalon_webhook_deliveries{state="pending"} 1');
  expect(body).toContain('jalon_webhook_deliveries{state="failed"} 1');
  expect(body).toContain('jalon_webhooks_disabled{reason="gone"} 1');
  const age = Number(/^jalon_webhook_oldest_pending_age_seconds (\S+)$/m.exec(String(body))?.[1]);
  expect(age).toBeGreaterThan(7_199);
  expect(age).toBeLessThan(7_300);
  for (const id of [webhookId, old.webhookId]) await ask('DELETE', `/v1/webhooks/${id}`);
});
