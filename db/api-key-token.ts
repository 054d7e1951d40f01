// The form of an API key's token and what is kept of it. A token is shown once, when it is made; only the SHA-256 of
// its secret is kept. A plain hash is right because the secret is 256 random bits, which no dictionary holds and nobody
// can search; a slow password hash would protect guessable words and only slow every request down here.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN = /^jalon_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

interface NewSecret {
  readonly secret: string;
  readonly hash: Buffer;
}

export function newKeyId(): string {
  return randomBytes(8).toString('hex');
}

export function newSecret(): NewSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hash(secret) };
}

export function tokenOf(keyId: string, secret: string): string {
  return `jalon_${keyId}_${secret}`;
}

/** Whether a bearer token claims to be an API key; it may still be a wrong one. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith('jalon_');
}

/** The id and the secret that a token holds; null when it has not the form of one. */
export function partsOf(token: string): { readonly keyId: string; readonly secret: string } | null {
  const [, keyId, secret] = TOKEN.exec(token) ?? [];
  return keyId === undefined || secret === undefined ? null : { keyId, secret };
}

/** Whether the secret is the one behind a kept hash; null, no hash, takes as long and is never the same. */
export function isSecretOf(kept: Buffer | null, secret: string): boolean {
  return timingSafeEqual(hash(secret), kept ?? NO_HASH) && kept !== null;
}

const NO_HASH = Buffer.alloc(32);

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
