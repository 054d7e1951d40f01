// The only reader of the environment for the API, the worker and the command line: every key is declared, checked and
// explained here, once. Run as a program with `--example`, it prints `.env.example`.

import path from 'node:path';
import { z } from 'zod';
import { isRole, ROLE_NAMES, type Role } from './domain/role.ts';

/** One key of 32 bytes in base64; several, separated by commas, while one takes over from another. */
const SECRET_KEYS = /^[A-Za-z0-9+/]{43}=(?:\s*,\s*[A-Za-z0-9+/]{43}=)*$/;

/** What an operator writes to have payloads in the clear. */
const PAYLOADS_IN_THE_CLEAR = 'off';

const hostAndPort = () => z.string().regex(/^[^\s/:]+:\d{1,5}$/, 'Must be host:port.');

const wholeNumber = (minimum: number, maximum: number) =>
  z.coerce
    .number(`Must be a whole number from ${minimum} to ${maximum}.`)
    .int(`Must be a whole number from ${minimum} to ${maximum}.`)
    .min(minimum, `Must be at least ${minimum}.`)
    .max(maximum, `Must be at most ${maximum}.`);

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

const KEYS = z.object({
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
  TEMPORAL_ADDRESS: hostAndPort().optional().meta({
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
  JALON_PAYLOAD_KEY: z
    .string()
    .refine(
      (text) => text === PAYLOADS_IN_THE_CLEAR || SECRET_KEYS.test(text),
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
  JALON_WORKER_PORT: wholeNumber(0, 65_535).optional().meta({
    description:
      'Port on which a worker answers /healthz, /readyz and /metrics, on JALON_HOST; 0 takes a free one. Absent: none.',
    example: '8081',
  }),
  JALON_WORKFLOW_BUNDLE: z.string().min(1).optional().meta({
    description:
      'File with the workflows that a worker runs, made by `npm run build:workflows`. Absent: the worker builds them from the sources at its start.',
    example: 'dist/workflow-bundle.js',
  }),
  JALON_DEPLOYMENT: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'Must be letters, digits, hyphens and underscores.')
    .optional()
    .meta({
      description:
        "Temporal's worker deployment that a worker belongs to; with it, JALON_BUILD_ID is required, and a worker gets work only while its build is the deployment's current or ramping version: see docs/upgrades.md. Absent: every worker gets work.",
      example: 'jalon',
    }),
  JALON_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'Must be letters, digits, dots, hyphens and underscores.')
    .optional()
    .meta({
      description: 'Which build of that deployment a worker is: another one for each image.',
      example: '0.1.0-3f99b0b',
    }),
  JALON_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, 'Must be 16 to 200 visible ASCII characters.')
    .optional()
    .meta({
      description:
        "Bearer token with which Prometheus reads /metrics of API and workers. Absent: a worker shows none, the API only to an administrator's or auditor's key.",
    }),
  JALON_SDK_METRICS_ADDRESS: hostAndPort().optional().meta({
    description:
      "Where a worker serves the metrics of Temporal's SDK to Prometheus, without a token: keep it inside. Absent: nowhere.",
    example: '127.0.0.1:9464',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'Must be a URL.' })
    .optional()
    .meta({
      description:
        'Collector of OpenTelemetry traces, over HTTP; OTEL_EXPORTER_OTLP_HEADERS is read too. Absent: nothing is traced.',
      example: 'http://localhost:4318',
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
  JALON_REQUESTS_PER_MINUTE: wholeNumber(0, 1_000_000).default(6_000).meta({
    description:
      'Requests that one API key, or one member with tokens of the identity provider, may make a minute, counted in PostgreSQL for all API processes together; 0: no limit.',
  }),
  JALON_EVENT_STREAMS: wholeNumber(1, 100_000).default(500).meta({
    description: 'Streams of events (GET /v1/events) that each API process holds open at most.',
  }),
  JALON_EVENT_STREAMS_PER_CREDENTIAL: wholeNumber(1, 100_000).default(10).meta({
    description:
      'Streams of events that one API key, or one member with tokens of the identity provider, may hold open in each API process.',
  }),
  JALON_FAILED_ATTEMPTS: wholeNumber(1, 1_000_000).default(10).meta({
    description:
      'Wrong secrets that are taken with one key from one address in a quarter of an hour, and five times as many from one address in all, counted in PostgreSQL for all API processes.',
  }),
  JALON_TRUSTED_PROXIES: wholeNumber(0, 10).default(0).meta({
    description:
      'Proxies of yours in front of the API that append to X-Forwarded-For; 0: the header is not believed.',
  }),
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
  JALON_WEBHOOK_PRIVATE_TARGETS: z
    .enum(['refuse', 'allow'], 'Must be refuse or allow.')
    .default('refuse')
    .meta({
      description:
        'Whether webhooks may lead to private, loopback and link-local addresses, and over plain HTTP: `allow` only where every administrator may reach what API and workers reach.',
    }),
  JALON_API_URL: z
    .url({ protocol: /^https?$/, error: 'Must be a URL: https://jalon.example.com.' })
    .refine(isConfidential, 'Must be https, or http on this machine.')
    .optional()
    .meta({
      description:
        'The API that the command line (`npm run -s jalon`) speaks to. Absent: the embedded platform that runs here.',
      example: 'https://jalon.example.com',
    }),
  JALON_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'Must be one word of visible ASCII characters.')
    .optional()
    .meta({ description: 'Your API key, for the command line. Absent: the one in JALON_API_KEY_FILE.' }),
  JALON_API_KEY_FILE: z.string().min(1).optional().meta({
    description:
      'File with that key, readable by its owner only (chmod 600). Absent: api-key in JALON_DATA_DIR.',
    example: '/home/me/.config/jalon/api-key',
  }),
  JALON_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line that is written.' }),
});

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

/** Which version of a worker deployment a worker is. */
export interface DeploymentConfig {
  readonly name: string;
  readonly buildId: string;
}

export interface Config {
  /** Null: use the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: the application's login owns the tables too. */
  readonly databaseOwnerUrl: string | null;
  readonly poolSize: number;
  /** Null: use the embedded Temporal. */
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string;
  /** Temporal's own variables, which say how to reach it: see worker/temporal-connection.ts. */
  readonly temporalVariables: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  /** Null only with the embedded PostgreSQL, beside which a key is made and kept. */
  readonly secretKey: string | null;
  /** Null: what the secret key gives, see payloadKeysOf. */
  readonly payloadKey: string | null;
  readonly temporalUiOrigin: string | null;
  /** Null: the worker opens no port. */
  readonly workerPort: number | null;
  /** Null: workflows are bundled from the sources. */
  readonly workflowBundle: string | null;
  /** Null: without worker versioning. */
  readonly deployment: DeploymentConfig | null;
  readonly metricsToken: string | null;
  readonly sdkMetricsAddress: string | null;
  /** Null: nothing is traced. */
  readonly otlpEndpoint: string | null;
  readonly dataDir: string;
  readonly clockRate: number;
  /** 0: no limit. */
  readonly requestsPerMinute: number;
  readonly eventStreams: number;
  readonly eventStreamsPerCredential: number;
  readonly failedAttempts: number;
  readonly trustedProxies: number;
  /** Null: API keys only. */
  readonly oidc: OidcConfig | null;
  readonly webhookPrivateTargets: z.output<typeof KEYS>['JALON_WEBHOOK_PRIVATE_TARGETS'];
  /** Null: the command line speaks to the embedded platform that runs here. */
  readonly apiUrl: string | null;
  /** Null: the command line reads it from the file. */
  readonly apiKey: string | null;
  readonly apiKeyFile: string;
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
  if (given.DATABASE_OWNER_URL !== undefined && given.DATABASE_URL === undefined) {
    faults.push('DATABASE_URL: Required with DATABASE_OWNER_URL.');
  }
  faults.push(...deploymentFaults(given), ...oidcFaults(given));
  if (!parsed.success || faults.length > 0) throw new BadConfig(faults.join('\n'));
  const keys = parsed.data;
  return {
    databaseUrl: keys.DATABASE_URL ?? null,
    databaseOwnerUrl: keys.DATABASE_OWNER_URL ?? null,
    poolSize: keys.DATABASE_POOL_SIZE,
    temporalAddress: keys.TEMPORAL_ADDRESS ?? null,
    temporalNamespace: keys.TEMPORAL_NAMESPACE,
    temporalVariables: temporalVariables(given),
    host: keys.JALON_HOST,
    port: keys.JALON_PORT,
    secretKey: keys.JALON_SECRET_KEY ?? null,
    payloadKey: keys.JALON_PAYLOAD_KEY ?? null,
    temporalUiOrigin: keys.JALON_TEMPORAL_UI_ORIGIN ?? null,
    workerPort: keys.JALON_WORKER_PORT ?? null,
    workflowBundle: keys.JALON_WORKFLOW_BUNDLE ?? null,
    deployment: deploymentOf(keys),
    metricsToken: keys.JALON_METRICS_TOKEN ?? null,
    sdkMetricsAddress: keys.JALON_SDK_METRICS_ADDRESS ?? null,
    otlpEndpoint: keys.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    dataDir: keys.JALON_DATA_DIR,
    clockRate: keys.JALON_CLOCK_RATE,
    requestsPerMinute: keys.JALON_REQUESTS_PER_MINUTE,
    eventStreams: keys.JALON_EVENT_STREAMS,
    eventStreamsPerCredential: keys.JALON_EVENT_STREAMS_PER_CREDENTIAL,
    failedAttempts: keys.JALON_FAILED_ATTEMPTS,
    trustedProxies: keys.JALON_TRUSTED_PROXIES,
    oidc: oidcOf(keys),
    webhookPrivateTargets: keys.JALON_WEBHOOK_PRIVATE_TARGETS,
    apiUrl: keys.JALON_API_URL ?? null,
    apiKey: keys.JALON_API_KEY ?? null,
    apiKeyFile: keys.JALON_API_KEY_FILE ?? path.join(keys.JALON_DATA_DIR, 'api-key'),
    logLevel: keys.JALON_LOG_LEVEL,
  };
}

function temporalVariables(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[0].startsWith('TEMPORAL_') && entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

/** The keys that encrypt Temporal's payloads: their own, else the secret key; null: in the clear, as configured. */
export function payloadKeysOf(payloadKey: string | null, secretKey: string): string | null {
  return payloadKey === PAYLOADS_IN_THE_CLEAR ? null : (payloadKey ?? secretKey);
}

/** The configuration of this process. Throws BadConfig. */
export function readConfig(): Config {
  return parseConfig(process.env);
}

/** The configuration of this process. Prints every bad key and ends the process when it cannot be used. */
export function loadConfig(): Config {
  try {
    return readConfig();
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

/** A deployment without a build, or a build of none, says nothing. */
function deploymentFaults({ JALON_DEPLOYMENT: name, JALON_BUILD_ID: buildId }: Environment): string[] {
  if ((name === undefined) === (buildId === undefined)) return [];
  return name === undefined
    ? ['JALON_DEPLOYMENT: Required with JALON_BUILD_ID.']
    : ['JALON_BUILD_ID: Required with JALON_DEPLOYMENT.'];
}

function deploymentOf(keys: z.output<typeof KEYS>): DeploymentConfig | null {
  const { JALON_DEPLOYMENT: name, JALON_BUILD_ID: buildId } = keys;
  return name === undefined || buildId === undefined ? null : { name, buildId };
}

/** The keys of the identity provider come together or not at all. */
function oidcFaults(given: Environment): string[] {
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

function oidcOf(keys: z.output<typeof KEYS>): OidcConfig | null {
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

function isPlainOrVerified(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { searchParams } = new URL(url);
  const mode = searchParams.get('sslmode');
  if (searchParams.has('ssl') || searchParams.has('uselibpqcompat')) return false;
  if (mode === null)
    return !searchParams.has('sslrootcert') && searchParams.get('sslnegotiation') !== 'direct';
  return mode === 'verify-full' || mode === 'disable';
}

/** Whether what comes from a URL can be trusted to come from there, and what is sent there is read there only. */
export function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  );
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
