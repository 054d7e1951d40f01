// `npm run chaos`: theses live in time-lapse while the worker, the API, Temporal and PostgreSQL are killed and the
// network between them is cut. At the end nothing that was acknowledged may be missing or doubled.
// `-- --seed N` replays a run's choices, `-- --theses N` and `-- --kills N` set its size.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, loadConfig } from '../config.ts';
import { type Acknowledged, nothingYet, remembering } from './chaos/acknowledged.ts';
import { postgresEngine, temporalEngine } from './chaos/engines.ts';
import { generator, killsOf, type Monkey, release } from './chaos/monkey.ts';
import { killProcesses } from './chaos/processes.ts';
import { reckon } from './chaos/reckoning.ts';
import { callerOf } from './demo/client.ts';
import { INCONCLUSIVE } from './demo/inconclusive.ts';
import { launch, live } from './demo/life.ts';
import { LOSER } from './demo/loser.ts';
import { type Organisation, prepareOrganisation } from './demo/organisation.ts';
import { reasonOf } from './machine.ts';
import { type Platform, startPlatform } from './platform.ts';

const DAYS_A_SECOND = 1;

const NO_TOLL = { kills: { worker: 0, api: 0, postgres: 0, temporal: 0 }, cuts: 0 };

const NO_SYSTEMS = { writeSales: async () => undefined, setOutage: async () => undefined };

interface Size {
  readonly seed: number;
  readonly theses: number;
  readonly kills: number;
}

const say = (line: string): void => console.log(line);

try {
  process.exit((await chaos(sizeOf(process.argv.slice(2)))) ? 0 : 1);
} catch (error) {
  // What was started ends with this process, whatever state it is in.
  console.error(`The chaos run stopped: ${reasonOf(error)}`);
  process.exit(1);
}

function sizeOf(args: string[]): Size {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string' }, theses: { type: 'string' }, kills: { type: 'string' } },
  });
  return {
    seed: Number(values.seed ?? Date.now() % 1_000_000),
    theses: Number(values.theses ?? 6),
    kills: Number(values.kills ?? 30),
  };
}

/** True when nothing was lost and enough was killed. */
async function chaos(size: Size): Promise<boolean> {
  say(`Chaos with seed ${size.seed}: ${size.theses} theses, at least ${size.kills} kills.`);
  const folder = await mkdtemp(path.join(tmpdir(), 'jalon-chaos-'));
  // PostgreSQL may run as another user, who has to pass through.
  await chmod(folder, 0o711);
  const postgres = await postgresEngine(folder, say);
  const temporal = await temporalEngine(folder, say);
  const config: Config = {
    ...loadConfig(),
    dataDir: folder,
    port: 0,
    databaseUrl: postgres.url,
    temporalAddress: temporal.address,
    clockRate: DAYS_A_SECOND * 86_400,
  };
  const platform = await startPlatform(config, () => undefined);
  const memory = nothingYet();
  let monkey: Monkey | undefined;
  try {
    const people = await organisation(platform);
    monkey = release(
      {
        worker: () => killProcesses((command) => isOurs(command, 'worker')),
        api: () => killProcesses((command) => isOurs(command, 'api')),
        postgres,
        temporal,
      },
      generator(size.seed),
      size.kills,
      say,
    );
    await liveAll(size, people, memory, () => killsOf(monkey?.toll ?? NO_TOLL));
    await monkey.stop();
    const { toll } = monkey;
    const losses = await reckon(memory, {
      databaseUrl: postgres.directUrl,
      temporalAddress: temporal.directAddress,
    });
    return report(size, memory, toll, losses);
  } finally {
    await monkey?.stop().catch(() => undefined);
    await platform.stop();
    await Promise.all([postgres.stop(), temporal.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

function isOurs(command: string, name: 'worker' | 'api'): boolean {
  return command.includes(path.resolve(import.meta.dirname, '..', name, 'main.ts'));
}

async function organisation({ apiUrl, firstAdminToken }: Platform): Promise<Organisation> {
  if (firstAdminToken === null) throw new Error('the database was not empty');
  return await prepareOrganisation(callerOf(apiUrl, firstAdminToken), apiUrl, null);
}

/** Lives theses until there were enough of them and enough was killed. */
async function liveAll(
  { theses, kills }: Size,
  people: Organisation,
  memory: Acknowledged,
  killed: () => number,
): Promise<void> {
  const voters = people.voters.map((voter) => remembering(voter, memory));
  const liveOne = async (index: number): Promise<void> => {
    const story = index % 2 === 0 ? LOSER : INCONCLUSIVE;
    const owner = remembering(people.owner(story.owner), memory);
    const thesisId = await launch(story, owner);
    await live(story, thesisId, { owner, voters, signalVote: null }, NO_SYSTEMS);
    say(`  ✓ thesis ${index + 1} has ended`);
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < theses || killed() < kills) await liveOne(next++);
  };
  await Promise.all(Array.from({ length: Math.min(theses, 6) }, lane));
}

function report(size: Size, memory: Acknowledged, toll: Monkey['toll'], losses: readonly string[]): boolean {
  const { worker, api, postgres, temporal } = toll.kills;
  say('');
  say(
    `Seed ${size.seed}. Killed: worker ${worker}, API ${api}, PostgreSQL ${postgres}, Temporal ${temporal};`,
  );
  say(
    `wires cut: ${toll.cuts}. Acknowledged: ${memory.launches.length} launches, ${memory.commands.length} commands,`,
  );
  say(`${memory.submissions.length} submissions, ${memory.rows.length} observations.`);
  for (const loss of losses.slice(0, 50)) say(`LOST  ${loss}`);
  const enough = killsOf(toll) >= size.kills;
  if (!enough) say(`Only ${killsOf(toll)} kills of the ${size.kills} wanted.`);
  say(losses.length === 0 ? 'Nothing was lost and nothing was doubled.' : `${losses.length} losses.`);
  return losses.length === 0 && enough;
}
