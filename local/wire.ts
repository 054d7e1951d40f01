// A wire to a server on this machine that can be cut and mended: connections that exist break, new ones are refused,
// until it is whole again. It looks at nothing that passes, unless it is given something that does.

import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  /** The port to connect to instead of the server's own. */
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** How the bytes of one connection get from the near side to the server. */
export type Carry = (near: Socket, far: Socket) => void;

/** Lays a wire to a port of the loopback interface. */
export async function layWire(target: number, carry: Carry = carryAll): Promise<Wire> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    tie(open, near, far);
    far.pipe(near);
    carry(near, far);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  const breakAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    async close() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function carryAll(near: Socket, far: Socket): void {
  near.pipe(far);
}

/** A side that breaks takes the other with it; which of the two failed does not matter here. */
function tie(open: Set<Socket>, near: Socket, far: Socket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(one);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      open.delete(one);
      if (!other.writableEnded) other.destroy();
    });
  }
}
