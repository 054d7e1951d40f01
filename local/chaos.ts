// `npm run chaos`: theses live in time-lapse while the worker, the API, Temporal and PostgreSQL are killed and the
// network between them is cut. At the end nothing that was acknowledged may be missing or doubled, and each webhook must
// have been told of each event under one id.
// `-- --seed N` replays a run's choices, `-- --theses N` and `-- --kills N` set its size; `-- --engine postgres` takes
// Temporal's server on PostgreSQL instead of its development server.

import { parseArgs } from 'node:util';
import { temporalClusterEngine, temporalEngine } from './chaos/engines.ts';
import { killsOf } from './chaos/monkey.ts';
import type { Notified } from './chaos/notifications.ts';
import { chaos, type Outcome } from './chaos/run.ts';
import { INCONCLUSIVE } from './demo/inconclusive.ts';
import { LOSER } from './demo/loser.ts';
import { reasonOf } from './machine.ts';

const say = (line: string): void => console.log(line);

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    theses: { type: 'string' },
    kills: { type: 'string' },
    engine: { type: 'string', default: 'dev' },
  },
});
const size = {
  seed: Number(values.seed ?? Date.now() % 1_000_000),
  theses: Number(values.theses ?? 6),
  kills: Number(values.kills ?? 30),
};

try {
  say(`Chaos with seed ${size.seed}: ${size.theses} theses, at least ${size.kills} kills.`);
  const outcome = await chaos({
    ...size,
    engine: values.engine === 'postgres' ? temporalClusterEngine : temporalEngine,
    pauses: [1_500, 8_000],
    daysASecond: 1,
    stories: [LOSER, INCONCLUSIVE],
    log: say,
  });
  process.exit(report(outcome) ? 0 : 1);
} catch (error) {
  // What was started ends with this process, whatever state it is in.
  console.error(`The chaos run stopped: ${reasonOf(error)}`);
  process.exit(1);
}

/** True when nothing was lost and enough was killed. */
function report({ acknowledged, toll, notified, losses }: Outcome): boolean {
  const { worker, api, postgres, temporal } = toll.kills;
  const { launches, commands, submissions, rows } = acknowledged;
  say('');
  say(
    `Seed ${size.seed}. Killed: worker ${worker}, API ${api}, PostgreSQL ${postgres}, Temporal ${temporal};`,
  );
  say(`wires cut: ${toll.cuts}. Acknowledged: ${launches.length} launches, ${commands.length} commands,`);
  say(`${submissions.length} submissions, ${rows.length} observations.`);
  for (const one of notified) tellNotified(one);
  for (const loss of losses.slice(0, 50)) say(`LOST  ${loss}`);
  const enough = killsOf(toll) >= size.kills;
  if (!enough) say(`Only ${killsOf(toll)} kills of the ${size.kills} wanted.`);
  say(losses.length === 0 ? 'Nothing was lost and nothing was doubled.' : `${losses.length} losses.`);
  return losses.length === 0 && enough;
}

function tellNotified({
  name,
  events,
  notifications,
  deliveries,
  attempts,
  requests,
  repeats,
}: Notified): void {
  say(
    `Webhook ${name}: ${events} events of the ledger, ${notifications} notifications, ${deliveries} deliveries in the log;`,
  );
  say(
    `  ${attempts} attempts, ${requests} of which arrived; ${requests - notifications} sent again under the same id:`,
  );
  for (const [reason, count] of repeats) say(`    ${String(count).padStart(4)}  ${reason}`);
}
