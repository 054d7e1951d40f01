// Makes certificates for a test with the `openssl` program: authorities, and servers' certificates that they sign.

import { chmod, chown, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../../local/command.ts';
import { findServerUser } from '../../local/postgres-programs.ts';

export interface Certificates {
  /** Makes an authority; the path of its certificate. */
  authority(name: string): Promise<string>;
  /** Makes a certificate signed by an authority, for a host name; only the user PostgreSQL runs as reads its key. */
  server(authority: string, host: string): Promise<{ readonly cert: string; readonly key: string }>;
  close(): Promise<void>;
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(path.join(await realpath(tmpdir()), 'jalon-certificates-'));
  await chmod(folder, 0o755);
  const file = (name: string) => path.join(folder, name);
  const openssl = async (...args: string[]): Promise<void> => {
    await runCommand({ command: 'openssl', args, timeoutMs: 30_000 });
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  return {
    async authority(name) {
      const cert = file(`${name}.pem`);
      await openssl(
        'req',
        '-x509',
        ...fresh,
        '-days',
        '2',
        '-subj',
        `/CN=${name}`,
        '-keyout',
        `${cert}.key`,
        '-out',
        cert,
      );
      return cert;
    },
    async server(authority, host) {
      const [cert, key, request, names] = ['pem', 'key', 'csr', 'cnf'].map((end) => file(`${host}.${end}`));
      if (!cert || !key || !request || !names) throw new Error('four names');
      await writeFile(names, `subjectAltName=DNS:${host}`);
      await openssl('req', ...fresh, '-subj', `/CN=${host}`, '-keyout', key, '-out', request);
      const signer = ['-CA', authority, '-CAkey', `${authority}.key`, '-CAcreateserial'];
      await openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', names, '-out', cert);
      await chmod(key, 0o600);
      const user = await findServerUser();
      if (user !== undefined) await chown(key, user.uid, user.gid);
      return { cert, key };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
