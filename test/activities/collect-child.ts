// A process that collects as its argument says and tells its parent each heartbeat, so that it can be killed.
import { setTimeout as pause } from 'node:timers/promises';
import { collect } from '../../activities/collect.ts';
import { createSecretBox } from '../../activities/secret-box.ts';
import { connect } from '../../db/connect.ts';

const { url, key, thesisId, bindings, from, now } = JSON.parse(process.argv[2] ?? '{}');

const db = connect(url);
await collect(
  { db, secretBox: createSecretBox(key), heartbeat: (progress) => process.send?.(progress) },
  { thesisId, bindings, from, to: now, thesisNow: now },
);
// Whoever reads the last heartbeat late still finds the process alive.
await pause(5_000);
await db.destroy();
