// The other side of the webhooks in a chaos run: verifies each request, keeps it with what it did, and at times misbehaves
// as a seed decides. It runs in the program itself, which nobody kills. What it received is judged elsewhere.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { chanceOf } from './chance.ts';

/**
 * `taken`: answered 204. `refused`: answered 500. `hung up`: closed the connection. `silent`: gave no answer. `killed`:
 * had the sender killed and answered 204 then. `gone`: the sender was gone before the answer.
 */
export type Deed = 'taken' | 'refused' | 'hung up' | 'silent' | 'killed' | 'gone';

export interface Arrival {
  /** The name of the webhook that led here. */
  readonly webhook: string;
  readonly id: string;
  readonly body: string;
  /** Why the signature does not hold; null: it does. */
  readonly forged: string | null;
  /** In milliseconds of this machine's clock. */
  readonly at: number;
  /** Null: the request is still here. */
  endedAt: number | null;
  deed: Deed;
}

export interface Receiver {
  readonly arrivals: readonly Arrival[];
  /** Where the webhook of a name leads. */
  url(name: string): string;
  /** What comes to that name is signed by this secret. */
  know(name: string, secret: string): void;
  /** Takes all that comes from now on. */
  behave(): void;
  close(): Promise<void>;
}

/** The share of notifications that it does not just take, at their first request: a second failure waits for minutes. */
const MISBEHAVIOUR = 0.15;

/** In turn, so that also a short run has them all; chance says when. */
const MISDEEDS: readonly Deed[] = ['refused', 'hung up', 'killed', 'refused', 'silent', 'hung up', 'refused'];

/** A worker that is killed too often is never there. */
const MOST_KILLED = 6;

export async function startReceiver(seed: number, killSender: () => Promise<unknown>): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const secrets = new Map<string, string>();
  const nextDeed = deedsOf(seed);
  let behaves = false;

  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (body === null) return;
    const name = request.url?.slice(1) ?? '';
    const id = String(request.headers['webhook-id']);
    const isFirst = !arrivals.some((one) => one.id === id);
    const arrival: Arrival = {
      webhook: name,
      id,
      body,
      forged: forgery(secrets.get(name), request, body),
      at: Date.now(),
      endedAt: null,
      deed: isFirst && !behaves ? nextDeed() : 'taken',
    };
    arrivals.push(arrival);
    response.on('close', () => {
      arrival.endedAt = Date.now();
      if (arrival.deed === 'taken' && !response.writableFinished) arrival.deed = 'gone';
    });
    if (arrival.deed === 'killed') await killSender();
    if (arrival.deed === 'hung up') request.socket.destroy();
    else if (arrival.deed !== 'silent') response.writeHead(arrival.deed === 'refused' ? 500 : 204).end();
  };

  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    arrivals,
    url: (name) => `http://127.0.0.1:${address.port}/${name}`,
    know: (name, secret) => void secrets.set(name, secret),
    behave() {
      behaves = true;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What it does with one notification after the other. */
function deedsOf(seed: number): () => Deed {
  const chance = chanceOf(seed);
  let misdeeds = 0;
  let killed = 0;
  return () => {
    if (chance() >= MISBEHAVIOUR) return 'taken';
    const deed = MISDEEDS[misdeeds++ % MISDEEDS.length] ?? 'taken';
    if (deed === 'killed' && killed++ >= MOST_KILLED) return 'taken';
    return deed;
  };
}

function forgery(secret: string | undefined, { headers }: IncomingMessage, body: string): string | null {
  if (secret === undefined) return 'no webhook leads here';
  try {
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    new Webhook(secret).verify(body, Object.fromEntries(texts));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Null when the sender died before it had said everything: then nothing has arrived. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return null;
  }
}
