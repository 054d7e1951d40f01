// The road to PostgreSQL over TLS, as DATABASE_URL describes it: encrypted, with the server's certificate and name
// checked; an authority that did not sign, a name that is not meant and a server without TLS are refused.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSecretKey } from '../../activities/secret-box.ts';
import { parseConfig } from '../../config.ts';
import { connect } from '../../db/connect.ts';
import { prepareDatabase } from '../../db/prepare.ts';
import { type RunningPostgres, startPostgres } from '../../local/postgres.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';

let certificates: Certificates;
let encrypted: RunningPostgres;
let plain: RunningPostgres;
let authority: string;
let other: string;

beforeAll(async () => {
  certificates = await makeCertificates();
  [authority, other] = await Promise.all([certificates.authority('ours'), certificates.authority('another')]);
  const { cert, key } = await certificates.server(authority, 'localhost');
  const settings = ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`];
  [encrypted, plain] = await Promise.all([
    startPostgres({ settings, log: () => undefined }),
    startPostgres({ log: () => undefined }),
  ]);
});

afterAll(async () => {
  await Promise.all([encrypted?.stop(), plain?.stop()]);
  await certificates?.close();
});

/** DATABASE_URL as an operator would write it, through the configuration. */
function urlOf(server: RunningPostgres, query: string, host = 'localhost'): string {
  const url = new URL(server.url);
  url.hostname = host;
  const DATABASE_URL = `${url.href}${query}`;
  const { databaseUrl } = parseConfig({ DATABASE_URL, JALON_SECRET_KEY: newSecretKey() });
  return databaseUrl ?? '';
}

/** Whether the session is encrypted, as the server itself sees it. */
async function sessionIs(url: string): Promise<{ ssl: boolean; version: string | null } | undefined> {
  const db = connect(url, { poolSize: 1 });
  try {
    const { rows } = await sql<{ ssl: boolean; version: string | null }>`
      select ssl, version from pg_stat_ssl where pid = pg_backend_pid()`.execute(db);
    return rows[0];
  } finally {
    await db.destroy();
  }
}

describe('sslmode=verify-full', () => {
  test('encrypts, when the authority given has signed for the name', async () => {
    const url = urlOf(encrypted, `?sslmode=verify-full&sslrootcert=${authority}`);
    expect(await sessionIs(url)).toEqual({ ssl: true, version: 'TLSv1.3' });
  });

  test('is how a database is migrated, and how the application then connects', async () => {
    const query = `?sslmode=verify-full&sslrootcert=${authority}`;
    const owner = urlOf(encrypted, query);
    const service = new URL(owner);
    [service.username, service.password] = ['jalon_service', 'hunter2'];
    const db = connect(owner, { poolSize: 2 });
    try {
      expect((await prepareDatabase(db, service.href)).advice).toEqual([]);
    } finally {
      await db.destroy();
    }
    expect(await sessionIs(service.href)).toMatchObject({ ssl: true });
  });

  test.each([
    ['another authority', () => `&sslrootcert=${other}`, 'localhost', /certificate/],
    ['no authority but the public ones', () => '', 'localhost', /certificate/],
    [
      'a name that the certificate does not have',
      () => `&sslrootcert=${authority}`,
      '127.0.0.1',
      /does not match/,
    ],
    ['a file that is not there', () => '&sslrootcert=/nowhere.pem', 'localhost', /nowhere\.pem/],
  ])('refuses %s', async (_, query, host, message) => {
    const url = urlOf(encrypted, `?sslmode=verify-full${query()}`, host);
    const failure = await sessionIs(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).not.toContain(new URL(encrypted.url).password);
  });

  test('refuses a server that has no TLS, instead of going on in the clear', async () => {
    const url = urlOf(plain, `?sslmode=verify-full&sslrootcert=${authority}`);
    await expect(sessionIs(url)).rejects.toThrow('does not support SSL');
  });
});

test('without a word on it, or with sslmode=disable, a session is in the clear', async () => {
  for (const query of ['', '?sslmode=disable']) {
    expect(await sessionIs(urlOf(encrypted, query))).toEqual({ ssl: false, version: null });
  }
});
