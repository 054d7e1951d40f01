// Seals what Temporal keeps for us: every payload, and the message and stack of every failure, so that whoever reads
// Temporal's database or its UI without the key sees ids, types and times only. Search attributes stay readable. What
// is sealed is compressed before, for nothing can compress it afterwards.

import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';
import { createSecretBox } from '../activities/secret-box.ts';
import { deflated, inflated } from './payload-compression.ts';

const PAYLOAD = protocol.temporal.api.common.v1.Payload;

/** The encoding that Temporal's other tools know encrypted payloads by. */
const ENCODING = 'binary/encrypted';

/** Under another purpose than the secrets of connections: neither opens what the other sealed. */
const PURPOSE = 'jalon temporal payload';

/** Seals the words of failures; a bundle built ahead of time holds it too. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url));

/**
 * The codec under `keys`, as `JALON_PAYLOAD_KEY` holds them: the first seals, all open. What holds nothing is not
 * sealed, and what is not sealed is passed on as it is: histories from before, and signals that an operator sends by
 * hand. Throws SecretUnreadable for a
 * payload that was changed or whose key is gone.
 */
export function createPayloadCodec(keys: string): PayloadCodec {
  const box = createSecretBox(keys, PURPOSE);
  const metadata = { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(box.keyId) };
  return {
    encode: async (payloads) =>
      payloads.map((payload) =>
        isEmpty(payload)
          ? payload
          : { metadata, data: box.sealBytes(PAYLOAD.encode(deflated(payload)).finish()) },
      ),
    decode: async (payloads) =>
      payloads.map((payload) =>
        isSealed(payload)
          ? inflated(PAYLOAD.decode(box.openBytes(payload.data ?? new Uint8Array())))
          : payload,
      ),
  };
}

/** What worker and clients are given to read and write payloads by; null: in the clear. */
export function dataConverterOf(keys: string | null): DataConverter {
  if (keys === null) return {};
  return { payloadCodecs: [createPayloadCodec(keys)], failureConverterPath: FAILURE_CONVERTER };
}

/** The answer of an activity that answers nothing, for instance. */
function isEmpty({ data }: Payload): boolean {
  return data == null || data.length === 0;
}

function isSealed({ metadata }: Payload): boolean {
  const encoding = metadata?.encoding;
  return encoding != null && Buffer.from(encoding).toString() === ENCODING;
}
