// What is set on a machine of one's own: where the embedded services keep their data, and how fast theses live.

import { z } from 'zod';
import type { Values } from './value.ts';

export const REHEARSAL_KEYS = {
  JALON_DATA_DIR: z.string().min(1).default('.jalon').meta({
    description: 'Folder of the embedded services.',
  }),
  JALON_CLOCK_RATE: z.coerce
    .number('Must be a number.')
    .min(1, 'Must be at least 1.')
    .max(1_000_000, 'Must be at most 1000000.')
    .default(1)
    .meta({
      description:
        'How many times faster than real time new theses live: 1 in production, more in a rehearsal.',
    }),
};

export interface RehearsalConfig {
  readonly dataDir: string;
  readonly clockRate: number;
}

export function rehearsalConfig(keys: Values<typeof REHEARSAL_KEYS>): RehearsalConfig {
  return { dataDir: keys.JALON_DATA_DIR, clockRate: keys.JALON_CLOCK_RATE };
}
