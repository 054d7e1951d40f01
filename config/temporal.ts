// Where theses live: Temporal, by its address and by the variables of its own that say how to reach it.

import { z } from 'zod';
import { type Environment, hostAndPort, type Values } from './value.ts';

export const TEMPORAL_KEYS = {
  TEMPORAL_ADDRESS: hostAndPort().optional().meta({
    description:
      "Temporal's front end. Absent: an embedded one under JALON_DATA_DIR. TLS and API keys are set with Temporal's own variables: TEMPORAL_TLS, TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH, TEMPORAL_API_KEY.",
    example: 'localhost:7233',
  }),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default').meta({ description: 'The Temporal namespace.' }),
};

export interface TemporalConfig {
  /** Null: use the embedded Temporal. */
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string;
  /** Temporal's own variables, which say how to reach it: see worker/temporal-connection.ts. */
  readonly temporalVariables: Readonly<Record<string, string>>;
}

export function temporalConfig(keys: Values<typeof TEMPORAL_KEYS>, given: Environment): TemporalConfig {
  return {
    temporalAddress: keys.TEMPORAL_ADDRESS ?? null,
    temporalNamespace: keys.TEMPORAL_NAMESPACE,
    temporalVariables: temporalVariables(given),
  };
}

function temporalVariables(given: Environment): Record<string, string> {
  const entries = Object.entries(given).filter(
    (entry): entry is [string, string] => entry[0].startsWith('TEMPORAL_') && entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
