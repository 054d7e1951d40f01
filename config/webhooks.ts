// How far webhooks may lead.

import { z } from 'zod';
import type { Values } from './value.ts';

export const WEBHOOK_KEYS = {
  JALON_WEBHOOK_PRIVATE_TARGETS: z
    .enum(['refuse', 'allow'], 'Must be refuse or allow.')
    .default('refuse')
    .meta({
      description:
        'Whether webhooks may lead to private, loopback and link-local addresses, and over plain HTTP: `allow` only where every administrator may reach what API and workers reach.',
    }),
};

export interface WebhookConfig {
  readonly webhookPrivateTargets: Values<typeof WEBHOOK_KEYS>['JALON_WEBHOOK_PRIVATE_TARGETS'];
}

export function webhookConfig(keys: Values<typeof WEBHOOK_KEYS>): WebhookConfig {
  return { webhookPrivateTargets: keys.JALON_WEBHOOK_PRIVATE_TARGETS };
}
