// Makes of the Dockerfile what an engine would: the files it copies, the commands it runs, stage by stage, in folders of
// this machine. A file that is missing in the image is missing here too. What it does not understand is an error.

import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../command.ts';
import { type Log, machineEnvironment } from '../machine.ts';

const RUN_WITHIN_MS = 5 * 60_000;

/** Would empty the cache of this machine's user, not the image's. */
const LEFT_OUT = /\s*&&\s*npm cache clean --force/;

interface Stage {
  /** Stands for `/` in it. */
  readonly root: string;
  readonly env: Record<string, string>;
  base: string;
  workdir: string;
}

export interface Image {
  /** What stands for the image's working directory. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The image that the last stage began with, such as `node:24.21.0-bookworm-slim`. */
  readonly base: string;
  readonly leftOut: readonly string[];
}

/** Builds the image's last stage from the files of `context`, under `folder`. */
export async function buildImage(context: string, folder: string, log: Log): Promise<Image> {
  const text = await readFile(path.join(context, 'Dockerfile'), 'utf8');
  const stages = new Map<string, Stage>();
  const leftOut: string[] = [];
  let stage: Stage | undefined;
  for (const [instruction, rest] of instructionsOf(text)) {
    if (instruction === 'FROM') {
      stage = await beginStage(rest, stages, folder);
      continue;
    }
    if (stage === undefined) throw new Error(`the Dockerfile has ${instruction} before FROM`);
    switch (instruction) {
      case 'WORKDIR':
        stage.workdir = rest;
        await mkdir(inside(stage, '.'), { recursive: true });
        break;
      case 'ENV':
        Object.assign(stage.env, environmentOf(rest, stage));
        break;
      case 'COPY':
        await copy(rest, stage, stages, context);
        break;
      case 'RUN':
        if (LEFT_OUT.test(rest)) leftOut.push(rest.match(LEFT_OUT)?.[0].replace(/^\s*&&\s*/, '') ?? '');
        await run(rest.replace(LEFT_OUT, ''), stage, log);
        break;
      case 'USER':
      case 'EXPOSE':
      case 'CMD':
        break;
      default:
        throw new Error(`the Dockerfile has ${instruction}, which local/production/image.ts does not know`);
    }
  }
  if (stage === undefined) throw new Error('the Dockerfile is empty');
  return { folder: inside(stage, '.'), env: stage.env, base: stage.base, leftOut };
}

function instructionsOf(text: string): [string, string][] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => [line.split(/\s/, 1)[0] ?? '', line.replace(/^\S+\s+/, '')]);
}

async function beginStage(rest: string, stages: Map<string, Stage>, folder: string): Promise<Stage> {
  const [, from = '', name = 'last'] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
  const before = stages.get(from);
  const root = path.join(folder, name);
  await mkdir(root, { recursive: true });
  if (before !== undefined) await cp(before.root, root, { recursive: true, verbatimSymlinks: true });
  const stage: Stage =
    before === undefined
      ? { root, env: {}, base: from, workdir: '/' }
      : { ...before, root, env: { ...before.env } };
  stages.set(name, stage);
  return stage;
}

/** A path of the stage, on this machine. */
function inside({ root, workdir }: Stage, target: string): string {
  return path.join(root, path.resolve(workdir, target));
}

/** `KEY=value KEY=value`; a value that is a path of the image becomes one of this machine. */
function environmentOf(rest: string, stage: Stage): Record<string, string> {
  const pairs = [...rest.matchAll(/([A-Z_][A-Z0-9_]*)=("[^"]*"|\S+)/g)];
  return Object.fromEntries(
    pairs.map(([, key = '', value = '']) => {
      const bare = value.replaceAll('"', '');
      return [key, bare.startsWith('/') ? inside(stage, bare) : bare];
    }),
  );
}

async function copy(rest: string, stage: Stage, stages: Map<string, Stage>, context: string): Promise<void> {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  const source = from === undefined ? null : stages.get(from);
  if (source === undefined) throw new Error(`the Dockerfile copies from ${from}, which is no stage`);
  const target = words.pop() ?? '.';
  for (const word of words) {
    const origin = source === null ? path.join(context, word) : inside(source, word);
    const isFolder = (await stat(origin)).isDirectory();
    const intoFolder = !isFolder && (words.length > 1 || /(^|\/)\.?$/.test(target));
    const place = inside(stage, intoFolder ? path.join(target, path.basename(word)) : target);
    await cp(origin, place, { recursive: true, verbatimSymlinks: true });
  }
}

async function run(command: string, stage: Stage, log: Log): Promise<void> {
  log(`Dockerfile: ${command}`);
  await runCommand({
    command: '/bin/sh',
    args: ['-euc', command],
    // What npm tells the scripts that it runs would lead an npm inside of them to our own folder.
    without: /^(npm_(package|lifecycle)_|npm_config_(local_)?prefix$|INIT_CWD$|NODE_ENV$)/,
    env: {
      ...stage.env,
      PATH: [path.dirname(process.execPath), machineEnvironment().PATH].join(path.delimiter),
      npm_config_prefer_offline: 'true',
    },
    cwd: inside(stage, '.'),
    timeoutMs: RUN_WITHIN_MS,
    progress: log,
    label: 'Building the image',
  });
}
