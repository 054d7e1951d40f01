// Which API the command line speaks to, and as whom.

import path from 'node:path';
import { z } from 'zod';
import { isConfidential, type Values } from './value.ts';

export const COMMAND_LINE_KEYS = {
  JALON_API_URL: z
    .url({ protocol: /^https?$/, error: 'Must be a URL: https://jalon.example.com.' })
    .refine(isConfidential, 'Must be https, or http on this machine.')
    .optional()
    .meta({
      description:
        'The API that the command line (`npm run -s jalon`) speaks to. Absent: the embedded platform that runs here.',
      example: 'https://jalon.example.com',
    }),
  JALON_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'Must be one word of visible ASCII characters.')
    .optional()
    .meta({ description: 'Your API key, for the command line. Absent: the one in JALON_API_KEY_FILE.' }),
  JALON_API_KEY_FILE: z.string().min(1).optional().meta({
    description:
      'File with that key, readable by its owner only (chmod 600). Absent: api-key in JALON_DATA_DIR.',
    example: '/home/me/.config/jalon/api-key',
  }),
};

export interface CommandLineConfig {
  /** Null: the command line speaks to the embedded platform that runs here. */
  readonly apiUrl: string | null;
  /** Null: the command line reads it from the file. */
  readonly apiKey: string | null;
  readonly apiKeyFile: string;
}

export function commandLineConfig(
  keys: Values<typeof COMMAND_LINE_KEYS>,
  dataDir: string,
): CommandLineConfig {
  return {
    apiUrl: keys.JALON_API_URL ?? null,
    apiKey: keys.JALON_API_KEY ?? null,
    apiKeyFile: keys.JALON_API_KEY_FILE ?? path.join(dataDir, 'api-key'),
  };
}
