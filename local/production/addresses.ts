// Where each port of each container is on this machine: containers have addresses of their own and may all listen on
// 8080, processes of one machine may not. Rewrites what names a host or a port, and nothing else.

import type { Service, Services } from './compose-file.ts';

const HERE = '127.0.0.1';

/** Keys that say a host and its port separately. */
const PAIRS = [
  ['SQL_HOST', 'SQL_PORT'],
  ['POSTGRES_SEEDS', 'DB_PORT'],
] as const;

/** Keys that say where the container itself listens. */
const OWN_PORTS = ['JALON_PORT', 'JALON_WORKER_PORT'];
const OWN_HOSTS = ['JALON_HOST'];

export interface Addresses {
  portOf(container: string, port: number): number;
  /** The environment of a container, as a process of this machine needs it. */
  environment(container: string, environment: Service['environment']): Record<string, string>;
  /** A command that a container runs against itself. */
  command(container: string, words: readonly string[]): string[];
  /** Everything that was rewritten, a line each. */
  readonly rewritten: ReadonlySet<string>;
}

/** `free` are ports of this machine that nobody uses. */
export function addressesFor(services: Services, free: readonly number[]): Addresses {
  const pool = [...free];
  const ports = new Map<string, number>();
  const rewritten = new Set<string>();
  const hosts = new RegExp(`\\b(${Object.keys(services).join('|')}):(\\d+)\\b`, 'g');

  const portOf = (container: string, port: number): number => {
    const key = `${container}:${port}`;
    const known = ports.get(key) ?? pool.shift();
    if (known === undefined) throw new Error(`no free port is left for ${key}`);
    ports.set(key, known);
    rewritten.add(`${key} is ${HERE}:${known}`);
    return known;
  };

  const environment: Addresses['environment'] = (container, given) => {
    const result: Record<string, string> = {};
    for (const [key, value] of Object.entries(given)) {
      if (OWN_PORTS.includes(key)) result[key] = String(portOf(container, Number(value)));
      else if (OWN_HOSTS.includes(key)) result[key] = HERE;
      else result[key] = value.replace(hosts, (_, name, port) => `${HERE}:${portOf(name, Number(port))}`);
    }
    for (const [host, port] of PAIRS) {
      const name = given[host];
      if (name === undefined) continue;
      result[host] = HERE;
      result[port] = String(portOf(name, Number(given[port])));
    }
    return result;
  };

  return {
    portOf,
    environment,
    command: (container, words) =>
      words.map((word) =>
        word.replaceAll(/127\.0\.0\.1:(\d+)/g, (_, port) => `${HERE}:${portOf(container, Number(port))}`),
      ),
    rewritten,
  };
}
