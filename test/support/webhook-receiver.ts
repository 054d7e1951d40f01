// A receiver of webhooks on this machine, over real HTTP: keeps what it gets and answers as a test says. Verifying is the
// test's business.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers one request; absent or returning nothing: 204. */
export type Behaviour = (response: ServerResponse, request: Received) => void | Promise<void>;

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The webhook-ids received, in order. */
  ids(): string[];
  behave(behaviour: Behaviour | null): void;
  answerWith(status: number, headers?: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let behaviour: Behaviour | null = null;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { headers: plain(request.headers), body: Buffer.concat(chunks).toString('utf8') };
    received.push(one);
    await behaviour?.(response, one);
    if (behaviour === null) response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const behave = (next: Behaviour | null): void => {
    behaviour = next;
  };
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    ids: () => received.map(({ headers }) => headers['webhook-id'] ?? ''),
    behave,
    answerWith: (status, headers = {}) =>
      behave((response) => {
        response.writeHead(status, headers).end();
      }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
