// The identity provider whose tokens are taken beside API keys, and what its claims mean here.

import { z } from 'zod';
import { isRole, ROLE_NAMES, type Role } from '../domain/role.ts';
import { type Environment, isConfidential, type Values, wholeNumber } from './value.ts';

export const OIDC_KEYS = {
  JALON_OIDC_ISSUER: z.url('Must be the issuer URL of the identity provider.').optional().meta({
    description:
      'Issuer (`iss`) of the tokens that are taken beside API keys; with it, JALON_OIDC_AUDIENCE and JALON_OIDC_JWKS_URL are required. Absent: API keys only.',
    example: 'https://login.example.com/realms/company',
  }),
  JALON_OIDC_AUDIENCE: z.string().min(1).optional().meta({
    description: 'Audience (`aud`) that a token must name.',
    example: 'jalon',
  }),
  JALON_OIDC_JWKS_URL: z
    .url('Must be a URL.')
    .refine(isConfidential, 'Must be https, or http on this machine.')
    .optional()
    .meta({
      description: 'Where the identity provider publishes its keys: RS256, ES256 and EdDSA are read.',
      example: 'https://login.example.com/realms/company/protocol/openid-connect/certs',
    }),
  JALON_OIDC_MEMBER_CLAIM: z.string().min(1).default('sub').meta({
    description:
      'Claim whose value is the subject of a member, or else a member id. `email` counts only when `email_verified` is true.',
  }),
  JALON_OIDC_ROLES_CLAIM: z.string().min(1).optional().meta({
    description:
      'Claim whose values JALON_OIDC_ROLES maps to roles; dots lead inwards. Absent: each member has the roles given here.',
    example: 'realm_access.roles',
  }),
  JALON_OIDC_ROLES: z
    .string()
    .refine(
      (text) => rolesByClaim(text) !== null,
      `Must be value=role, ...; roles: ${ROLE_NAMES.join(', ')}.`,
    )
    .optional()
    .meta({
      description: 'Roles by value of that claim; other values give none.',
      example: 'growth-team=growth_lead,controllers=finance',
    }),
  JALON_OIDC_CLOCK_TOLERANCE: wholeNumber(0, 300).default(30).meta({
    description: "Seconds that the identity provider's clock may differ from ours.",
  }),
};

/** The identity provider whose tokens are taken beside API keys. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly memberClaim: string;
  readonly rolesClaim: string | null;
  readonly roles: ReadonlyMap<string, Role>;
  readonly clockToleranceSeconds: number;
}

/** Null: API keys only. */
export function oidcConfig(keys: Values<typeof OIDC_KEYS>): OidcConfig | null {
  const { JALON_OIDC_ISSUER: issuer, JALON_OIDC_AUDIENCE: audience, JALON_OIDC_JWKS_URL: jwksUrl } = keys;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return null;
  return {
    issuer,
    audience,
    jwksUrl,
    memberClaim: keys.JALON_OIDC_MEMBER_CLAIM,
    rolesClaim: keys.JALON_OIDC_ROLES_CLAIM ?? null,
    roles: rolesByClaim(keys.JALON_OIDC_ROLES ?? '') ?? new Map(),
    clockToleranceSeconds: keys.JALON_OIDC_CLOCK_TOLERANCE,
  };
}

/** The keys of the identity provider come together or not at all. */
export function oidcFaults(given: Environment): string[] {
  const together = ['JALON_OIDC_ISSUER', 'JALON_OIDC_AUDIENCE', 'JALON_OIDC_JWKS_URL'];
  const missing = together.filter((key) => given[key] === undefined);
  const faults = missing.length === 0 || missing.length === together.length ? [] : missing;
  const unmapped = given.JALON_OIDC_ROLES_CLAIM !== undefined && given.JALON_OIDC_ROLES === undefined;
  return [
    ...faults.map(
      (key) => `${key}: Required with ${together.filter((other) => other !== key).join(' and ')}.`,
    ),
    ...(unmapped ? ['JALON_OIDC_ROLES: Required with JALON_OIDC_ROLES_CLAIM.'] : []),
  ];
}

/** `value=role` by commas, as a map; null when it cannot be read. */
function rolesByClaim(text: string): ReadonlyMap<string, Role> | null {
  const roles = new Map<string, Role>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [value, role] = [entry.slice(0, entry.lastIndexOf('=')), entry.slice(entry.lastIndexOf('=') + 1)];
    if (!entry.includes('=') || value === '' || !isRole(role)) return null;
    roles.set(value, role);
  }
  return roles;
}
