// Where a request comes from, for counting failed attempts. An address that a caller wrote itself is worth nothing, so
// X-Forwarded-For is read only as far as proxies of ours wrote it.

import { isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { ApiContext } from './context.ts';

/**
 * The address of the caller: the connection's own, or, behind `trustedProxies` proxies that each append to
 * X-Forwarded-For, the one that the outermost of them saw. IPv6 reads as its /64, which one customer holds whole.
 */
export function sourceAddress(c: ApiContext, trustedProxies: number): string {
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  const seen = trustedProxies === 0 ? undefined : forwarded.at(-trustedProxies);
  const address = seen === undefined || seen === '' ? connected(c) : seen;
  return network(address);
}

/** A request that came through no socket, as in tests, comes from nowhere in particular. */
function connected(c: ApiContext): string {
  const { incoming } = (c.env ?? {}) as { incoming?: unknown };
  return incoming === undefined ? 'nowhere' : (getConnInfo(c).remote.address ?? 'nowhere');
}

const HALF = 4;

function network(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 64);
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, HALF).join(':')}::/64`;
}
