// The worker's small HTTP side: whether it lives, whether it works, and its metrics. Serves nothing else, and nobody
// but probes and Prometheus calls it.

import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface HealthSettings {
  readonly host: string;
  readonly port: number;
  /** One word a dependency, and whether work can be done. */
  readonly readiness: () => Promise<{ readonly ready: boolean; readonly checks: Record<string, string> }>;
  readonly registry: Registry;
  /** Null: no metrics are shown. */
  readonly metricsToken: string | null;
}

export interface Health {
  readonly port: number;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Listens and resolves once it does. */
export async function serveHealth(settings: HealthSettings): Promise<Health> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://worker').pathname;
    const answered =
      request.method === 'GET' ? reply(settings, path, request.headers.authorization) : notFound();
    answered
      .catch(() => json(500, { status: 'failed' }))
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(settings.port, settings.host, resolve);
  });
  return { port: portOf(server), close: () => closed(server) };
}

async function reply(
  settings: HealthSettings,
  path: string,
  authorization: string | undefined,
): Promise<Reply> {
  switch (path) {
    case '/healthz':
      return json(200, { status: 'alive' });
    case '/readyz': {
      const readiness = await settings.readiness();
      return json(readiness.ready ? 200 : 503, readiness);
    }
    case '/metrics': {
      if (!isBearer(authorization, settings.metricsToken))
        return json(401, { status: 'needs JALON_METRICS_TOKEN' });
      const { registry } = settings;
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    }
    default:
      return notFound();
  }
}

async function notFound(): Promise<Reply> {
  return json(404, { status: 'nothing is here' });
}

function json(status: number, body: object): Reply {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

/** Whether the header carries the token, compared in constant time; never when there is no token. */
export function isBearer(authorization: string | undefined, token: string | null): boolean {
  if (token === null) return false;
  const [given, wanted] = [Buffer.from(authorization ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function portOf(server: Server): number {
  const address = server.address() as AddressInfo;
  return address.port;
}

function closed(server: Server): Promise<void> {
  server.closeIdleConnections();
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
