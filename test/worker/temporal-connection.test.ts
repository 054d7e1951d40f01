// How Temporal is reached: every way of TLS and API key that its own variables know, and nothing from a home folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../config.ts';
import { temporalConnection } from '../../worker/temporal-connection.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-temporal-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const connectionOf = (environment: Record<string, string>) =>
  temporalConnection(parseConfig({ TEMPORAL_ADDRESS: 'temporal:7233', ...environment }));

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

test('an address alone is a plain connection', () => {
  expect(connectionOf({})).toEqual({ address: 'temporal:7233' });
});

test('an API key turns TLS on, as Temporal Cloud wants it', () => {
  expect(connectionOf({ TEMPORAL_API_KEY: 'key' })).toEqual({
    address: 'temporal:7233',
    apiKey: 'key',
    tls: true,
  });
});

test('client certificates are read from their files, the server name and metadata from their variables', async () => {
  const files = { TEMPORAL_TLS_CLIENT_CERT_PATH: 'client.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'client.key' };
  const environment: Record<string, string> = {
    TEMPORAL_TLS_SERVER_NAME: 'temporal.internal',
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'the authority',
    TEMPORAL_GRPC_META_TEAM: 'growth',
  };
  for (const [key, name] of Object.entries(files)) {
    environment[key] = path.join(folder, name);
    await writeFile(environment[key], name);
  }
  const { tls, metadata } = connectionOf(environment);
  expect(metadata).toEqual({ team: 'growth' });
  if (typeof tls !== 'object') throw new Error('TLS is on');
  expect(tls.serverNameOverride).toBe('temporal.internal');
  expect(text(tls.clientCertPair?.crt)).toBe('client.pem');
  expect(text(tls.clientCertPair?.key)).toBe('client.key');
  expect(text(tls.serverRootCACertificate)).toBe('the authority');
});

test('TLS can be forced on and off', () => {
  expect(connectionOf({ TEMPORAL_TLS: 'true' }).tls).toBeTruthy();
  expect(connectionOf({ TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'key' }).tls).toBe(false);
});

test('a profile file counts only when it is named', async () => {
  const file = path.join(folder, 'temporal.toml');
  await writeFile(
    file,
    '[profile.default]\napi_key = "of-the-file"\n[profile.other]\napi_key = "of-the-other"\n',
  );
  const home = { HOME: folder, XDG_CONFIG_HOME: folder };
  expect(connectionOf(home)).toEqual({ address: 'temporal:7233' });
  expect(connectionOf({ TEMPORAL_CONFIG_FILE: file }).apiKey).toBe('of-the-file');
  expect(connectionOf({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'other' }).apiKey).toBe('of-the-other');
});
