// Settings of Temporal's SDK for the whole process: its log lines in our log, its metrics where Prometheus finds them.
// Once a process, before the first connection.

import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { sdkLogger } from './log.ts';

/** `metricsAddress` is host:port, or null for no metrics of the SDK. */
export function installRuntime(log: Logger, metricsAddress: string | null): void {
  Runtime.install({
    // The SDK would otherwise end the process by itself on a signal; the order of ending is ours.
    shutdownSignals: [],
    logger: sdkLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metricsAddress === null
        ? {}
        : {
            metrics: {
              prometheus: {
                bindAddress: metricsAddress,
                countersTotalSuffix: true,
                unitSuffix: true,
                useSecondsForDurations: true,
              },
            },
          }),
    },
  });
}
