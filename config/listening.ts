// Where the API listens, and the address that a worker shares with it.

import { z } from 'zod';
import { type Values, wholeNumber } from './value.ts';

export const LISTENING_KEYS = {
  JALON_HOST: z.string().min(1).default('127.0.0.1').meta({
    description: 'Address that the API listens on; 0.0.0.0 for every interface.',
  }),
  JALON_PORT: wholeNumber(0, 65_535).default(8080).meta({
    description: 'Port that the API listens on; 0 takes a free one.',
  }),
};

export interface ListeningConfig {
  readonly host: string;
  readonly port: number;
}

export function listeningConfig(keys: Values<typeof LISTENING_KEYS>): ListeningConfig {
  return { host: keys.JALON_HOST, port: keys.JALON_PORT };
}
