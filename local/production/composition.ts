// Starts the services of docker-compose.yml in the order and under the conditions that the file states, and starts again
// what ends. PostgreSQL and Temporal's server stand for their images; everything else runs the file's own words.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../machine.ts';
import { startPostgres } from '../postgres.ts';
import { type Supervised, supervise } from '../supervised-process.ts';
import { startTemporalServer } from '../temporal-server.ts';
import { milliseconds, type Service, type Services } from './compose-file.ts';
import { type Ground, logOf, runContainer, startContainer } from './container.ts';

const ASK_EVERY_MS = 500;

export interface Composition {
  /** By container: `api`, `worker-1`, `worker-2`. */
  readonly containers: ReadonlyMap<string, Supervised>;
  /** Milliseconds until each service was what others wait for. */
  readonly readyAfter: ReadonlyMap<string, number>;
  /** Makes another database on PostgreSQL, and returns its connection string. */
  createDatabase(name: string): Promise<string>;
  /** Ends everything, last what others stand on. */
  stop(): Promise<void>;
}

export interface CompositionOptions {
  readonly services: Services;
  readonly ground: Ground;
  /** How many containers of a service; one when absent. */
  readonly scale: Readonly<Record<string, number>>;
  /** Services of the file that are not run. */
  readonly without: readonly string[];
  readonly dataDir: string;
  readonly temporalServer: string;
  readonly log: Log;
}

/** Starts everything and resolves once each service is healthy or has done its job. */
export async function compose(options: CompositionOptions): Promise<Composition> {
  const stage = new Stage(options);
  const names = Object.keys(options.services).filter((name) => !options.without.includes(name));
  const outcomes = await Promise.allSettled(names.map((name) => stage.ready(name)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return stage;
  await stage.stop();
  throw failure.reason;
}

class Stage implements Composition {
  readonly containers = new Map<string, Supervised>();
  readonly readyAfter = new Map<string, number>();
  readonly #options: CompositionOptions;
  readonly #begun = new Map<string, Promise<void>>();
  readonly #stops: (() => Promise<void>)[] = [];
  #postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;

  constructor(options: CompositionOptions) {
    this.#options = options;
  }

  /** Begins a service when all that it waits for is ready; resolves when it is ready itself. */
  ready(name: string): Promise<void> {
    const begun = this.#begun.get(name) ?? this.#begin(name);
    this.#begun.set(name, begun);
    return begun;
  }

  async #begin(name: string): Promise<void> {
    const service = this.#options.services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    await Promise.all(Object.keys(service.depends_on).map((other) => this.ready(other)));
    const begun = Date.now();
    await this.#run(name, service);
    this.readyAfter.set(name, Date.now() - begun);
    this.#options.log(`  ${name}: ready after ${((Date.now() - begun) / 1_000).toFixed(1)} s`);
  }

  async #run(name: string, service: Service): Promise<void> {
    if (/^postgres:/.test(service.image) && service.command === undefined) return this.#runPostgres(service);
    if (/^temporalio\/server:/.test(service.image)) return this.#runTemporal(name, service);
    if (service.restart === 'on-failure') {
      await runContainer(this.#options.ground, name, service);
      return;
    }
    const count = this.#options.scale[name] ?? 1;
    const containers = Array.from({ length: count }, (_, index) =>
      count === 1 ? name : `${name}-${index + 1}`,
    );
    await Promise.all(containers.map((container) => this.#keepRunning(container, service)));
  }

  async #runPostgres({ environment }: Service): Promise<void> {
    const {
      POSTGRES_USER: user,
      POSTGRES_DB: database,
      POSTGRES_PASSWORD: password,
      ...others
    } = environment;
    if (
      user !== 'jalon' ||
      database === undefined ||
      password === undefined ||
      Object.keys(others).length > 0
    )
      throw new Error('the service postgres has an environment that local/production does not know');
    const { dataDir, ground, log } = this.#options;
    // The cluster takes the password that it finds.
    await writeFile(path.join(dataDir, 'superuser-password'), password, { mode: 0o600 });
    const port = ground.addresses.portOf('postgres', 5432);
    this.#postgres = await startPostgres({ dataDir, port, log });
    this.#stops.push(this.#postgres.stop);
    await this.#postgres.createDatabase(database);
  }

  async #runTemporal(name: string, service: Service): Promise<void> {
    const { ground, temporalServer } = this.#options;
    const { DB, DB_PORT, POSTGRES_SEEDS, POSTGRES_USER, POSTGRES_PWD, NUM_HISTORY_SHARDS, ...others } =
      ground.addresses.environment(name, service.environment);
    if (DB !== 'postgres12' || Object.keys(others).length > 0)
      throw new Error(`the service ${name} has an environment that local/production does not know`);
    const server = await startTemporalServer({
      program: temporalServer,
      postgres: {
        host: POSTGRES_SEEDS ?? '',
        port: Number(DB_PORT),
        user: POSTGRES_USER ?? '',
        password: POSTGRES_PWD ?? '',
      },
      historyShards: Number(NUM_HISTORY_SHARDS),
      port: ground.addresses.portOf(name, 7233),
      folder: path.join(ground.logs, 'temporal'),
      logFile: logOf(ground, name),
    });
    this.#stops.push(server.stop);
  }

  async #keepRunning(container: string, service: Service): Promise<void> {
    const { ground, log } = this.#options;
    const running = supervise({
      name: container,
      start: () => startContainer(ground, container, service),
      logFile: logOf(ground, container),
      log: (line) => log(`  ${line}`),
    });
    this.containers.set(container, running);
    this.#stops.push(async () => void (await running.stop()));
    await untilHealthy(ground, container, service);
  }

  async createDatabase(name: string): Promise<string> {
    if (this.#postgres === undefined) throw new Error('PostgreSQL does not run');
    return this.#postgres.createDatabase(name);
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
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
