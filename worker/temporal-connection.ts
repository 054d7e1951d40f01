// How this installation reaches Temporal: the address and namespace from our configuration; TLS, client certificate,
// API key and metadata from Temporal's own variables. The one home of that for worker, API and local commands.

import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from '../config.ts';

export interface TemporalConnection {
  readonly address: string;
  readonly apiKey?: string;
  readonly metadata?: Record<string, string>;
  readonly tls?: NonNullable<ClientConnectConfig['connectionOptions']['tls']>;
}

/**
 * The options for a connection, native or not. A profile file is read only when TEMPORAL_CONFIG_FILE or
 * TEMPORAL_PROFILE names one: what lies in a home folder must not decide where production connects.
 * Throws when Temporal's variables contradict each other.
 */
export function temporalConnection({
  temporalAddress,
  temporalVariables,
}: Pick<Config, 'temporalAddress' | 'temporalVariables'>): TemporalConnection {
  if (temporalAddress === null) throw new RangeError('TEMPORAL_ADDRESS is not set');
  const { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: profile } = temporalVariables;
  const { connectionOptions } = loadClientConnectConfig({
    overrideEnvVars: temporalVariables,
    disableFile: file === undefined && profile === undefined,
  });
  const { apiKey, metadata, tls } = connectionOptions;
  return {
    address: temporalAddress,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata: text(metadata) }),
    ...(tls == null ? {} : { tls }),
  };
}

function text(metadata: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}
