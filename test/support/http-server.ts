// Serves an API of a test on a free port of this machine, as api/main.ts does.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { serve } from '@hono/node-server';
import type { Api } from '../../api/context.ts';
import { SERVER_LIMITS } from '../../api/request-limits.ts';

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Connections that are open, as the server has them. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export async function serveApi({ app }: { readonly app: Api }): Promise<HttpServer> {
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, serverOptions: SERVER_LIMITS });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
