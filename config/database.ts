// Where everything is kept: PostgreSQL, as the application and as the owner of its tables.

import { z } from 'zod';
import { type Environment, type Values, wholeNumber } from './value.ts';

/** Only what the driver will go on meaning: other words of sslmode check less than they say, or will in its next version. */
const databaseUrl = () =>
  z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'Must be a PostgreSQL URL: postgres://user:password@host:5432/name.',
    })
    .refine(
      isPlainOrVerified,
      'Must say sslmode=verify-full (with sslrootcert=/path/to/ca.pem for an authority of your own) or sslmode=disable, and no ssl or uselibpqcompat.',
    )
    .optional();

export const DATABASE_KEYS = {
  DATABASE_URL: databaseUrl().meta({
    description:
      'PostgreSQL to keep everything in, as API and worker connect to it. With `?sslmode=verify-full`, and `&sslrootcert=` and the path of a certificate unless a public authority signed it, over TLS; without, in the clear. Absent: an embedded one under JALON_DATA_DIR.',
    example: 'postgres://jalon_service:password@db.internal:5432/jalon?sslmode=verify-full',
  }),
  DATABASE_OWNER_URL: databaseUrl().meta({
    description:
      'The same database as the owner of its tables, for `migrate` only: API and worker do not need it. Absent: DATABASE_URL, and the application could then rewrite its own history.',
    example: 'postgres://jalon_owner:password@db.internal:5432/jalon?sslmode=verify-full',
  }),
  DATABASE_POOL_SIZE: wholeNumber(2, 200).default(10).meta({
    description: 'Connections that each process may hold open.',
  }),
};

export interface DatabaseConfig {
  /** Null: use the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: the application's login owns the tables too. */
  readonly databaseOwnerUrl: string | null;
  readonly poolSize: number;
}

export function databaseConfig(keys: Values<typeof DATABASE_KEYS>): DatabaseConfig {
  return {
    databaseUrl: keys.DATABASE_URL ?? null,
    databaseOwnerUrl: keys.DATABASE_OWNER_URL ?? null,
    poolSize: keys.DATABASE_POOL_SIZE,
  };
}

export function databaseFaults({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl }: Environment): string[] {
  return ownerUrl !== undefined && url === undefined
    ? ['DATABASE_URL: Required with DATABASE_OWNER_URL.']
    : [];
}

function isPlainOrVerified(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { searchParams } = new URL(url);
  const mode = searchParams.get('sslmode');
  if (searchParams.has('ssl') || searchParams.has('uselibpqcompat')) return false;
  if (mode === null)
    return !searchParams.has('sslrootcert') && searchParams.get('sslnegotiation') !== 'direct';
  return mode === 'verify-full' || mode === 'disable';
}
