// `npm run production:rehearse`: what docker-compose.yml would run on an engine, run here as processes: its jobs, its
// Temporal server on PostgreSQL, the files of the Dockerfile, two workers. Theses live on it while processes are killed
// and replaced. Ends with 1 when a promise is not kept, and says what differs from an engine.

import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freeLowPorts, type Log, reasonOf } from './machine.ts';
import { addressesFor } from './production/addresses.ts';
import { secretsFor, servicesOf } from './production/compose-file.ts';
import { compose } from './production/composition.ts';
import type { Ground } from './production/container.ts';
import { buildImage, type Image } from './production/image.ts';
import { type Promised, rehearse } from './production/rehearsal.ts';
import { findTemporal } from './temporal-binary.ts';
import { findTemporalServer } from './temporal-server-binary.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Thesis days per real second. */
const DAYS_A_SECOND = 1.5;

const PORTS = 12;

const begun = Date.now();
const say: Log = (line) => console.log(line);

const folder = await mkdtemp(path.join(tmpdir(), 'jalon-production-'));
// Others than root run from here, and must get through.
await chmod(folder, 0o755);
try {
  const promises = await production(folder);
  report(promises);
  if (promises.every(({ kept }) => kept)) await rm(folder, { recursive: true, force: true });
  else throw new Error(`Not everything was kept; the logs are in ${folder}/logs.`);
} catch (error) {
  console.error(`The rehearsal failed: ${reasonOf(error)}\nIts files are in ${folder}.`);
  process.exitCode = 1;
}

async function production(folder: string): Promise<Promised[]> {
  const text = await readFile(path.join(ROOT, 'docker-compose.yml'), 'utf8');
  const secrets = secretsFor(text);
  const metricsToken = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('hex');
  const services = servicesOf(text, { ...secrets, JALON_METRICS_TOKEN: metricsToken });
  const addresses = addressesFor(services, await freeLowPorts('A container', PORTS));
  const programs = await programFolder(path.join(folder, 'programs'));
  const image = await buildImage(ROOT, path.join(folder, 'image'), say);
  const ground: Ground = {
    image: image.folder,
    imageEnv: image.env,
    path: [programs.folder],
    logs: path.join(folder, 'logs'),
    home: path.join(folder, 'home'),
    addresses,
  };
  const dataDir = path.join(folder, 'postgres');
  for (const one of [ground.logs, ground.home, dataDir]) await mkdir(one, { recursive: true });
  if (services.api !== undefined) {
    services.api.environment.JALON_CLOCK_RATE = String(DAYS_A_SECOND * 86_400);
  }
  say('\nStarting the services of docker-compose.yml');
  const composition = await compose({
    services,
    ground,
    scale: { worker: 2 },
    without: ['temporal-ui'],
    dataDir,
    temporalServer: programs.temporalServer,
    log: say,
  });
  try {
    tellDifferences(image, addresses.rewritten);
    return await rehearse({
      services,
      ground,
      composition,
      secrets: Object.values(secrets),
      metricsToken,
      say,
    });
  } finally {
    await composition.stop();
  }
}

/** What the images of Node and of Temporal's tools have on their PATH. */
async function programFolder(target: string): Promise<{ folder: string; temporalServer: string }> {
  const server = await findTemporalServer({ log: say, progress: say });
  const cli = await findTemporal({ log: say, progress: say });
  await mkdir(target);
  // A copy: the folder of our own Node may be closed to the user of the image.
  await copyFile(process.execPath, path.join(target, 'node'));
  await symlink(server.sqlTool, path.join(target, 'temporal-sql-tool'));
  await symlink(cli, path.join(target, 'temporal'));
  return { folder: target, temporalServer: server.server };
}

function tellDifferences({ base, leftOut }: Image, rewritten: ReadonlySet<string>): void {
  const user = process.getuid?.() === 0 ? 'as user 1000 over files of root' : 'as yourself';
  const lines = [
    `processes on 127.0.0.1 instead of containers: ${[...rewritten].join(', ')}`,
    `the image is a folder and runs on Node ${process.versions.node} (its base is ${base}), ${user}; no read-only root,`,
    '  no dropped capabilities, no limits',
    "postgres is npm's embedded PostgreSQL; the server of temporal is built from its Go module, and its configuration",
    '  written as the image does it; temporal-ui is not run',
    `JALON_CLOCK_RATE of the api: ${DAYS_A_SECOND} thesis days a second`,
    'health checks are asked twice a second, and what ends is started again by this script',
    ...leftOut.map((command) => `\`${command}\` is left out`),
  ];
  say(`\nWhat differs from an engine:\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
}

function report(promises: readonly Promised[]): void {
  const width = Math.max(...promises.map(({ promise }) => promise.length));
  const lines = promises.map(
    ({ promise, kept, found }) => `  ${kept ? '✓' : '✗'} ${promise.padEnd(width)}  ${found}`,
  );
  say(`\n${lines.join('\n')}\n\nThe rehearsal took ${((Date.now() - begun) / 1_000).toFixed(0)} s.`);
}
