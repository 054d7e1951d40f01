// How much the processes write into their log.

import { z } from 'zod';
import type { Values } from './value.ts';

export const LOG_KEYS = {
  JALON_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ description: 'Least severe log line that is written.' }),
};

export interface LogConfig {
  readonly logLevel: Values<typeof LOG_KEYS>['JALON_LOG_LEVEL'];
}

export function logConfig(keys: Values<typeof LOG_KEYS>): LogConfig {
  return { logLevel: keys.JALON_LOG_LEVEL };
}
