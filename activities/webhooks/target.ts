// Where webhooks may lead: to public addresses, over TLS. Asked when a webhook is set up, and again by every connection
// about the very addresses that it will use, so that a name which has changed its mind leads nowhere.

import { promises as dns, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `allow` is for a receiver on the same machine or network as the workers: it opens all of that network to administrators. */
export type PrivateTargets = 'refuse' | 'allow';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface TargetPolicy {
  readonly privateTargets: PrivateTargets;
  readonly resolve: Resolve;
}

/** Thrown for an address that is not public. The message names no address: it would tell what our resolver sees. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';

  constructor() {
    super('It leads to a private, loopback, link-local or otherwise reserved address.');
  }
}

export const resolveBySystem: Resolve = (hostname) => dns.lookup(hostname, { all: true });

const RESOLVE_WITHIN_MS = 5_000;

/** What is wrong with an address for webhooks; null: nothing, as far as can be told now. */
export async function targetFault(text: string, policy: TargetPolicy): Promise<string | null> {
  if (!URL.canParse(text)) return 'Must be a URL.';
  const url = new URL(text);
  const allowed = policy.privateTargets === 'allow' ? ['https:', 'http:'] : ['https:'];
  if (!allowed.includes(url.protocol)) return 'Must be an https URL.';
  if (url.username !== '' || url.password !== '') return 'Must hold no user and no password.';
  if (url.hash !== '') return 'Must have no fragment.';
  try {
    refuseLiteral(url, policy);
    const addresses = await inTime(policy.resolve(hostOf(url)));
    if (addresses.length === 0) return 'Its name has no address.';
    refusePrivate(addresses, policy);
    return null;
  } catch (error) {
    return error instanceof TargetRefused ? error.message : 'Its name cannot be resolved.';
  }
}

/** For the socket of a connection: resolves, and fails unless every address may be connected to. */
export function guardedLookup(policy: TargetPolicy): LookupFunction {
  return (hostname, options, callback) => {
    const answer = async (): Promise<readonly LookupAddress[]> => {
      const addresses = await policy.resolve(hostname);
      refusePrivate(addresses, policy);
      return addresses;
    };
    answer().then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(new Error('the name has no address'), '');
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

/** Throws for a URL whose host is itself an address that is not public: sockets resolve no such host. */
export function refuseLiteral(url: URL, policy: TargetPolicy): void {
  const host = hostOf(url);
  if (ipaddr.isValid(host)) refusePrivate([{ address: host, family: 0 }], policy);
}

function refusePrivate(addresses: readonly LookupAddress[], { privateTargets }: TargetPolicy): void {
  if (privateTargets === 'allow') return;
  if (!addresses.every(({ address }) => isPublic(address))) throw new TargetRefused();
}

/** Addresses of the ordinary internet at which a cloud provider answers its own machines all the same. */
const OF_THE_CLOUD = new Set(['168.63.129.16']);

/** IANA has given out no other IPv6 addresses for the internet; those that carry an IPv4 address lie elsewhere too. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether an address is one of the public internet. What cannot be read is not. */
export function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text) || OF_THE_CLOUD.has(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}

/** Of `[::1]`, what stands between the brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the resolver did not answer')), RESOLVE_WITHIN_MS);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
