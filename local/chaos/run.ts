// One chaos run: theses live in time-lapse while the worker, the API, Temporal and PostgreSQL are killed and the wires
// between them are cut, and at the end whatever was acknowledged is asked for again, and whatever was recorded must have
// been told to each webhook. Touches only what it started itself.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ApiCaller, callerOf } from '../../cli/client.ts';
import { type Config, parseConfig } from '../../config.ts';
import { launch, live } from '../demo/life.ts';
import { type Organisation, prepareOrganisation } from '../demo/organisation.ts';
import type { Story } from '../demo/story.ts';
import { signalDescendants } from '../descendants.ts';
import type { Log } from '../machine.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { type Acknowledged, nothingYet, remembering } from './acknowledged.ts';
import { type Postgres, postgresEngine, type Temporal, temporalEngine } from './engines.ts';
import { registerHooks, untilSent } from './hooks.ts';
import { killsOf, type Monkey, type Rampage, release, type Toll } from './monkey.ts';
import { type Notified, reckonNotifications } from './notifications.ts';
import { startReceiver } from './receiver.ts';
import { reckon } from './reckoning.ts';

const NO_TOLL = { kills: { worker: 0, api: 0, postgres: 0, temporal: 0 }, cuts: 0 };

const NO_SYSTEMS = { writeSales: async () => undefined, setOutage: async () => undefined };

/** Theses that live at the same time, at most. */
const LANES = 6;

export interface ChaosSettings extends Rampage {
  /** Theses to live at least; more are launched until enough was killed. */
  readonly theses: number;
  /** Thesis days a second. */
  readonly daysASecond: number;
  readonly log: Log;
  /** Starts Temporal; absent: its development server. */
  readonly engine?: (folder: string, postgres: Postgres, log: Log) => Promise<Temporal>;
  /** What the theses live, in turn. */
  readonly stories: readonly [Story, ...Story[]];
  /** Makes what the stories ask for beside the built-in playbook; absent: nothing. */
  readonly prepare?: (admin: ApiCaller) => Promise<void>;
  /** May look once more after the reckoning, while everything still runs; absent: nobody. */
  readonly afterwards?: (databaseUrl: string, reckonAgain: () => Promise<string[]>) => Promise<void>;
}

export interface Outcome {
  readonly acknowledged: Acknowledged;
  readonly toll: Toll;
  /** What each webhook was told. */
  readonly notified: readonly Notified[];
  /** Every loss and every doubling, a sentence each. */
  readonly losses: readonly string[];
}

export async function chaos(settings: ChaosSettings): Promise<Outcome> {
  const { log, engine = temporalEngine } = settings;
  const folder = await mkdtemp(path.join(tmpdir(), 'jalon-chaos-'));
  // PostgreSQL may run as another user, who has to pass through.
  await chmod(folder, 0o711);
  const postgres = await postgresEngine(folder, log);
  const temporal = await engine(folder, postgres, log);
  const config: Config = {
    ...parseConfig({}),
    dataDir: folder,
    port: 0,
    databaseUrl: postgres.url,
    databaseOwnerUrl: postgres.directUrl,
    temporalAddress: temporal.address,
    clockRate: settings.daysASecond * 86_400,
    webhookPrivateTargets: 'allow',
  };
  const platform = await startPlatform(config, () => undefined);
  const receiver = await startReceiver(settings.seed, () => kill('worker'));
  const acknowledged = nothingYet();
  let monkey: Monkey | undefined;
  try {
    const admin = adminOf(platform);
    const hooks = await registerHooks(admin, receiver);
    await settings.prepare?.(admin);
    const people = await prepareOrganisation(admin, platform.apiUrl, null);
    const victims = { worker: () => kill('worker'), api: () => kill('api'), postgres, temporal };
    monkey = release(victims, settings, log);
    await liveAll(settings, people, acknowledged, () => killsOf(monkey?.toll ?? NO_TOLL));
    await monkey.stop();
    const places = { databaseUrl: postgres.directUrl, temporalAddress: temporal.directAddress };
    receiver.behave();
    await untilSent(places.databaseUrl);
    const reckonAll = async () => {
      const { losses, notified } = await reckonNotifications(places.databaseUrl, { hooks, receiver });
      return { notified, losses: [...(await reckon(acknowledged, places)), ...losses] };
    };
    const reckoned = await reckonAll();
    await settings.afterwards?.(places.databaseUrl, async () => (await reckonAll()).losses);
    return { acknowledged, toll: monkey.toll, ...reckoned };
  } finally {
    await monkey?.stop().catch(() => undefined);
    await platform.stop();
    await receiver.close();
    await Promise.all([postgres.stop(), temporal.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

function kill(name: 'worker' | 'api'): Promise<number> {
  const script = path.resolve(import.meta.dirname, '../..', name, 'main.ts');
  return signalDescendants((command) => command.includes(script), 'SIGKILL');
}

function adminOf({ apiUrl, firstAdminToken }: Platform): ApiCaller {
  if (firstAdminToken === null) throw new Error('the database was not empty');
  return callerOf(apiUrl, firstAdminToken);
}

/** Lives theses until there were enough of them and enough was killed. */
async function liveAll(
  { theses, kills, stories, log }: ChaosSettings,
  people: Organisation,
  memory: Acknowledged,
  killed: () => number,
): Promise<void> {
  const voters = people.voters.map((voter) => remembering(voter, memory));
  const liveOne = async (index: number): Promise<void> => {
    const story = stories[index % stories.length] ?? stories[0];
    const owner = remembering(people.owner(story.owner), memory);
    const thesisId = await launch(story, owner);
    await live(story, thesisId, { owner, voters, signalVote: null }, NO_SYSTEMS);
    log(`  ✓ thesis ${index + 1} has ended`);
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < theses || killed() < kills) await liveOne(next++);
  };
  await Promise.all(Array.from({ length: Math.min(theses, LANES) }, lane));
}
