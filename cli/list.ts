// `jalon list`: the theses, newest first, as a table that fits.

import { type Command, Option } from 'commander';
import { STAGES } from '../domain/stage.ts';
import { thesisTime } from '../domain/thesis/clock.ts';
import { STATUSES } from '../domain/thesis.ts';
import type { ThesisAnswer } from './answers.ts';
import { everyItem } from './client.ts';
import { type Common, reach } from './reach.ts';
import { type Column, table } from './table.ts';
import { say, sayJson, terminalWidth } from './terminal.ts';
import { distance, spoken } from './words.ts';

interface Options extends Common {
  readonly stage?: string;
  readonly status?: string;
  readonly owner?: string;
  readonly portfolio?: string;
  readonly needsAttention?: boolean;
}

export function addList(program: Command): void {
  program
    .command('list')
    .description('list theses, newest first')
    .addOption(new Option('--stage <stage>', 'only those in this stage').choices(STAGES))
    .addOption(new Option('--status <status>', 'only those with this status').choices(STATUSES))
    .option('--owner <member>', 'only those of this member')
    .option('--portfolio <name>', 'only those of this portfolio')
    .option('--needs-attention', 'only those that something keeps from going on')
    .action(async (_options: object, command: Command) => list(command.optsWithGlobals<Options>()));
}

async function list(options: Options): Promise<void> {
  const { caller } = await reach(options);
  const theses: ThesisAnswer[] = [];
  for await (const one of everyItem<ThesisAnswer>(caller, `/v1/theses?${queryOf(options)}`)) theses.push(one);
  if (options.json === true) return sayJson(theses);
  if (theses.length === 0) return say('No thesis fits.');
  say(table(COLUMNS, theses.map(rowOf), terminalWidth()));
}

function queryOf({ stage, status, owner, portfolio, needsAttention }: Options): URLSearchParams {
  const filter = { stage, status, owner, portfolio, ...(needsAttention ? { needsAttention: 'true' } : {}) };
  const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given);
}

const COLUMNS: readonly Column[] = [
  { title: 'THESIS' },
  { title: 'TITLE', yields: 'cut' },
  { title: 'OWNER', yields: 'cut' },
  { title: 'STAGE' },
  { title: 'STATUS', style: (cell: string) => (cell.endsWith('!') ? 'red' : 'reset') },
  { title: 'WAITS FOR', yields: 'cut' },
  { title: 'NEXT DATE' },
];

function rowOf(thesis: ThesisAnswer): string[] {
  const { thesisId, title, owner, stage, status, waiting, attention, clock, outcome } = thesis;
  const now = thesisTime(clock, Date.now());
  return [
    thesisId,
    title,
    owner,
    stage,
    `${outcome ?? spoken(status)}${attention.length > 0 ? ' !' : ''}`,
    waiting.for === 'nothing' ? '' : [waiting.for, ...waiting.who].join(' '),
    waiting.until === null ? '' : distance(waiting.until, now),
  ];
}
