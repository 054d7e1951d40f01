// Looks at this machine: the Node that runs, and the room left where the embedded services keep their data.

import { statfs } from 'node:fs/promises';
import { type Finding, fail, looking, ok, warn } from './finding.ts';

/** The major version of the `node` package that scripts run on. */
const NODE = 24;

const GIBIBYTE = 1024 ** 3;

export function judgeNode(version: string): Finding {
  const says = `${version} runs this`;
  if (Number.parseInt(version, 10) === NODE) return ok('Node', says);
  return warn('Node', says, `Use npm's scripts: they bring Node ${NODE}, on which Jalon is tested.`);
}

/** Of the folder of a platform that runs here. */
export async function lookAtDisk(dataDir: string): Promise<readonly Finding[]> {
  return await looking('Disk', `See whether ${dataDir} can be read.`, async () => {
    const { bavail, bsize } = await statfs(dataDir);
    const free = (bavail * bsize) / GIBIBYTE;
    const says = `${free.toFixed(1)} GiB free for ${dataDir}`;
    const todo = 'Make room: PostgreSQL stops when the disk is full.';
    if (free < 0.2) return [fail('Disk', says, todo)];
    return [free < 2 ? warn('Disk', says, todo) : ok('Disk', says)];
  });
}
