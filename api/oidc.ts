// Reads tokens of the company's identity provider: signed by a key of its JWKS, for this API, and not over. Says who the
// token stands for and which roles it gives; whether there is such a member is decided at the entrance.

import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Instant } from '../domain/duration.ts';
import type { Role } from '../domain/role.ts';
import { ProviderUnavailable } from './failure.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** The claim whose value is a member's subject, or id. */
  readonly memberClaim: string;
  /** The claim that lists what roles are mapped from, dots leading inwards; null: a member's own roles. */
  readonly rolesClaim: string | null;
  /** From a value of the roles claim to a role; a value that is not here gives none. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly clockToleranceSeconds: number;
}

export type OidcReading =
  | {
      readonly state: 'good';
      readonly subject: string;
      /** Null: the member's own. */
      readonly roles: readonly Role[] | null;
      readonly expiresAt: Instant;
    }
  /** `wrong`: not a token of the provider for us. `lapsed`: it was, or will be. */
  | { readonly state: 'wrong' | 'lapsed' };

/** Reads a token as of `now`. Throws ProviderUnavailable when the provider's keys cannot be had. */
export type OidcReader = (token: string, now: Date) => Promise<OidcReading>;

/** Neither symmetric algorithms nor `none`: a public key must never be taken for a shared secret. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

const KEYS_KEPT_MS = 10 * 60_000;
const FETCH_WITHIN_MS = 5_000;

/** A new key is looked for at once when a token names one that is not known, but not more often than this. */
const COOLDOWN_MS = 30_000;

export function createOidcReader(settings: OidcSettings, cooldownDuration = COOLDOWN_MS): OidcReader {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
    cacheMaxAge: KEYS_KEPT_MS,
    timeoutDuration: FETCH_WITHIN_MS,
    cooldownDuration,
  });
  return async (token, now) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: settings.issuer,
        audience: settings.audience,
        clockTolerance: settings.clockToleranceSeconds,
        requiredClaims: ['exp'],
        currentDate: now,
      });
      return readingOf(payload, settings);
    } catch (error) {
      return { state: faultOf(error) };
    }
  };
}

function readingOf(payload: JWTPayload, settings: OidcSettings): OidcReading {
  const subject = at(payload, settings.memberClaim);
  // An address that its holder never proved to have could be anybody's.
  const unproven = settings.memberClaim === 'email' && payload.email_verified !== true;
  if (typeof subject !== 'string' || subject === '' || unproven) return { state: 'wrong' };
  const expiresAt = new Date((payload.exp ?? 0) * 1_000).toISOString();
  return { state: 'good', subject, roles: rolesOf(payload, settings), expiresAt };
}

function rolesOf(payload: JWTPayload, { rolesClaim, roles }: OidcSettings): readonly Role[] | null {
  if (rolesClaim === null) return null;
  const claimed = at(payload, rolesClaim);
  const values: unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  const given = values.flatMap((value) => (typeof value === 'string' ? (roles.get(value) ?? []) : []));
  return [...new Set(given)];
}

/** `realm_access.roles` reads the claim `roles` inside `realm_access`, unless a claim has the whole name. */
function at(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  return path.split('.').reduce<unknown>((value, key) => {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return holds ? new Map(Object.entries(value)).get(key) : undefined;
  }, payload);
}

function faultOf(error: unknown): 'wrong' | 'lapsed' {
  // Told only after the signature was found good.
  if (error instanceof errors.JWTExpired) return 'lapsed';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return 'lapsed';
  const unavailable =
    error instanceof errors.JWKSTimeout || isBadAnswer(error) || !(error instanceof errors.JOSEError);
  if (unavailable) throw new ProviderUnavailable(error);
  return 'wrong';
}

/** The library has no class of its own for keys that came with another status than 200, or not as JSON. */
function isBadAnswer(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    (error.code === 'ERR_JOSE_GENERIC' || error instanceof errors.JWKSInvalid)
  );
}
