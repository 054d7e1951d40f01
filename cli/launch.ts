// `jalon launch <file>`: proposes the thesis that a YAML file describes. Its Idempotency-Key is the SHA-256 of what the
// file says, whatever its comments and layout: the same launch by the same member happens once, however often it is
// run; one changed letter makes another thesis.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { canonical } from '../domain/canonical.ts';
import type { ContractAnswer, Receipt } from './answers.ts';
import { type ApiCaller, ApiError } from './client.ts';
import { type Fault, type LaunchFile, readLaunch } from './launch-file.ts';
import { type Common, reach } from './reach.ts';
import { say, sayJson } from './terminal.ts';
import { Unable } from './unable.ts';
import { RUN } from './words.ts';

interface Options extends Common {
  readonly dryRun?: boolean;
  readonly again?: string;
}

export function addLaunch(program: Command): void {
  program
    .command('launch')
    .description(
      'launch the thesis that a YAML file describes; the same file again within 30 days launches nothing',
    )
    .argument('<file>', 'such as docs/examples/thesis.yaml')
    .option('--dry-run', 'only say whether it could be launched, and the hash of its contract')
    .option('--again <word>', 'launch the same once more, as another thesis: once for each word')
    .action(async (file: string, _options: object, command: Command) =>
      launch(file, command.optsWithGlobals<Options>()),
    );
}

async function launch(file: string, options: Options): Promise<void> {
  const read = readLaunch(await textOf(file));
  if ('length' in read) throw unusable(file, read);
  const { caller } = await reach(options);
  try {
    if (options.dryRun === true) await check(caller, read, options);
    else await propose(caller, read, options);
  } catch (error) {
    throw located(file, read, error);
  }
}

async function check(caller: ApiCaller, { body }: LaunchFile, { json }: Options): Promise<void> {
  const sealed = await caller.post<ContractAnswer>('/v1/launch-checks', body);
  if (json === true) return sayJson(sealed);
  const { name, version } = sealed.contract.playbook;
  say(`It can be launched, under the playbook ${name} ${version}. Nothing was.\nContract ${sealed.hash}`);
}

async function propose(
  caller: ApiCaller,
  { body }: LaunchFile,
  { again = '', json }: Options,
): Promise<void> {
  const text = canonical(body);
  const key = `launch-${createHash('sha256').update(`${again}\n${text}`).digest('hex')}`;
  const { answer, replayed } = await caller.postOnce<Receipt>('/v1/theses', text, key);
  if (json === true) return sayJson({ ...answer, replayed });
  const { thesisId } = answer;
  say(
    replayed
      ? `Launched before, as ${thesisId}: nothing was done now. Another one like it takes --again <word>.`
      : `Launched: ${thesisId}\nSee it with \`${RUN} show ${thesisId}\`.`,
  );
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Unable(
      `${file} cannot be read: ${error.code}.`,
      'docs/examples/thesis.yaml is one to begin with.',
    );
  });
}

/** What the API finds wrong with fields, at the lines of the file. */
function located(file: string, read: LaunchFile, error: unknown): unknown {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  if (errors.length === 0) return error;
  return unusable(
    file,
    errors.map(({ path, message }) => read.locate(path, message)),
  );
}

function unusable(file: string, faults: readonly Fault[]): Unable {
  const lines = faults
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ line, column, path, message }) =>
        `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
    );
  const todo = 'Nothing was launched. Correct the file; --dry-run tries it.';
  return new Unable([`${file} is not a launch.`, ...lines].join('\n'), todo);
}
