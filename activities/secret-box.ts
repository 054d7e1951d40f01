// Seals what must be stored and never shown: AES-256-GCM under a key from the configuration. Every sealed text names
// its key, so that a new key can take over while old ones still open what they sealed.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

export interface SecretBox {
  /** Seals with the newest key. The same text never seals to the same bytes. */
  seal(plain: string): Buffer;
  /** Throws SecretUnreadable for bytes that were changed, or sealed under a key that is not here. */
  open(sealed: Uint8Array): string;
  sealBytes(plain: Uint8Array): Buffer;
  openBytes(sealed: Uint8Array): Buffer;
  /** Names the newest key, in hexadecimal, without telling anything about it. */
  readonly keyId: string;
}

/** The message says which key is missing, or that the bytes are not what was sealed; never what they hold. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

const VERSION = 1;
const KEY_BYTES = 32;
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES;
const OVERHEAD = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * A box over `JALON_SECRET_KEY`: one key of 32 bytes in base64, or several separated by commas, the newest first.
 * Another `purpose` works under keys derived from these, so that what is sealed for one never opens for the other.
 * Throws a RangeError for anything else, without repeating it.
 */
export function createSecretBox(keys: string, purpose: string | null = null): SecretBox {
  const [newest, ...older] = keys.split(',').map((key) => named(derived(readKey(key.trim()), purpose)));
  if (newest === undefined) throw new RangeError('a secret box needs a key');
  const all = [newest, ...older];
  const openBytes = (sealed: Uint8Array): Buffer => {
    if (sealed.length < OVERHEAD || sealed[0] !== VERSION) throw new SecretUnreadable('not a sealed secret');
    const header = sealed.subarray(0, HEADER_BYTES);
    const key = all.find((candidate) => candidate.header.equals(header));
    if (key === undefined) throw new SecretUnreadable(`sealed under key ${idIn(header)}, which is not here`);
    return unseal(key, sealed);
  };
  return {
    seal: (plain) => seal(newest, Buffer.from(plain, 'utf8')),
    open: (sealed) => openBytes(sealed).toString('utf8'),
    sealBytes: (plain) => seal(newest, plain),
    openBytes,
    keyId: idIn(newest.header),
  };
}

/** A new key, as JALON_SECRET_KEY takes it. */
export function newSecretKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

interface Key {
  /** What every sealed text begins with: the version and the key's id. */
  readonly header: Buffer;
  /** Imported once: to seal with the bare bytes would import them again each time, which takes longer than sealing. */
  readonly secret: KeyObject;
}

function readKey(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== text) {
    throw new RangeError(`a secret key is ${KEY_BYTES} bytes in base64`);
  }
  return bytes;
}

function derived(bytes: Buffer, purpose: string | null): Buffer {
  return purpose === null ? bytes : Buffer.from(hkdfSync('sha256', bytes, '', purpose, KEY_BYTES));
}

function idIn(header: Uint8Array): string {
  return Buffer.from(header.subarray(1)).toString('hex');
}

function named(bytes: Buffer): Key {
  // A hash of a random key tells nothing about it and finds it again.
  const id = createHash('sha256').update('jalon secret key id').update(bytes).digest().subarray(0, ID_BYTES);
  return { header: Buffer.concat([Buffer.of(VERSION), id]), secret: createSecretKey(bytes) };
}

function seal({ header, secret }: Key, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(header);
  const [sealed, rest] = [cipher.update(plain), cipher.final()];
  return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed, rest]);
}

function unseal({ header, secret }: Key, sealed: Uint8Array): Buffer {
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const tag = sealed.subarray(HEADER_BYTES + NONCE_BYTES, OVERHEAD);
  const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(header);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(OVERHEAD)), decipher.final()]);
  } catch {
    throw new SecretUnreadable('the bytes are not those that were sealed');
  }
}
