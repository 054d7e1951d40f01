// The only reader of the environment for the API and the worker: every key is declared, checked and explained here,
// once. Run as a program with `--example`, it prints `.env.example`.

import { z } from 'zod';

/** One key of 32 bytes in base64; several, separated by commas, while one takes over from another. */
const SECRET_KEYS = /^[A-Za-z0-9+/]{43}=(?:\s*,\s*[A-Za-z0-9+/]{43}=)*$/;

const wholeNumber = (minimum: number, maximum: number) =>
  z.coerce
    .number(`Must be a whole number from ${minimum} to ${maximum}.`)
    .int(`Must be a whole number from ${minimum} to ${maximum}.`)
    .min(minimum, `Must be at least ${minimum}.`)
    .max(maximum, `Must be at most ${maximum}.`);

const KEYS = z.object({
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'Must be a PostgreSQL URL: postgres://user:password@host:5432/name.',
    })
    .optional()
    .meta({
      description: 'PostgreSQL to keep everything in. Absent: an embedded one under JALON_DATA_DIR.',
      example: 'postgres://jalon:password@localhost:5432/jalon',
    }),
  DATABASE_POOL_SIZE: wholeNumber(2, 200).default(10).meta({
    description: 'Connections that each process may hold open.',
  }),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d{1,5}$/, 'Must be host:port.')
    .optional()
    .meta({
      description:
        "Temporal's front end. Absent: an embedded one under JALON_DATA_DIR. TLS and API keys are set with Temporal's own variables: TEMPORAL_TLS, TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_API_KEY.",
      example: 'localhost:7233',
    }),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default').meta({ description: 'The Temporal namespace.' }),
  JALON_HOST: z.string().min(1).default('127.0.0.1').meta({
    description: 'Address that the API listens on; 0.0.0.0 for every interface.',
  }),
  JALON_PORT: wholeNumber(0, 65_535).default(8080).meta({
    description: 'Port that the API listens on; 0 takes a free one.',
  }),
  JALON_SECRET_KEY: z
    .string()
    .regex(SECRET_KEYS, 'Must be 32 bytes in base64; several, separated by commas, newest first.')
    .optional()
    .meta({
      description:
        'Encrypts the secrets of connections: 32 random bytes in base64 (`openssl rand -base64 32`). To change it, put the new key first and keep the old one behind a comma. Required with DATABASE_URL; absent without: one is made under JALON_DATA_DIR.',
    }),
  JALON_DATA_DIR: z.string().min(1).default('.jalon').meta({
    description: 'Folder of the embedded services.',
  }),
  JALON_CLOCK_RATE: z.coerce
    .number('Must be a number.')
    .min(1, 'Must be at least 1.')
    .max(1_000_000, 'Must be at most 1000000.')
    .default(1)
    .meta({
      description:
        'How many times faster than real time new theses live: 1 in production, more in a rehearsal.',
    }),
  JALON_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line that is written.' }),
});

export interface Config {
  /** Null: use the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly poolSize: number;
  /** Null: use the embedded Temporal. */
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string;
  readonly host: string;
  readonly port: number;
  /** Null only with the embedded PostgreSQL, beside which a key is made and kept. */
  readonly secretKey: string | null;
  readonly dataDir: string;
  readonly clockRate: number;
  readonly logLevel: z.output<typeof KEYS>['JALON_LOG_LEVEL'];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown for an environment that cannot be used; the message has one line a key, and no value. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig';
}

/** The configuration in an environment. Throws BadConfig naming every bad key. */
export function parseConfig(environment: Environment): Config {
  // `KEY=` in a file means the same as no line at all.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = KEYS.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (given.DATABASE_URL !== undefined && given.JALON_SECRET_KEY === undefined) {
    faults.push('JALON_SECRET_KEY: Required with DATABASE_URL: make one with `openssl rand -base64 32`.');
  }
  if (!parsed.success || faults.length > 0) throw new BadConfig(faults.join('\n'));
  const keys = parsed.data;
  return {
    databaseUrl: keys.DATABASE_URL ?? null,
    poolSize: keys.DATABASE_POOL_SIZE,
    temporalAddress: keys.TEMPORAL_ADDRESS ?? null,
    temporalNamespace: keys.TEMPORAL_NAMESPACE,
    host: keys.JALON_HOST,
    port: keys.JALON_PORT,
    secretKey: keys.JALON_SECRET_KEY ?? null,
    dataDir: keys.JALON_DATA_DIR,
    clockRate: keys.JALON_CLOCK_RATE,
    logLevel: keys.JALON_LOG_LEVEL,
  };
}

/** The configuration of this process. Prints every bad key and ends the process when it cannot be used. */
export function loadConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    console.error(`The configuration cannot be used:\n${error.message}\nSee .env.example.`);
    process.exit(1);
  }
}

/** The text of `.env.example`: every key with its meaning and its default, all commented out. */
export function exampleFile(): string {
  const head =
    '# Made from config.ts by `node config.ts --example`. Every key is optional unless it says otherwise.';
  const entries = Object.entries(KEYS.shape).map(([key, schema]) => {
    const { description = '', example } = schema.meta() ?? {};
    const value = example ?? schema.safeParse(undefined).data ?? '';
    return `${wrap(description)}\n#${key}=${value}`;
  });
  return `${[head, ...entries].join('\n\n')}\n`;
}

function wrap(text: string, width = 100): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const line = `${lines[last]} ${word}`;
    if (line.length < width) lines[last] = line;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => `#${line}`).join('\n');
}

if (import.meta.main && process.argv.includes('--example')) process.stdout.write(exampleFile());
