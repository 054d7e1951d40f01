// Turns a bearer token into the caller: an API key of ours, or a token of the company's identity provider. Failed
// attempts are counted here; which roles a route wants is decided in access.ts.

import { readToken } from '../db/api-key-check.ts';
import { looksLikeApiKey, partsOf } from '../db/api-key-token.ts';
import { memberOfSubject } from '../db/members.ts';
import type { Instant } from '../domain/duration.ts';
import type { Member } from '../domain/role.ts';
import type { ApiContext } from './context.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { OidcReader } from './oidc.ts';
import { Problem } from './problem.ts';
import { sourceAddress } from './source-address.ts';

/** Who calls, and what with. */
export interface Caller {
  /** With the roles that this request has: those of the key or the token, at most. */
  readonly member: Member;
  /** What requests are counted by: a key, or the member behind a provider's tokens. */
  readonly credential: string;
  /** Whether it is an API key, rather than a token of the identity provider. */
  readonly isKey: boolean;
  /** Whether the roles are fewer than the member's own may be. */
  readonly scoped: boolean;
  /** When the credential ends; null: never. */
  readonly expiresAt: Instant | null;
}

export type Entrance = (c: ApiContext, token: string) => Promise<Caller>;

interface EntranceDeps {
  readonly attempts: FailedAttempts;
  /** Null: only API keys come in. */
  readonly oidc: OidcReader | null;
  readonly trustedProxies: number;
}

export function createEntrance({ attempts, oidc, trustedProxies }: EntranceDeps): Entrance {
  return async (c, token) => {
    const address = sourceAddress(c, trustedProxies);
    const isKey = oidc === null || looksLikeApiKey(token);
    // What has no key id in it is a guess like any other, whatever it is a guess at.
    const name = isKey ? (partsOf(token)?.keyId ?? 'none') : 'provider';
    await attempts.listen(address, name);
    const caller = isKey ? await byKey(c, token) : await byProvider(c, token, oidc);
    if (typeof caller !== 'string') {
      attempts.succeeded(address, name);
      return caller;
    }
    if (caller === 'wrong') await attempts.failed(address, name);
    throw new Problem('unauthenticated', 'The key is unknown, expired or revoked.');
  };
}

async function byKey(c: ApiContext, token: string): Promise<Caller | 'wrong' | 'lapsed'> {
  const reading = await readToken(c.var.db, token, c.var.now());
  if (reading.state !== 'good') return reading.state;
  const { keyId, member, scoped, expiresAt } = reading.key;
  return { member, scoped, expiresAt, isKey: true, credential: `key:${keyId}` };
}

async function byProvider(
  c: ApiContext,
  token: string,
  read: OidcReader,
): Promise<Caller | 'wrong' | 'lapsed'> {
  const reading = await read(token, c.var.now());
  if (reading.state !== 'good') return reading.state;
  const member = await memberOfSubject(c.var.db, reading.subject);
  if (member === null || !member.active) {
    throw new Problem('forbidden', 'The identity provider knows you, but you are no active member here.');
  }
  const { memberId, name } = member;
  return {
    member: { memberId, name, roles: reading.roles ?? member.roles },
    credential: `member:${memberId}`,
    isKey: false,
    scoped: reading.roles !== null,
    expiresAt: reading.expiresAt,
  };
}
