// Starts the services of docker-compose.yml in the order and under the conditions that the file states, and starts again
// what ends. What a service is stands in foreign-images.ts and container.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../machine.ts';
import type { RunningPostgres } from '../postgres.ts';
import { type Supervised, supervise } from '../supervised-process.ts';
import { milliseconds, type Service, type Services } from './compose-file.ts';
import { type Ground, logOf, runContainer, startContainer } from './container.ts';
import {
  isPostgres,
  isPsql,
  isTemporalServer,
  runPostgres,
  runPsql,
  runTemporalServer,
} from './foreign-images.ts';

const ASK_EVERY_MS = 500;

export interface Composition {
  /** By container: `api`, `worker-1`, `worker-2`. */
  readonly containers: ReadonlyMap<string, Supervised>;
  /** Makes another database on PostgreSQL, and returns its connection string. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** Ends everything, last what others stand on. */
  readonly stop: () => Promise<void>;
}

export interface CompositionOptions {
  readonly services: Services;
  readonly ground: Ground;
  /** How many containers of a service; one when absent. */
  readonly scale: Readonly<Record<string, number>>;
  /** Services of the file that are not run. */
  readonly without: readonly string[];
  /** PostgreSQL's. */
  readonly dataDir: string;
  readonly temporalServer: string;
  readonly log: Log;
}

/** What runs so far. */
interface Progress {
  readonly containers: Map<string, Supervised>;
  readonly stops: (() => Promise<unknown>)[];
  postgres: RunningPostgres | null;
}

/** Starts everything and resolves once each service is healthy or has done its job. */
export async function compose(options: CompositionOptions): Promise<Composition> {
  const { services, without, log } = options;
  const progress: Progress = { containers: new Map(), stops: [], postgres: null };
  const stop = async (): Promise<void> => {
    for (const one of progress.stops.splice(0).reverse()) await one();
  };
  const begun = new Map<string, Promise<void>>();
  const ready = (name: string): Promise<void> => {
    const known = begun.get(name) ?? begin(name);
    begun.set(name, known);
    return known;
  };
  const begin = async (name: string): Promise<void> => {
    const service = services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    await Promise.all(Object.keys(service.depends_on).map(ready));
    const from = Date.now();
    await run(name, service, options, progress);
    log(`  ${name}: ready after ${((Date.now() - from) / 1_000).toFixed(1)} s`);
  };
  const names = Object.keys(services).filter((name) => !without.includes(name));
  const outcomes = await Promise.allSettled(names.map(ready));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  const { postgres, containers } = progress;
  if (failure === undefined && postgres !== null)
    return { containers, createDatabase: postgres.createDatabase, stop };
  await stop();
  throw failure?.reason ?? new Error('docker-compose.yml has no PostgreSQL');
}

/** Resolves when the service is what others may wait for: healthy, or done. */
async function run(
  name: string,
  service: Service,
  { ground, dataDir, temporalServer, scale, log }: CompositionOptions,
  progress: Progress,
): Promise<void> {
  const { containers, stops } = progress;
  if (isPostgres(service)) {
    progress.postgres = await runPostgres(ground, name, service, dataDir, log);
    stops.push(progress.postgres.stop);
  } else if (isPsql(service)) {
    await runPsql(ground, name, service);
  } else if (isTemporalServer(service)) {
    const server = await runTemporalServer(ground, name, service, temporalServer);
    stops.push(server.stop);
  } else if (service.restart === 'on-failure') {
    await runContainer(ground, name, service);
  } else {
    const count = scale[name] ?? 1;
    const named = (index: number): string => (count === 1 ? name : `${name}-${index + 1}`);
    const keepOne = async (_: unknown, index: number): Promise<void> => {
      const container = named(index);
      const running = supervise({
        name: container,
        start: () => startContainer(ground, container, service),
        logFile: logOf(ground, container),
        log: (line) => log(`  ${line}`),
      });
      containers.set(container, running);
      stops.push(running.stop);
      await untilHealthy(ground, container, service);
    };
    await Promise.all(Array.from({ length: count }, keepOne));
  }
}

/** Asks what the file's health check asks, for as long as the file allows. */
export async function untilHealthy(ground: Ground, container: string, service: Service): Promise<void> {
  const { healthcheck } = service;
  const [kind, ...words] = healthcheck?.test ?? [];
  if (healthcheck === undefined || kind !== 'CMD') throw new Error(`${container} has no health check`);
  const { start_period: startPeriod = '0s', interval, retries } = healthcheck;
  const deadline = Date.now() + milliseconds(startPeriod) + milliseconds(interval) * retries;
  const asked = ground.addresses.command(container, words);
  const probe = { ...service, entrypoint: undefined };
  for (;;) {
    const check = startContainer(ground, container, probe, asked, `${container}-health`);
    if ((await check.exited) === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${container} is not healthy. See ${logOf(ground, container)}.`);
    await sleep(ASK_EVERY_MS);
  }
}
