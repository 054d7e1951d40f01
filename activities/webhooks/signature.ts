// Secrets and signatures by the Standard Webhooks convention: HMAC-SHA256 over id, time of the attempt and body, one
// signature for each secret in force. Keeps no secret.

import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** The convention asks for 24 bytes at least. */
const SECRET_BYTES = 32;

export interface SignedMessage {
  readonly id: string;
  /** Of this attempt, not of the event. */
  readonly at: Date;
  readonly body: string;
}

/** A new secret, as receivers are given it. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The headers by which a receiver tells that a message is ours, and whether it has seen it. */
export function signedHeaders(
  { id, at, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const seconds = Math.floor(at.getTime() / 1_000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
