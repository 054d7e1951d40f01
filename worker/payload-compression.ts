// Makes payloads small, in the form that Temporal's other tools know as `binary/zlib`: a payload within a payload.

import { deflateSync, inflateSync } from 'node:zlib';
import type { Payload } from '@temporalio/common';
import protocol from '@temporalio/proto';

const PAYLOAD = protocol.temporal.api.common.v1.Payload;

const ENCODING = 'binary/zlib';
const METADATA = { encoding: Buffer.from(ENCODING) };

/** Below it there is little to win. */
const WORTH_BYTES = 512;

/** Far more than Temporal takes as one payload, which is 2 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The payload compressed, or as it is where that is no longer. */
export function deflated(payload: Payload): Payload {
  if ((payload.data?.length ?? 0) < WORTH_BYTES) return payload;
  const bytes = PAYLOAD.encode(payload).finish();
  const data = deflateSync(bytes);
  return data.length < bytes.length ? { metadata: METADATA, data } : payload;
}

/** The payload as it was before `deflated`; what is not compressed is passed on. Throws for more than 64 MB. */
export function inflated(payload: Payload): Payload {
  const { metadata, data } = payload;
  const encoding = metadata?.encoding;
  if (encoding == null || Buffer.from(encoding).toString() !== ENCODING) return payload;
  return PAYLOAD.decode(inflateSync(data ?? new Uint8Array(), { maxOutputLength: MOST_BYTES }));
}
