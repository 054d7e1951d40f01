// A process that sends webhooks as a worker does, so that it can be killed.

import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { createSecretBox } from '../../../activities/secret-box.ts';
import { createPost } from '../../../activities/webhooks/post.ts';
import { resolveBySystem } from '../../../activities/webhooks/target.ts';
import { connect } from '../../../db/connect.ts';
import { countAttempts, sendWebhooks } from '../../../worker/webhooks.ts';

const { url, key, leaseSeconds } = JSON.parse(process.argv[2] ?? '{}');

const registry = new Registry();
const lastLook = new Gauge({ name: 'look', help: 'look', labelNames: ['what'], registers: [registry] });
await sendWebhooks(
  {
    db: connect(url),
    secretBox: createSecretBox(key),
    post: createPost({ privateTargets: 'allow', resolve: resolveBySystem }),
    log: pino(),
    now: () => new Date(),
    chance: () => 0.5,
    attempts: countAttempts(registry),
    lastLook,
    leaseSeconds,
    everySeconds: 0.05,
  },
  new AbortController().signal,
);
