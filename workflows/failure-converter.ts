// How failures are written into Temporal's history when payloads are encrypted: message and stack go into a payload,
// which the codec then seals. Part of the workflow bundle, and loaded by path on every side.

import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
