// Starts what the platform tests share, once a run: PostgreSQL, a Temporal server, and the path of the
// time-skipping one. DATABASE_URL and TEMPORAL_ADDRESS take the place of what would be started.
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { machineEnvironment } from '../local/machine.ts';
import { startPostgres } from '../local/postgres.ts';
import { startTemporal } from '../local/temporal.ts';
import { findTemporal } from '../local/temporal-binary.ts';
import { findTimeSkippingServer } from '../local/time-skipping.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Maintenance database of the shared PostgreSQL; tests make their own with createTestDatabase. */
    postgresUrl: string;
    /** host:port of the shared Temporal server, namespace `default`. */
    temporalAddress: string;
    /** The program to give to TestWorkflowEnvironment.createTimeSkipping. */
    timeSkippingPath: string;
  }
}

/** Kept after the run: a failed test may want to know what the server said. */
const TEMPORAL_LOG = fileURLToPath(new URL('../.jalon/test/temporal.log', import.meta.url));

type Provide = TestProject['provide'];
type Stop = () => Promise<void>;

/** Vitest's entry point: starts everything, provides the addresses, and returns how to stop it. */
export default async function setup(project: TestProject): Promise<Stop> {
  const provide: Provide = (key, value) => project.provide(key, value);
  const outcomes = await Promise.allSettled([
    providePostgres(provide),
    provideTemporal(provide),
    provideTimeSkipping(provide),
  ]);
  const stop = async () => {
    const started = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    await Promise.all(started.map((outcome) => outcome.value()));
  };
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length === 0) return stop;
  await stop();
  const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new AggregateError(failures, `The platform tests cannot start.\n${reasons.join('\n')}`);
}

async function providePostgres(provide: Provide): Promise<Stop> {
  const existing = machineEnvironment().DATABASE_URL;
  if (existing) {
    provide('postgresUrl', existing);
    return nothing;
  }
  const server = await startPostgres({ log: quiet });
  provide('postgresUrl', server.url);
  return server.stop;
}

async function provideTemporal(provide: Provide): Promise<Stop> {
  const existing = machineEnvironment().TEMPORAL_ADDRESS;
  if (existing) {
    provide('temporalAddress', existing);
    return nothing;
  }
  const program = await findTemporal({ log: quiet, progress: console.log });
  const server = await startTemporal({ program, namespace: 'default', logFile: TEMPORAL_LOG, log: quiet });
  provide('temporalAddress', server.address);
  return server.stop;
}

async function provideTimeSkipping(provide: Provide): Promise<Stop> {
  provide('timeSkippingPath', await findTimeSkippingServer({ log: quiet, progress: console.log }));
  return nothing;
}

async function nothing(): Promise<void> {
  // What we did not start is not ours to stop.
}

function quiet(): void {
  // A run that goes well shows the tests and nothing else.
}
