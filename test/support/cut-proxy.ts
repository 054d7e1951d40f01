// A wire to PostgreSQL that a test can cut and mend, or let break at the worst moment: just before a transaction is
// committed, or just after, when the answer is lost.

import type { Socket } from 'node:net';
import { layWire as layPlainWire, type Wire } from '../../local/wire.ts';

export interface CutProxy extends Omit<Wire, 'port'> {
  /** The URL given, through this wire. */
  readonly url: string;
  /** Breaks, once, the connection whose transaction has sent `text`, at its commit. */
  breakAtCommitOf(text: string, when: 'before' | 'after'): void;
  /** Whether the break that was asked for has happened. */
  readonly hasBroken: boolean;
}

/** How PostgreSQL's protocol carries the statement, as our driver sends it. */
const COMMIT = 'commit\0';

interface Break {
  planned: { readonly text: string; readonly when: 'before' | 'after' } | null;
}

/** Lays a wire to the server of a PostgreSQL URL. */
export async function layWire(target: string): Promise<CutProxy> {
  const url = new URL(target);
  const breaking: Break = { planned: null };
  const wire = await layPlainWire(Number(url.port || 5432), (near, far) => carry(breaking, near, far));
  url.hostname = '127.0.0.1';
  url.port = String(wire.port);
  return {
    url: url.href,
    cut: wire.cut,
    mend: wire.mend,
    close: wire.close,
    breakAtCommitOf(text, when) {
      breaking.planned = { text, when };
    },
    get hasBroken() {
      return breaking.planned === null;
    },
  };
}

function carry(breaking: Break, near: Socket, far: Socket): void {
  let hasSent = false;
  near.on('data', (chunk: Buffer) => {
    const { planned } = breaking;
    hasSent ||= planned !== null && chunk.includes(planned.text);
    if (planned === null || !hasSent || !chunk.includes(COMMIT)) {
      far.write(chunk);
      return;
    }
    breaking.planned = null;
    // The server hears the commit, or does not; the client hears nothing in either case.
    if (planned.when === 'after') far.end(chunk);
    else far.destroy();
    near.destroy();
  });
  near.on('end', () => far.end());
}
