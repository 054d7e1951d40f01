// `jalon export`: unit economics, timelines and learnings as files for other programs. A file is written beside its
// place and put there when it is whole, so that nobody ever reads half of one.

import { open, rename, rm } from 'node:fs/promises';
import { Argument, type Command, Option } from 'commander';
import type { JournalEvent, ThesisAnswer } from './answers.ts';
import { type ApiCaller, ApiError, everyItem } from './client.ts';
import { type Common, reach } from './reach.ts';
import { say, sayJson } from './terminal.ts';
import { MISUSED, Unable } from './unable.ts';

interface Options extends Common {
  readonly thesis?: string;
  readonly format?: 'json' | 'csv';
  readonly out: string;
}

type Subject = 'unit-economics' | 'timelines' | 'learnings';

/** Many requests in a row: a limit of the API, or a restart, is waited for. */
const PATIENCE_MS = 120_000;

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write unit economics (CSV), timelines or learnings (one JSON object a line) to a file')
    .addArgument(
      new Argument('<what>').choices(['unit-economics', 'timelines', 'learnings'] satisfies Subject[]),
    )
    .option('--thesis <thesis>', 'of this one only; absent: of all')
    .addOption(new Option('--format <format>', 'json is one object a line').choices(['json', 'csv']))
    .requiredOption('--out <file>', 'file to write; one that is there is replaced')
    .action(async (what: Subject, _options: object, command: Command) =>
      exportTo(what, command.optsWithGlobals<Options>()),
    );
}

async function exportTo(what: Subject, options: Options): Promise<void> {
  const { format = what === 'unit-economics' ? 'csv' : 'json', thesis, out } = options;
  if (format === 'csv' && what !== 'unit-economics') {
    throw new Unable(
      'Only unit economics are tables.',
      'Leave --format away, or say --format json.',
      MISUSED,
    );
  }
  const { caller } = await reach(options, PATIENCE_MS);
  const theses = thesis === undefined ? everyId(caller) : [thesis];
  const lines = format === 'csv' ? economicsTable(caller, theses) : objectsOf(what, caller, theses);
  const written = await writeWhole(out, lines);
  if (options.json === true) return sayJson({ file: out, format, lines: written });
  say(`${out}: ${written} ${format === 'csv' ? 'lines, its heading among them' : 'objects, one a line'}.`);
}

type Theses = AsyncIterable<string> | Iterable<string>;

async function* everyId(caller: ApiCaller): AsyncGenerator<string> {
  for await (const { thesisId } of everyItem<ThesisAnswer>(caller, '/v1/theses')) yield thesisId;
}

/** One table of all: the heading once, and before each row its thesis. No cell of it holds a line break. */
async function* economicsTable(caller: ApiCaller, theses: Theses): AsyncGenerator<string> {
  let begun = false;
  for await (const thesisId of theses) {
    const text = await caller.text(`${addressOf(thesisId)}/unit-economics?format=csv`);
    const [heading, ...rows] = text.trimEnd().split('\r\n');
    if (!begun) yield `thesis,${heading}\r\n`;
    begun = true;
    for (const row of rows) yield `${thesisId},${row}\r\n`;
  }
}

async function* objectsOf(what: Subject, caller: ApiCaller, theses: Theses): AsyncGenerator<string> {
  for await (const thesisId of theses) {
    for await (const one of OBJECTS[what](caller, thesisId)) yield `${JSON.stringify(one)}\n`;
  }
}

const OBJECTS: Record<Subject, (caller: ApiCaller, thesisId: string) => AsyncGenerator<object>> = {
  async *'unit-economics'(caller, thesisId) {
    yield await caller.get<object>(`${addressOf(thesisId)}/unit-economics?format=json`);
  },
  async *timelines(caller, thesisId) {
    for await (const event of everyItem<JournalEvent>(caller, `${addressOf(thesisId)}/timeline`)) {
      yield { thesisId, ...event };
    }
  },
  async *learnings(caller, thesisId) {
    const retex = await retexOf(caller, thesisId);
    if (retex !== null) yield { thesisId, ...retex };
  },
};

/** Null for a thesis that has not come to its retex. */
async function retexOf(caller: ApiCaller, thesisId: string): Promise<object | null> {
  try {
    return await caller.get<object>(`${addressOf(thesisId)}/retex`);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_in_this_stage') return null;
    throw error;
  }
}

function addressOf(thesisId: string): string {
  return `/v1/theses/${encodeURIComponent(thesisId)}`;
}

async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<number> {
  const unfinished = `${file}.${process.pid}.part`;
  const handle = await open(unfinished, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw new Unable(
      `${file} cannot be written: ${error.code}.`,
      'Name a file in a folder that you may write to.',
    );
  });
  try {
    let written = 0;
    for await (const line of lines) {
      await handle.write(line);
      written += 1;
    }
    await handle.sync();
    await rename(unfinished, file);
    return written;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
