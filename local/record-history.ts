// `npm run replay:record`: lives the winner and the loser of the demo through the public API and keeps the histories
// of their workflows for test/replay, with the bundle that lived them, in a folder named after the release. Run it once
// a release, never to mend a replay that fails: such a failure says that theses now running could not go on.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import protocol from '@temporalio/proto';
import { callerOf } from '../cli/client.ts';
import { parseConfig } from '../config.ts';
import { CODE_VERSION } from '../domain/version.ts';
import { buildWorkflowBundle } from '../worker/bundle.ts';
import { launch, live } from './demo/life.ts';
import { LOSER } from './demo/loser.ts';
import { prepareOrganisation } from './demo/organisation.ts';
import { openSignals } from './demo/signals.ts';
import { openWarehouse } from './demo/warehouse.ts';
import { WINNER } from './demo/winner.ts';
import { historiesOf } from './histories.ts';
import { type Platform, startPlatform } from './platform.ts';

const FOLDER = fileURLToPath(new URL(`../test/replay/${CODE_VERSION}`, import.meta.url));

const { History } = protocol.temporal.api.history.v1;

/** Thesis days per real second. */
const DAYS_A_SECOND = 2;

const say = (line: string): void => console.log(line);

// The defaults, whatever the environment says: what is recorded must not depend on this machine.
const defaults = parseConfig({});
const dataDir = path.join(defaults.dataDir, 'record');
await rm(dataDir, { recursive: true, force: true });
// In the clear: a replay needs no key, and the stories hold nothing secret.
const config = {
  ...defaults,
  dataDir,
  port: 0,
  clockRate: DAYS_A_SECOND * 86_400,
  payloadKey: 'off',
  workflowBundle: path.resolve(dataDir, 'workflow-bundle.js'),
};
const bundle = await buildWorkflowBundle();
await mkdir(dataDir, { recursive: true });
await writeFile(config.workflowBundle, bundle);
const platform = await startPlatform(config, say);
try {
  await record(platform);
} finally {
  await platform.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function record(running: Platform): Promise<void> {
  const { apiUrl, firstAdminToken, temporalAddress } = running;
  if (firstAdminToken === null) throw new Error('a new platform has a first administrator');
  const warehouse = await openWarehouse(running);
  const signals = await openSignals(running);
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  try {
    const admin = callerOf(apiUrl, firstAdminToken);
    const people = await prepareOrganisation(admin, apiUrl, warehouse.connection);
    await mkdir(FOLDER, { recursive: true });
    const lives = [WINNER, LOSER].map(async (story) => {
      const owner = people.owner(story.owner);
      const thesisId = await launch(story, owner);
      const signalVote = story === WINNER ? signals.vote : null;
      const systems = { writeSales: warehouse.write(story), setOutage: warehouse.out };
      await live(story, thesisId, { owner, voters: people.voters, signalVote }, systems);
      const histories = await historiesOf(client, thesisId);
      for (const [index, history] of histories.entries()) {
        await keep(`${story.key}-${index + 1}.history`, History.encode(history).finish());
      }
    });
    await Promise.all(lives);
    await keep('workflow-bundle.js', Buffer.from(withoutSourceMap(bundle)));
  } finally {
    await Promise.all([warehouse.close(), signals.close(), connection.close()]);
  }
}

/** Histories carry the same contract and view again and again: compressed, they are a small part of their size. */
async function keep(name: string, encoded: Uint8Array): Promise<void> {
  const file = path.join(FOLDER, `${name}.gz`);
  const compressed = gzipSync(encoded, { level: 9 });
  await writeFile(file, compressed);
  say(`${path.relative(process.cwd(), file)}: ${compressed.length} bytes of ${encoded.length}`);
}

/** A map of nothing in the place of the inlined one, which would be three times the code; the SDK asks for one. */
function withoutSourceMap(code: string): string {
  const comment = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const map = JSON.stringify({
    version: 3,
    file: 'workflow-bundle.js',
    sources: [],
    names: [],
    mappings: '',
  });
  return `${code.slice(0, code.lastIndexOf(comment))}${comment}${Buffer.from(map).toString('base64')}\n`;
}
