// A wire to PostgreSQL that a test can cut and mend, or let break at the worst moment: just before a transaction is
// committed, or just after, when the answer is lost.

import { connect, createServer, type Socket } from 'node:net';

export interface CutProxy {
  /** The URL given, through this wire. */
  readonly url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  /** Breaks, once, the connection whose transaction has sent `text`, at its commit. */
  breakAtCommitOf(text: string, when: 'before' | 'after'): void;
  /** Whether the break that was asked for has happened. */
  readonly hasBroken: boolean;
  close(): Promise<void>;
}

/** How PostgreSQL's protocol carries the statement, as our driver sends it. */
const COMMIT = 'commit\0';

interface Wire {
  isCut: boolean;
  planned: { readonly text: string; readonly when: 'before' | 'after' } | null;
  readonly open: Set<Socket>;
}

/** Lays a wire to the server of a PostgreSQL URL. */
export async function layWire(target: string): Promise<CutProxy> {
  const url = new URL(target);
  const [host, port] = [url.hostname, Number(url.port || 5432)];
  const wire: Wire = { isCut: false, planned: null, open: new Set() };
  const server = createServer((near) => {
    if (wire.isCut) near.destroy();
    else join(wire, near, connect(port, host));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  const breakAll = (): void => {
    for (const socket of wire.open) socket.destroy();
  };
  return {
    url: url.href,
    cut() {
      wire.isCut = true;
      breakAll();
    },
    mend() {
      wire.isCut = false;
    },
    breakAtCommitOf(text, when) {
      wire.planned = { text, when };
    },
    get hasBroken() {
      return wire.planned === null;
    },
    async close() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(wire: Wire, near: Socket, far: Socket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    wire.open.add(one);
    // A side that breaks takes the other with it; which of the two failed does not matter here.
    one.on('error', () => other.destroy());
    one.on('close', () => {
      wire.open.delete(one);
      if (!other.writableEnded) other.destroy();
    });
  }
  far.pipe(near);
  let hasSent = false;
  near.on('data', (chunk: Buffer) => {
    const { planned } = wire;
    hasSent ||= planned !== null && chunk.includes(planned.text);
    if (planned === null || !hasSent || !chunk.includes(COMMIT)) {
      far.write(chunk);
      return;
    }
    wire.planned = null;
    // The server hears the commit, or does not; the client hears nothing in either case.
    if (planned.when === 'after') far.end(chunk);
    else far.destroy();
    near.destroy();
  });
  near.on('end', () => far.end());
}
