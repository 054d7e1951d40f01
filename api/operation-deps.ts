// What the API is given for operators: the process's metrics, who may read them, and the reader of payloads. Absent
// parts are stood in for by ones that show nothing.

import type { PayloadCodec } from '@temporalio/common';
import { Registry } from 'prom-client';

export interface OperationDeps {
  /** The metrics of this process; those of the platform are added at each reading. */
  readonly registry: Registry;
  /** Whether an Authorization header is that of the metrics' reader. */
  readonly isMetricsReader: (authorization: string | undefined) => boolean;
  /** Reads what Temporal keeps encrypted; null: nothing is. */
  readonly payloadCodec: PayloadCodec | null;
  /** Whose pages may ask for payloads; null: nobody's. */
  readonly temporalUiOrigin: string | null;
}

export function quietOperation(): OperationDeps {
  return {
    registry: new Registry(),
    isMetricsReader: () => false,
    payloadCodec: null,
    temporalUiOrigin: null,
  };
}
