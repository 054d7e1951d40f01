// `jalon doctor`: looks at everything that Jalon needs, and says what to do where something is wrong. Changes nothing.
// A composition root: it reaches PostgreSQL and Temporal by itself, as the API may be what is broken.

import { Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { BadConfig, type Config, payloadKeysOf, readConfig } from '../config.ts';
import { connect } from '../db/connect.ts';
import { databaseFacts, troubleFacts } from '../db/inspection.ts';
import { temporalFacts } from '../worker/inspection.ts';
import { dataConverterOf } from '../worker/payload-codec.ts';
import { temporalConnection } from '../worker/temporal-connection.ts';
import { type Finding, fail, looking, ok, warn } from './doctor/finding.ts';
import { judgeNode, lookAtDisk } from './doctor/machine.ts';
import { judgeDatabase, judgeTrouble } from './doctor/postgresql.ts';
import { lookAtApi, lookAtKey, lookAtWorker } from './doctor/processes.ts';
import { judgeTemporal } from './doctor/temporal.ts';
import { apiUrlOf, type Common, keyOf } from './reach.ts';
import { databaseUrlOf, keptSecretKey, type RunningPlatform, runningPlatform } from './running.ts';
import { facts, paint, say, sayJson, terminalWidth } from './terminal.ts';
import { DONE, FAILED } from './unable.ts';

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export async function doctor(options: Common): Promise<void> {
  const findings = await examine(options);
  if (options.json === true) sayJson(findings);
  else {
    const lines = findings.map(({ check, state, says, todo }) => {
      const word = paint(STYLES[state], state.padEnd(4));
      return [`${word}  ${check}`, todo === '' ? says : `${says}\n${todo}`] as const;
    });
    say(facts(lines, terminalWidth()));
  }
  process.exitCode = findings.some(({ state }) => state === 'fail') ? FAILED : DONE;
}

async function examine(options: Common): Promise<readonly Finding[]> {
  const node = judgeNode(process.versions.node);
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    return [node, fail('Configuration', error.message, 'Correct these keys; .env.example explains them.')];
  }
  const running = await runningPlatform(config.dataDir);
  const where = running === null ? '' : `, the embedded platform in ${config.dataDir}`;
  const apiUrl = await apiUrlOf(config, options.api);
  const workerPort = config.workerPort;
  const workerUrl = workerPort === null ? running?.workerUrl : `http://${config.host}:${workerPort}`;
  const looks = await Promise.all([
    lookAtDatabase(config, apiUrl),
    lookAtTemporal(config, running, apiUrl),
    lookAtApi(apiUrl),
    lookAtKey(apiUrl, () => keyOf(config)),
    lookAtWorker(workerUrl ?? null),
    running === null ? [] : lookAtDisk(config.dataDir),
  ]);
  return [node, ok('Configuration', `can be used${where}`), ...looks.flat()];
}

async function lookAtDatabase(config: Config, apiUrl: string | null): Promise<readonly Finding[]> {
  const url = await databaseUrlOf(config);
  if (url === null) return [unnamed('PostgreSQL', 'DATABASE_URL', apiUrl)];
  const todo = 'Start PostgreSQL, or correct DATABASE_URL.';
  return await looking('PostgreSQL', todo, async () => {
    const db = connect(url, { poolSize: 1, name: 'jalon-doctor' });
    try {
      // The first question pays for the connection.
      await databaseFacts(db);
      const asked = Date.now();
      const found = await databaseFacts(db);
      const judged = judgeDatabase(found, { asked, answered: Date.now() });
      return found.pending.length > 0 ? judged : [...judged, ...judgeTrouble(await troubleFacts(db))];
    } finally {
      await db.destroy();
    }
  });
}

async function lookAtTemporal(
  config: Config,
  running: RunningPlatform | null,
  apiUrl: string | null,
): Promise<readonly Finding[]> {
  const ours = config.temporalAddress === null && running !== null;
  const { temporalVariables, temporalNamespace: namespace } = config;
  const reaching = ours
    ? { temporalAddress: running.temporalAddress, temporalVariables: {} }
    : { temporalAddress: config.temporalAddress, temporalVariables };
  if (reaching.temporalAddress === null) return [unnamed('Temporal', 'TEMPORAL_ADDRESS', apiUrl)];
  const todo = 'Start Temporal, or correct TEMPORAL_ADDRESS and its TLS and key variables.';
  return await looking('Temporal', todo, async () => {
    const codec = await codecOf(config);
    const connection = await Connection.connect({ ...temporalConnection(reaching), connectTimeout: '5s' });
    try {
      const found = await connection.withDeadline(Date.now() + 10_000, () =>
        temporalFacts(connection, namespace, codec),
      );
      return judgeTemporal(found, namespace, Date.now());
    } finally {
      await connection.close();
    }
  });
}

/** What opens payloads here; null when there is no key, or payloads are in the clear. */
async function codecOf({ secretKey, payloadKey, dataDir }: Config): Promise<PayloadCodec | null> {
  const key = secretKey ?? (await keptSecretKey(dataDir));
  if (key === null && payloadKey === null) return null;
  return dataConverterOf(payloadKeysOf(payloadKey, key ?? ''))?.payloadCodecs?.[0] ?? null;
}

/** Somebody who names an API only may have no business with what stands behind it. */
function unnamed(check: string, key: string, apiUrl: string | null): Finding {
  const todo = `Set ${key}, or run \`npm start\`.`;
  return apiUrl === null ? fail(check, 'nothing says where it is', todo) : warn(check, 'not looked at', todo);
}
