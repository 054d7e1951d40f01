// The keys under which secrets and Temporal's payloads are sealed, and who may have payloads read to them.

import { z } from 'zod';
import type { Environment, Values } from './value.ts';

/** One key of 32 bytes in base64; several, separated by commas, while one takes over from another. */
const KEYS_IN_BASE64 = /^[A-Za-z0-9+/]{43}=(?:\s*,\s*[A-Za-z0-9+/]{43}=)*$/;

/** What an operator writes to have payloads in the clear. */
const PAYLOADS_IN_THE_CLEAR = 'off';

export const ENCRYPTION_KEYS = {
  JALON_SECRET_KEY: z
    .string()
    .regex(KEYS_IN_BASE64, 'Must be 32 bytes in base64; several, separated by commas, newest first.')
    .optional()
    .meta({
      description:
        'Encrypts the secrets of connections: 32 random bytes in base64 (`openssl rand -base64 32`). To change it, put the new key first and keep the old one behind a comma. Required with DATABASE_URL; absent without: one is made under JALON_DATA_DIR.',
    }),
  JALON_PAYLOAD_KEY: z
    .string()
    .refine(
      (text) => text === PAYLOADS_IN_THE_CLEAR || KEYS_IN_BASE64.test(text),
      'Must be 32 bytes in base64, several separated by commas, newest first; or `off`.',
    )
    .optional()
    .meta({
      description:
        "Encrypts what Temporal keeps of each thesis, in the form of JALON_SECRET_KEY and changed like it; the same for every API and worker. Absent: a key derived from JALON_SECRET_KEY. `off`: payloads are readable to whoever can read Temporal's database.",
    }),
  JALON_TEMPORAL_UI_ORIGIN: z
    .url({ protocol: /^https?$/, error: 'Must be an origin: https://temporal.example.com.' })
    .refine((url) => new URL(url).origin === url, 'Must be an origin, without a path.')
    .optional()
    .meta({
      description:
        "Where Temporal's UI is served, so that browsers let it ask the API to read payloads (POST /codec/decode). Absent: no other origin may ask.",
      example: 'https://temporal.example.com',
    }),
};

export interface EncryptionConfig {
  /** Null only with the embedded PostgreSQL, beside which a key is made and kept. */
  readonly secretKey: string | null;
  /** Null: what the secret key gives, see payloadKeysOf. */
  readonly payloadKey: string | null;
  readonly temporalUiOrigin: string | null;
}

export function encryptionConfig(keys: Values<typeof ENCRYPTION_KEYS>): EncryptionConfig {
  return {
    secretKey: keys.JALON_SECRET_KEY ?? null,
    payloadKey: keys.JALON_PAYLOAD_KEY ?? null,
    temporalUiOrigin: keys.JALON_TEMPORAL_UI_ORIGIN ?? null,
  };
}

/** A database of one's own keeps sealed secrets, so that its key must be kept too. */
export function encryptionFaults({ DATABASE_URL: url, JALON_SECRET_KEY: key }: Environment): string[] {
  return url !== undefined && key === undefined
    ? ['JALON_SECRET_KEY: Required with DATABASE_URL: make one with `openssl rand -base64 32`.']
    : [];
}

/** The keys that encrypt Temporal's payloads: their own, else the secret key; null: in the clear, as configured. */
export function payloadKeysOf(payloadKey: string | null, secretKey: string): string | null {
  return payloadKey === PAYLOADS_IN_THE_CLEAR ? null : (payloadKey ?? secretKey);
}
