// The rehearsal reads docker-compose.yml as Compose does: variables, merged maps, and nothing passed over in silence.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { milliseconds, secretsFor, servicesOf } from '../../../local/production/compose-file.ts';

const FILE = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');

const service = (lines: string): string =>
  `services:\n  one:\n    image: a:1.0\n    restart: on-failure\n${lines}`;

test('the project file is understood whole, with secrets made as it asks', () => {
  const secrets = secretsFor(FILE);
  const services = servicesOf(FILE, secrets);
  expect(services.api?.environment.DATABASE_URL).toContain(
    `jalon_service:${secrets.JALON_SERVICE_PASSWORD}@postgres:5432/`,
  );
  expect(Buffer.from(services.worker?.environment.JALON_SECRET_KEY ?? '', 'base64')).toHaveLength(32);
});

test('variables have their value, their default, or stop everything', () => {
  const text = service(
    `    environment: { A: "\${GIVEN:-x}", B: "\${ABSENT:-y}", C: "\${EMPTY:-z}", D: "$$HOME" }`,
  );
  const { one } = servicesOf(text, { GIVEN: 'given', EMPTY: '' });
  expect(one?.environment).toEqual({ A: 'given', B: 'y', C: 'z', D: '$HOME' });
  const asking = service(`    environment: { A: "\${NEEDED:?make one}" }`);
  expect(() => servicesOf(asking, {})).toThrow('NEEDED is not set: make one');
});

test('a key that the rehearsal does not know is an error', () => {
  expect(() => servicesOf(service('    network_mode: host'), {})).toThrow('network_mode');
});

test('a secret whose making is not told, and a duration in other words, are errors', () => {
  expect(() => secretsFor(`\${NEEDED:?ask the operator}`)).toThrow('NEEDED');
  expect(milliseconds('30s')).toBe(30_000);
  expect(() => milliseconds('1m')).toThrow('1m');
});
