// A stand-in for a company's identity provider: a real HTTP server with a JWKS, keys that can be rotated, and tokens
// signed with them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface IdentityProvider {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** How often the keys were fetched. */
  fetches(): number;
  /** Publishes a new key beside or in place of those published, and returns its id. */
  publish(algorithm: Algorithm, options?: { readonly alone: boolean }): Promise<string>;
  /** A token signed with a key, which may no longer be published; `expiresIn` in seconds, null for a token without end. */
  sign(keyId: string, claims: JWTPayload, options?: { readonly expiresIn: number | null }): Promise<string>;
  /** Answers 500 from now on, or no longer. */
  breakDown(broken: boolean): void;
  close(): Promise<void>;
}

type Algorithm = 'RS256' | 'ES256' | 'EdDSA' | 'PS256';

interface Key {
  readonly algorithm: Algorithm;
  readonly privateKey: GenerateKeyPairResult['privateKey'];
}

export const AUDIENCE = 'jalon';

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const keys = new Map<string, Key>();
  let published: object[] = [];
  let fetches = 0;
  let broken = false;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(broken ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  return {
    issuer,
    jwksUrl: `${issuer}/keys`,
    fetches: () => fetches,
    async publish(algorithm, { alone } = { alone: false }) {
      const { privateKey, publicKey } = await generateKeyPair(algorithm);
      const keyId = `key-${keys.size + 1}`;
      keys.set(keyId, { algorithm, privateKey });
      const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' };
      published = alone ? [jwk] : [...published, jwk];
      return keyId;
    },
    sign(keyId, claims, { expiresIn } = { expiresIn: 300 }) {
      const key = keys.get(keyId);
      if (key === undefined) throw new Error(`no key ${keyId}`);
      const now = Math.floor(Date.now() / 1_000);
      const end = expiresIn === null ? {} : { exp: now + expiresIn };
      const payload = { iss: issuer, aud: AUDIENCE, iat: now, ...end, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: key.algorithm, kid: keyId }).sign(key.privateKey);
    },
    breakDown(now) {
      broken = now;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
