// The structured log of a process: one JSON object a line, with what must never be read in a log taken out of it,
// wherever it stands. Also gives the SDK's own lines that form.

import type { Logger as SdkLogger } from '@temporalio/worker';
import { type DestinationStream, type Logger, pino } from 'pino';
import { thesisOfWorkflow } from '../workflows/contract.ts';

/** Fields whose value is never written, at the first two levels of a line. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'connectionString',
];

/** Secrets as they stand in a text: our own keys, what follows `Bearer`, and the password of an address. */
const SECRET_TEXTS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/(jalon_[A-Za-z0-9-]+_)[A-Za-z0-9_-]+/g, '$1[redacted]'],
  [/(bearer\s+)[^\s"\\]+/gi, '$1[redacted]'],
  [/(:\/\/[^\s:/@"\\]*:)[^\s@"\\]+@/g, '$1[redacted]@'],
];

/** A log named after its process. `destination` is standard output unless a test gives another. */
export function openLog(name: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    hooks: { streamWrite: withoutSecrets },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The text with its secrets taken out. */
export function withoutSecrets(line: string): string {
  return SECRET_TEXTS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

/** The SDK's lines in our log: the thesis they are about is named as everywhere else. */
export function sdkLogger(log: Logger): SdkLogger {
  const child = log.child({ from: 'temporal' });
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error'): SdkLogger['info'] =>
    (message, meta) =>
      child[level](fieldsOf(meta), message);
  const logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  return {
    ...logger,
    log: (level, message, meta) => logger[WRITERS[level]](message, meta),
  };
}

const WRITERS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

function fieldsOf(meta: Record<string | symbol, unknown> = {}): Record<string, unknown> {
  const { error, ...rest } = meta;
  const fields: Record<string, unknown> = error === undefined ? rest : { ...rest, err: error };
  const thesisId = typeof fields.workflowId === 'string' ? thesisOfWorkflow(fields.workflowId) : null;
  return thesisId === null ? fields : { ...fields, thesisId };
}
