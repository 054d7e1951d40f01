// The story that the production shape has to live through: an organisation, theses to their ends by the public API,
// processes killed and replaced on the way, then the ledger, the attention list, the logs and the ends of the processes.

import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiCaller, callerOf } from '../../cli/client.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import { launch, live, type Systems } from '../demo/life.ts';
import { LOSER } from '../demo/loser.ts';
import { prepareOrganisation } from '../demo/organisation.ts';
import type { Story } from '../demo/story.ts';
import { openWarehouse } from '../demo/warehouse.ts';
import { WINNER } from '../demo/winner.ts';
import { type Log, reasonOf } from '../machine.ts';
import { milliseconds, type Service, type Services } from './compose-file.ts';
import { type Composition, untilHealthy } from './composition.ts';
import { type Ground, runContainer } from './container.ts';
import { allReady, metricsOf, nothingNeedsAttention, withoutSecrets } from './inspections.ts';

const LOOK_EVERY_MS = 250;

/** How much of a token's end is its secret. */
const SECRET_LENGTH = 43;

export interface Promised {
  readonly promise: string;
  readonly kept: boolean;
  readonly found: string;
}

export interface Rehearsal {
  readonly services: Services;
  readonly ground: Ground;
  readonly composition: Composition;
  /** What must stand in no log. */
  readonly secrets: readonly string[];
  readonly metricsToken: string;
  readonly say: Log;
}

export async function rehearse(given: Rehearsal): Promise<Promised[]> {
  const { ground, say } = given;
  const apiUrl = `http://127.0.0.1:${ground.addresses.portOf('api', 8080)}`;
  const promises: Promised[] = [];
  const keep = async (promise: string, find: () => Promise<string>): Promise<void> => {
    const outcome = await find().then(
      (found) => ({ promise, kept: true, found }),
      (error: unknown) => ({ promise, kept: false, found: reasonOf(error) }),
    );
    say(`  ${outcome.kept ? '✓' : '✗'} ${promise}: ${outcome.found}`);
    promises.push(outcome);
  };
  await keep('API and both workers are ready', () => allReady(given));
  const told = await runContainer(ground, 'first-admin', serviceOf(given, 'migrate'), cli('first-admin'));
  const token = /jalon_\S+/.exec(told)?.[0] ?? '';
  const admin = callerOf(apiUrl, token);
  await liveOn(given, admin, apiUrl, keep);
  await keep('nothing needs attention', () => nothingNeedsAttention(admin));
  await keep('the ledger verifies', () =>
    runContainer(ground, 'verify', serviceOf(given, 'migrate'), cli('verify')),
  );
  await keep('metrics are read with JALON_METRICS_TOKEN alone', () => metricsOf(given, given.metricsToken));
  await keep('migrating again changes nothing', () =>
    runContainer(ground, 'migrate-again', serviceOf(given, 'migrate')),
  );
  for (const name of given.composition.containers.keys()) {
    await keep(`${name} ends in good order when asked`, () => ended(given, name));
  }
  const secrets = [...given.secrets, given.metricsToken, token.slice(-SECRET_LENGTH)];
  await keep('no secret stands in a log', () => withoutSecrets(ground.logs, secrets));
  return promises;
}

const cli = (command: string): string[] => ['node', 'db/cli.ts', command];

function serviceOf({ services }: Rehearsal, container: string): Service {
  const service = services[container.replace(/-\d+$/, '')];
  if (service === undefined) throw new Error(`docker-compose.yml has no service for ${container}`);
  return service;
}

type Keep = (promise: string, find: () => Promise<string>) => Promise<void>;

/** Two theses live to their ends; the longer one's stages are the moments at which processes go. */
async function liveOn(given: Rehearsal, admin: ApiCaller, apiUrl: string, keep: Keep): Promise<void> {
  const { composition } = given;
  const databaseUrl = await composition.createDatabase('company_warehouse');
  const warehouse = await openWarehouse({ databaseUrl, createDatabase: composition.createDatabase });
  try {
    const people = await prepareOrganisation(admin, apiUrl, warehouse.connection);
    const begin = async (story: Story, systems: Systems) => {
      const owner = people.owner(story.owner);
      const thesisId = await launch(story, owner);
      const life = live(story, thesisId, { owner, voters: people.voters, signalVote: null }, systems);
      life.catch(() => undefined);
      return { thesisId, life };
    };
    const systems = { writeSales: warehouse.write(WINNER), setOutage: warehouse.out };
    const winner = await begin(WINNER, systems);
    const loser = await begin(LOSER, { writeSales: async () => undefined, setOutage: async () => undefined });
    const at = (stage: string) => untilStage(admin, winner.thesisId, stage, winner.life);
    await at('prototype');
    await keep('worker-1 is killed in the prototype, and comes back', () => killed(given, 'worker-1'));
    await at('measure');
    await keep('the API is killed in the measure stage, and comes back', () => killed(given, 'api'));
    await at('scale');
    await keep('worker-2 is replaced while the thesis scales', () => replaced(given, 'worker-2'));
    await keep('the winner is industrialised', () => outcome(admin, winner, 'industrialised'));
    await keep('the loser is killed', () => outcome(admin, loser, 'killed'));
  } finally {
    await warehouse.close();
  }
}

async function untilStage(
  admin: ApiCaller,
  thesisId: string,
  stage: string,
  life: Promise<void>,
): Promise<void> {
  let over = false;
  life.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  for (;;) {
    const thesis = await admin.get<ThesisView>(`/v1/theses/${thesisId}`);
    if (thesis.stage === stage) return;
    if (over) return await life.then(() => Promise.reject(new Error(`the thesis ended before ${stage}`)));
    await sleep(LOOK_EVERY_MS);
  }
}

async function outcome(
  admin: ApiCaller,
  { thesisId, life }: { readonly thesisId: string; readonly life: Promise<void> },
  expected: string,
): Promise<string> {
  await life;
  const thesis = await admin.get<ThesisView>(`/v1/theses/${thesisId}`);
  if (thesis.outcome !== expected) throw new Error(`it is ${thesis.outcome}, ${thesis.status}`);
  const { items } = await admin.get<{ items: object[] }>(`/v1/theses/${thesisId}/timeline?limit=200`);
  return `closed, ${items.length}${items.length === 200 ? ' or more' : ''} events in its timeline`;
}

async function killed(given: Rehearsal, container: string): Promise<string> {
  await runningOf(given, container).kill();
  return `healthy again after ${await healthyAgain(given, container)}`;
}

async function replaced(given: Rehearsal, container: string): Promise<string> {
  const begun = Date.now();
  const code = await runningOf(given, container).replace();
  const took = seconds(begun);
  if (code !== 0) throw new Error(`it ended with code ${code} after ${took}`);
  return `ended after ${took}, the next one healthy after ${await healthyAgain(given, container)}`;
}

async function healthyAgain(given: Rehearsal, container: string): Promise<string> {
  const begun = Date.now();
  await untilHealthy(given.ground, container, serviceOf(given, container));
  return seconds(begun);
}

/** Asked for good, within the grace that the file gives. */
async function ended(given: Rehearsal, container: string): Promise<string> {
  const begun = Date.now();
  const code = await runningOf(given, container).stop();
  const grace = milliseconds(serviceOf(given, container).stop_grace_period ?? '10s');
  if (code !== 0) throw new Error(`it ended with code ${code} after ${seconds(begun)}`);
  return `code 0 after ${seconds(begun)}, of ${grace / 1_000} s allowed`;
}

function runningOf({ composition }: Rehearsal, container: string) {
  const running = composition.containers.get(container);
  if (running === undefined) throw new Error(`there is no container ${container}`);
  return running;
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1_000).toFixed(1)} s`;
}
