// The only reader of the environment for the API, the worker and the command line. What there is to say is in config/, a
// file a group of keys: what each means and may be, and what it becomes; here the groups are put together and read, once.
// Run as a program with `--example`, it prints `.env.example`.

import { z } from 'zod';
import { COMMAND_LINE_KEYS, type CommandLineConfig, commandLineConfig } from './config/command-line.ts';
import { DATABASE_KEYS, type DatabaseConfig, databaseConfig, databaseFaults } from './config/database.ts';
import {
  ENCRYPTION_KEYS,
  type EncryptionConfig,
  encryptionConfig,
  encryptionFaults,
} from './config/encryption.ts';
import { exampleOf } from './config/example.ts';
import { LIMIT_KEYS, type LimitConfig, limitConfig } from './config/limits.ts';
import { LISTENING_KEYS, type ListeningConfig, listeningConfig } from './config/listening.ts';
import { LOG_KEYS, type LogConfig, logConfig } from './config/log.ts';
import { OIDC_KEYS, type OidcConfig, oidcConfig, oidcFaults } from './config/oidc.ts';
import { REHEARSAL_KEYS, type RehearsalConfig, rehearsalConfig } from './config/rehearsal.ts';
import { TELEMETRY_KEYS, type TelemetryConfig, telemetryConfig } from './config/telemetry.ts';
import { TEMPORAL_KEYS, type TemporalConfig, temporalConfig } from './config/temporal.ts';
import type { Environment } from './config/value.ts';
import { WEBHOOK_KEYS, type WebhookConfig, webhookConfig } from './config/webhooks.ts';
import { WORKER_KEYS, type WorkerConfig, workerConfig, workerFaults } from './config/worker.ts';

export { payloadKeysOf } from './config/encryption.ts';
export { isConfidential } from './config/value.ts';
export type { DeploymentConfig } from './config/worker.ts';

/** In the order of `.env.example`. */
const KEYS = z.object({
  ...DATABASE_KEYS,
  ...TEMPORAL_KEYS,
  ...LISTENING_KEYS,
  ...ENCRYPTION_KEYS,
  ...WORKER_KEYS,
  ...TELEMETRY_KEYS,
  ...REHEARSAL_KEYS,
  ...LIMIT_KEYS,
  ...OIDC_KEYS,
  ...WEBHOOK_KEYS,
  ...COMMAND_LINE_KEYS,
  ...LOG_KEYS,
});

export interface Config
  extends DatabaseConfig,
    TemporalConfig,
    ListeningConfig,
    EncryptionConfig,
    WorkerConfig,
    TelemetryConfig,
    RehearsalConfig,
    LimitConfig,
    WebhookConfig,
    CommandLineConfig,
    LogConfig {
  /** Null: API keys only. */
  readonly oidc: OidcConfig | null;
}

/** Thrown for an environment that cannot be used; the message has one line a key, and no value. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig';
}

/** The configuration in an environment. Throws BadConfig naming every bad key. */
export function parseConfig(environment: Environment): Config {
  // `KEY=` in a file means the same as no line at all.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = KEYS.safeParse(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...encryptionFaults(given),
    ...databaseFaults(given),
    ...workerFaults(given),
    ...oidcFaults(given),
  ];
  if (!parsed.success || faults.length > 0) throw new BadConfig(faults.join('\n'));
  const keys = parsed.data;
  return {
    ...databaseConfig(keys),
    ...temporalConfig(keys, given),
    ...listeningConfig(keys),
    ...encryptionConfig(keys),
    ...workerConfig(keys),
    ...telemetryConfig(keys),
    ...rehearsalConfig(keys),
    ...limitConfig(keys),
    oidc: oidcConfig(keys),
    ...webhookConfig(keys),
    ...commandLineConfig(keys, keys.JALON_DATA_DIR),
    ...logConfig(keys),
  };
}

/** The configuration of this process. Throws BadConfig. */
export function readConfig(): Config {
  return parseConfig(process.env);
}

/** The configuration of this process. Prints every bad key and ends the process when it cannot be used. */
export function loadConfig(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    console.error(`The configuration cannot be used:\n${error.message}\nSee .env.example.`);
    process.exit(1);
  }
}

/** The text of `.env.example`: every key with its meaning and its default, all commented out. */
export function exampleFile(): string {
  return exampleOf(KEYS.shape);
}

if (import.meta.main && process.argv.includes('--example')) process.stdout.write(exampleFile());
