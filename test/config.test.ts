// The configuration: its defaults, what it refuses, and the example file that shows every key.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BadConfig, exampleFile, parseConfig } from '../config.ts';

const KEY = `${'A'.repeat(43)}=`;

test('an empty environment runs the embedded services on this machine', () => {
  expect(parseConfig({})).toEqual({
    databaseUrl: null,
    poolSize: 10,
    temporalAddress: null,
    temporalNamespace: 'default',
    host: '127.0.0.1',
    port: 8080,
    secretKey: null,
    dataDir: '.jalon',
    clockRate: 1,
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

test('a database of your own needs a key of your own', () => {
  expect(() => parseConfig({ DATABASE_URL: 'postgres://db/x' })).toThrow('JALON_SECRET_KEY: Required');
});

test('.env.example is what the configuration says: `node config.ts --example` renews it', () => {
  const committed = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  expect(committed).toBe(exampleFile());
});
