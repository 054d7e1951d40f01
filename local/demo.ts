// `npm run demo`: three growth theses live from proposal to retex in a few minutes, through the public API only, on
// the same code that production runs. `-- --exit` stops at the end; otherwise everything stays up to be looked at.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiCaller, callerOf } from '../cli/client.ts';
import { type Config, loadConfig } from '../config.ts';
import { INCONCLUSIVE } from './demo/inconclusive.ts';
import { launch, live } from './demo/life.ts';
import { LOSER } from './demo/loser.ts';
import { narrator } from './demo/narrator.ts';
import { prepareOrganisation } from './demo/organisation.ts';
import { openSignals } from './demo/signals.ts';
import { outcomeTable } from './demo/table.ts';
import { openWarehouse } from './demo/warehouse.ts';
import { WINNER } from './demo/winner.ts';
import { reasonOf } from './machine.ts';
import { type Platform, startPlatform } from './platform.ts';

/** Thesis days per real second: the longest story lives about 120 days. */
const DAYS_A_SECOND = 1.5;

const TELL_EVERY_MS = 400;

const say = (line: string): void => console.log(line);

try {
  await demo(process.argv.includes('--exit'));
} catch (error) {
  console.error(`The demo stopped: ${reasonOf(error)}`);
  process.exitCode = 1;
}

async function demo(exits: boolean): Promise<void> {
  const config = demoConfig(loadConfig());
  await rm(config.dataDir, { recursive: true, force: true });
  say(
    'Starting PostgreSQL, Temporal, the worker and the API. The first run also fetches or builds Temporal.',
  );
  const platform = await startPlatform(config, say);
  try {
    say(`The API answers on ${platform.apiUrl}; its documentation is ${platform.apiUrl}/docs.\n`);
    await liveAll(platform);
    if (exits) return;
    stayingUp(platform);
    await interrupted();
  } finally {
    say('\nStopping.');
    await platform.stop();
  }
}

/** A folder of its own, made anew at each run, and a clock that runs fast. */
function demoConfig(config: Config): Config {
  return {
    ...config,
    dataDir: path.join(config.dataDir, 'demo'),
    port: config.port,
    clockRate: DAYS_A_SECOND * 86_400,
  };
}

async function liveAll(platform: Platform): Promise<void> {
  const { firstAdminToken, apiUrl } = platform;
  if (firstAdminToken === null) {
    throw new Error('the database has members already: give the demo an empty one, or none');
  }
  const admin = callerOf(apiUrl, firstAdminToken);
  const warehouse = await openWarehouse(platform);
  const signals = await openSignals(platform);
  try {
    const people = await prepareOrganisation(admin, apiUrl, warehouse.connection);
    const theses = new Map<string, string>();
    const lives: Promise<void>[] = [];
    for (const story of [WINNER, LOSER, INCONCLUSIVE]) {
      const owner = people.owner(story.owner);
      const thesisId = await launch(story, owner);
      theses.set(thesisId, story.key);
      const signalVote = story === WINNER ? signals.vote : null;
      const systems = { writeSales: warehouse.write(story), setOutage: warehouse.out };
      lives.push(live(story, thesisId, { owner, voters: people.voters, signalVote }, systems));
    }
    await tellUntil(Promise.all(lives), narrator(admin, theses, say));
    say(`\n${await outcomeTable(admin, [...theses.keys()])}`);
    say(await learningsLine(admin));
  } finally {
    await Promise.all([warehouse.close(), signals.close()]);
  }
}

async function tellUntil(lives: Promise<unknown>, told: { tell(): Promise<void> }): Promise<void> {
  let over = false;
  const watched = lives.finally(() => {
    over = true;
  });
  // A story that fails is reported by `await watched`; until then it must not end the process.
  watched.catch(() => undefined);
  while (!over) {
    await told.tell();
    await sleep(TELL_EVERY_MS);
  }
  await watched;
  await told.tell();
}

async function learningsLine(admin: ApiCaller): Promise<string> {
  const { items } = await admin.get<{ items: { title: string }[] }>('/v1/learnings?q=subscription');
  return `\nGET /v1/learnings?q=subscription finds: ${items.map(({ title }) => title).join('; ')}`;
}

function stayingUp({ apiUrl, temporalUiUrl, firstAdminToken }: Platform): void {
  say('\nEverything stays up. Look around, then press Ctrl-C:');
  say(`  API            ${apiUrl}/v1/theses`);
  say(`  Documentation  ${apiUrl}/docs`);
  if (temporalUiUrl !== null) say(`  Temporal's UI  ${temporalUiUrl}`);
  say(`  Administrator  Authorization: Bearer ${firstAdminToken}`);
}

async function interrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
