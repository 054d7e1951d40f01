// One request of a webhook: signed so that the convention's own library takes it, bounded in time and size, and led
// nowhere but where it was sent.
import { once } from 'node:events';
import { createServer, get, setGlobalProxyFromEnv } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPost, type PostSettings } from '../../../activities/webhooks/post.ts';
import { newWebhookSecret, signedHeaders } from '../../../activities/webhooks/signature.ts';
import { type Resolve, resolveBySystem } from '../../../activities/webhooks/target.ts';
import { type Receiver, startReceiver } from '../../support/webhook-receiver.ts';

const BODY = JSON.stringify({ type: 'thesis.held', data: { reason: 'Là où ça coûte: 40 €' } });

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.behave(null);
  receiver.received.splice(0);
});
afterAll(() => receiver.close());

function post(url: string, change: Partial<PostSettings> = {}, headers: Record<string, string> = {}) {
  return createPost({ privateTargets: 'allow', resolve: resolveBySystem, ...change })(url, headers, BODY);
}

/** The receiver under a name that only the resolver given knows. */
function named(name: string): string {
  const url = new URL(receiver.url);
  url.hostname = name;
  return url.href;
}

describe('a signature', () => {
  const message = { id: 'msg_w_41', at: new Date(), body: BODY };

  test('is taken by the library of the convention', async () => {
    const secret = newWebhookSecret();
    expect(await post(receiver.url, {}, signedHeaders(message, [secret]))).toEqual({
      status: 204,
      retryAfter: null,
    });
    const [received] = receiver.received;
    expect(received?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'msg_w_41' });
    expect(new Webhook(secret).verify(received?.body ?? '', received?.headers ?? {})).toEqual(
      JSON.parse(BODY),
    );
  });

  test('covers id, time and body, and is of its own secret', async () => {
    const secret = newWebhookSecret();
    const headers = signedHeaders(message, [secret]);
    const verify =
      (change: object, body = BODY, by = secret) =>
      () =>
        new Webhook(by).verify(body, { ...headers, ...change });
    expect(verify({})).not.toThrow();
    expect(verify({ 'webhook-id': 'msg_w_42' })).toThrow(/signature/);
    expect(verify({ 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) + 1) })).toThrow(/signature/);
    expect(verify({}, BODY.replace('40', '41'))).toThrow(/signature/);
    expect(verify({}, BODY, newWebhookSecret())).toThrow(/signature/);
  });

  test('by two secrets is taken by whoever has either', () => {
    const [present, previous] = [newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders(message, [present, previous]);
    for (const secret of [present, previous]) {
      expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    }
  });
});

describe('a connection', () => {
  const refused = { fault: expect.stringMatching(/private, loopback, link-local/) };

  test('is refused to a name that was public when it was set up and now leads inside', async () => {
    const answers = [[{ address: '93.184.215.14', family: 4 }], [{ address: '127.0.0.1', family: 4 }]];
    const resolve: Resolve = async () => answers.shift() ?? [];
    await resolve('rebinding.example.com');
    expect(await post(named('rebinding.example.com'), { privateTargets: 'refuse', resolve })).toEqual(
      refused,
    );
    expect(receiver.received).toEqual([]);
    expect(answers).toEqual([]);
  });

  test('is made to the address that was checked: a resolver is asked once', async () => {
    let asked = 0;
    const resolve: Resolve = async () => {
      asked += 1;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    expect(await post(named('hooks.example.com'), { resolve })).toMatchObject({ status: 204 });
    expect(asked).toBe(1);
  });

  test('is refused when one of several addresses leads inside', async () => {
    const resolve: Resolve = async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await post(named('both.example.com'), { privateTargets: 'refuse', resolve })).toEqual(refused);
  });

  test.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433'])(
    'is refused to %s, which no resolver is asked about',
    async (host) => {
      expect(await post(named(host), { privateTargets: 'refuse' })).toEqual(refused);
      expect(receiver.received).toEqual([]);
    },
  );

  test('goes past a proxy that the environment names', async () => {
    let through = 0;
    const proxy = createServer((_, response) => {
      through += 1;
      response.end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const restore = setGlobalProxyFromEnv({ http_proxy: `http://127.0.0.1:${port}` });
    try {
      // Seen to work: a request of the ordinary kind does go through it.
      await once(get('http://hooks.example.com/'), 'response');
      expect(through).toBe(1);
      expect(await post(receiver.url)).toMatchObject({ status: 204 });
      expect(through).toBe(1);
    } finally {
      restore();
      proxy.close();
    }
  });
});

describe('an answer', () => {
  test('that redirects is the answer: nobody goes there', async () => {
    const inside = await startReceiver();
    receiver.behave((response) => {
      response.writeHead(307, { location: inside.url }).end();
    });
    expect(await post(receiver.url)).toEqual({ status: 307, retryAfter: null });
    expect(inside.received).toEqual([]);
    await inside.close();
  });

  test.each([
    ['120', 120_000],
    ['Tue, 24 Nov 2026 09:02:00 GMT', 120_000],
    ['Tue, 24 Nov 2026 08:00:00 GMT', 0],
    ['soon', null],
  ])('tells with Retry-After: %s when to come back', async (header, retryAfter) => {
    receiver.behave((response) => {
      response.writeHead(503, { 'retry-after': header, date: 'Tue, 24 Nov 2026 09:00:00 GMT' }).end();
    });
    expect(await post(receiver.url)).toEqual({ status: 503, retryAfter });
  });

  test('without end is cut, and counts by its head', async () => {
    let written = 0;
    receiver.behave((response) => {
      response.writeHead(200);
      const more = setInterval(() => {
        written += 65_536;
        response.write(Buffer.alloc(65_536));
      }, 1);
      response.on('close', () => clearInterval(more));
    });
    expect(await post(receiver.url)).toEqual({ status: 200, retryAfter: null });
    expect(written).toBeLessThan(100 * 65_536);
  });

  test('that stalls after its head counts by its head', async () => {
    receiver.behave((response) => {
      response.writeHead(200).write('a');
    });
    expect(await post(receiver.url, { timeoutMs: 300 })).toEqual({ status: 200, retryAfter: null });
  });

  test('that does not come in time is none', async () => {
    receiver.behave(() => undefined);
    expect(await post(receiver.url, { timeoutMs: 300 })).toEqual({ fault: 'No answer within 0.3 seconds.' });
    const silent: Resolve = () => new Promise(() => undefined);
    expect(await post(named('silent.example.com'), { timeoutMs: 300, resolve: silent })).toEqual({
      fault: 'No answer within 0.3 seconds.',
    });
  });

  test('that is none says why, and names no address', async () => {
    receiver.behave((response) => {
      response.destroy();
    });
    expect(await post(receiver.url)).toEqual({ fault: 'The connection was closed before an answer.' });
    const gone = await startReceiver();
    await gone.close();
    expect(await post(gone.url)).toEqual({ fault: 'The connection was refused.' });
    const unknown: Resolve = () =>
      Promise.reject(Object.assign(new Error('at 10.0.0.2'), { code: 'ENOTFOUND' }));
    expect(await post(named('none.example.com'), { resolve: unknown })).toEqual({
      fault: 'The name does not resolve.',
    });
    const plain = createTcpServer((socket) => socket.end('hello\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    for (const protocol of ['http', 'https']) {
      const answer = await post(`${protocol}://127.0.0.1:${port}/`);
      expect(answer).toEqual({ fault: expect.stringMatching(/^The request failed \([A-Z0-9_]+\)\.$/) });
    }
    plain.close();
  });
});
