// The configuration: its defaults, what it refuses, and the example file that shows every key.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BadConfig, exampleFile, parseConfig, payloadKeysOf } from '../config.ts';

const KEY = `${'A'.repeat(43)}=`;

test('an empty environment runs the embedded services on this machine', () => {
  expect(parseConfig({})).toEqual({
    databaseUrl: null,
    databaseOwnerUrl: null,
    poolSize: 10,
    temporalAddress: null,
    temporalNamespace: 'default',
    temporalVariables: {},
    host: '127.0.0.1',
    port: 8080,
    secretKey: null,
    payloadKey: null,
    temporalUiOrigin: null,
    workerPort: null,
    workflowBundle: null,
    deployment: null,
    metricsToken: null,
    sdkMetricsAddress: null,
    otlpEndpoint: null,
    dataDir: '.jalon',
    clockRate: 1,
    requestsPerMinute: 6_000,
    eventStreams: 500,
    eventStreamsPerCredential: 10,
    failedAttempts: 10,
    trustedProxies: 0,
    oidc: null,
    webhookPrivateTargets: 'refuse',
    apiUrl: null,
    apiKey: null,
    apiKeyFile: '.jalon/api-key',
    logLevel: 'info',
  });
});

test('keys are read, and an empty one is an absent one', () => {
  const config = parseConfig({
    DATABASE_URL: 'postgresql://jalon@db:5432/jalon',
    JALON_SECRET_KEY: `${KEY}, ${KEY}`,
    TEMPORAL_ADDRESS: 'temporal:7233',
    JALON_PORT: '0',
    JALON_HOST: '',
    JALON_CLOCK_RATE: '86400',
  });
  expect(config).toMatchObject({
    databaseUrl: 'postgresql://jalon@db:5432/jalon',
    temporalAddress: 'temporal:7233',
    port: 0,
    host: '127.0.0.1',
    clockRate: 86_400,
  });
});

test('every bad key is named at once, and no value is repeated', () => {
  const environment = {
    DATABASE_URL: 'mysql://secret@db/x',
    JALON_PORT: 'eighty',
    JALON_CLOCK_RATE: '0.5',
    JALON_SECRET_KEY: 'hunter2',
    TEMPORAL_ADDRESS: 'http://secret',
  };
  const refused = () => parseConfig(environment);
  expect(refused).toThrow(BadConfig);
  for (const key of Object.keys(environment)) expect(refused).toThrow(`${key}: `);
  expect(refused).not.toThrow(/secret@|hunter2|eighty/);
});

test('an identity provider is named whole, over https, and its roles are ours', () => {
  const provider = {
    JALON_OIDC_ISSUER: 'https://login.example.com',
    JALON_OIDC_AUDIENCE: 'jalon',
    JALON_OIDC_JWKS_URL: 'https://login.example.com/keys',
  };
  const roles = {
    JALON_OIDC_ROLES_CLAIM: 'groups',
    JALON_OIDC_ROLES: 'cn=growth=growth_lead, controllers=finance',
  };
  expect(parseConfig({ ...provider, ...roles }).oidc).toEqual({
    issuer: 'https://login.example.com',
    audience: 'jalon',
    jwksUrl: 'https://login.example.com/keys',
    memberClaim: 'sub',
    rolesClaim: 'groups',
    roles: new Map([
      ['cn=growth', 'growth_lead'],
      ['controllers', 'finance'],
    ]),
    clockToleranceSeconds: 30,
  });
  const { JALON_OIDC_AUDIENCE: _, ...halfNamed } = provider;
  expect(() => parseConfig(halfNamed)).toThrow('JALON_OIDC_AUDIENCE: Required');
  expect(() => parseConfig({ ...provider, JALON_OIDC_JWKS_URL: 'http://login.example.com' })).toThrow(
    'https',
  );
  expect(() => parseConfig({ ...provider, JALON_OIDC_ROLES: 'all=king' })).toThrow('JALON_OIDC_ROLES: ');
  expect(() => parseConfig({ ...provider, JALON_OIDC_ROLES_CLAIM: 'groups' })).toThrow('JALON_OIDC_ROLES: ');
});

test('a worker deployment and its build are named together', () => {
  const named = { JALON_DEPLOYMENT: 'jalon', JALON_BUILD_ID: '0.1.0-3f99b0b' };
  expect(parseConfig(named).deployment).toEqual({ name: 'jalon', buildId: '0.1.0-3f99b0b' });
  expect(() => parseConfig({ JALON_DEPLOYMENT: 'jalon' })).toThrow('JALON_BUILD_ID: Required');
  expect(() => parseConfig({ JALON_BUILD_ID: '1' })).toThrow('JALON_DEPLOYMENT: Required');
});

test('a database of your own needs a key of your own', () => {
  expect(() => parseConfig({ DATABASE_URL: 'postgres://db/x' })).toThrow('JALON_SECRET_KEY: Required');
});

test('a database is reached in the clear or with its certificate checked, nothing between', () => {
  const keys = { JALON_SECRET_KEY: KEY };
  const parse = (query: string) => parseConfig({ ...keys, DATABASE_URL: `postgres://jalon@db/x${query}` });
  for (const query of [
    '',
    '?sslmode=disable',
    '?sslmode=verify-full',
    '?sslmode=verify-full&sslrootcert=/ca.pem',
  ]) {
    expect(parse(query).databaseUrl).toContain(query);
  }
  for (const query of ['require', 'prefer', 'verify-ca', 'no-verify', 'verify-full&uselibpqcompat=true']) {
    expect(() => parse(`?sslmode=${query}`)).toThrow('DATABASE_URL: Must say sslmode=verify-full');
  }
  for (const query of ['?ssl=true', '?ssl=no-verify', '?sslrootcert=/ca.pem', '?sslnegotiation=direct']) {
    expect(() => parse(query)).toThrow('DATABASE_URL: Must say sslmode=verify-full');
  }
});

test('the owner of the tables is named beside the application, of the same database', () => {
  const owner = 'postgres://jalon_owner@db/x';
  const whole = { JALON_SECRET_KEY: KEY, DATABASE_URL: 'postgres://jalon@db/x', DATABASE_OWNER_URL: owner };
  expect(parseConfig(whole).databaseOwnerUrl).toBe(owner);
  expect(() => parseConfig({ DATABASE_OWNER_URL: owner })).toThrow(
    'DATABASE_URL: Required with DATABASE_OWNER_URL',
  );
});

test('payloads are encrypted under their own key, else the secret key, unless that is turned off', () => {
  const own = `${'B'.repeat(42)}A=`;
  expect(payloadKeysOf(parseConfig({}).payloadKey, KEY)).toBe(KEY);
  expect(payloadKeysOf(parseConfig({ JALON_PAYLOAD_KEY: own }).payloadKey, KEY)).toBe(own);
  expect(payloadKeysOf(parseConfig({ JALON_PAYLOAD_KEY: 'off' }).payloadKey, KEY)).toBeNull();
  expect(() => parseConfig({ JALON_PAYLOAD_KEY: 'none' })).toThrow('JALON_PAYLOAD_KEY: Must be 32 bytes');
});

test.each([
  ['JALON_METRICS_TOKEN', 'short'],
  ['JALON_TEMPORAL_UI_ORIGIN', 'https://temporal.example.com/path'],
  ['JALON_WORKER_PORT', '70000'],
  ['JALON_DEPLOYMENT', 'jalon.production'],
  ['JALON_BUILD_ID', 'main:3f99b0b'],
  ['JALON_SDK_METRICS_ADDRESS', 'http://localhost'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
  ['JALON_API_URL', 'http://jalon.example.com'],
  ['JALON_API_KEY', 'two words'],
])('%s is refused as %j', (key, value) => {
  expect(() => parseConfig({ [key]: value })).toThrow(`${key}: `);
});

test('.env.example is what the configuration says: `node config.ts --example` renews it', () => {
  const committed = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  expect(committed).toBe(exampleFile());
});
