// `jalon vote <gate> <ballot>`: shows the evidence that the vote is about, asks, and votes on exactly that. A vote may
// be changed until the gate closes, so that each run is a vote of its own.

import { createInterface } from 'node:readline/promises';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { BALLOTS } from '../domain/gate.ts';
import type { GateFile, Receipt, ThesisAnswer } from './answers.ts';
import { dossier, standing } from './dossier.ts';
import { type Common, reach } from './reach.ts';
import { say, sayJson } from './terminal.ts';
import { MISUSED, Unable } from './unable.ts';

interface Options extends Common {
  readonly reason?: string;
  readonly probability?: number;
  readonly holdUntil?: string;
  readonly condition?: readonly Condition[];
  readonly evidence?: string;
  readonly yes?: boolean;
}

interface Condition {
  readonly owner: string;
  readonly due: string;
  readonly text: string;
}

export function addVote(program: Command): void {
  program
    .command('vote')
    .description('show the evidence of a gate and vote on it')
    .argument('<gate>', 'its id, as `show` names it')
    .addArgument(new Argument('<ballot>').choices(BALLOTS))
    .option('--reason <text>', 'mandatory for kill, refine, hold, and against the recommendation')
    .option('--probability <number>', 'that the thesis succeeds, 0 to 1; scored at retex', probability)
    .option('--hold-until <instant>', 'for hold: ISO date and time with a zone')
    .option(
      '--condition <words>',
      'for advance_with_conditions: `owner instant text`; may be repeated',
      condition,
    )
    .option('--evidence <hash>', 'refuse to vote when the gate shows other evidence than this')
    .option('-y, --yes', 'do not ask')
    .action(async (gateId: string, ballot: string, _options: object, command: Command) =>
      vote(gateId, ballot, command.optsWithGlobals<Options>()),
    );
}

async function vote(gateId: string, ballot: string, options: Options): Promise<void> {
  const { caller } = await reach(options);
  const address = `/v1/gates/${encodeURIComponent(gateId)}`;
  const gate = await caller.get<GateFile>(address);
  if (gate.evidenceHash === '') {
    throw new Unable(
      'The evidence of this gate is being frozen anew.',
      'Vote in a moment. Nothing was voted.',
    );
  }
  if (options.evidence !== undefined && options.evidence !== gate.evidenceHash) {
    throw new Unable(
      `The gate shows other evidence now: ${gate.evidenceHash}.`,
      'Nothing was voted. Without --evidence the vote shows what it is about, and asks.',
    );
  }
  if (options.json !== true) {
    say(dossier(gate, await caller.get<ThesisAnswer>(`/v1/theses/${gate.thesisId}`)));
  }
  if (options.yes !== true) await confirm(ballot, options);
  const { reason = null, probability: chance = null, holdUntil = null, condition: conditions = [] } = options;
  const { evidenceHash } = gate;
  const body = { evidenceHash, ballot, reason, probability: chance, holdUntil, conditions };
  const receipt = await caller.put<Receipt>(`${address}/votes/me`, body);
  if (options.json === true) return sayJson({ ...receipt, evidenceHash });
  say(`Voted ${ballot}, event ${receipt.sequence} of the thesis.`);
  say(standing(await caller.get<GateFile>(address)));
}

async function confirm(ballot: string, { json }: Options): Promise<void> {
  if (json === true || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Unable(
      'Nobody is there to confirm the vote.',
      'Say --yes to vote without being asked.',
      MISUSED,
    );
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question(`Vote ${ballot} on this evidence? [y/N] `);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Unable('Not voted.', '');
}

function probability(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It is a number from 0 to 1.');
  return value;
}

function condition(text: string, before: readonly Condition[] = []): Condition[] {
  const [, owner, due, words] = /^(\S+)\s+(\S+)\s+(.+)$/s.exec(text) ?? [];
  if (owner === undefined || due === undefined || words === undefined) {
    throw new InvalidArgumentError(
      'It is `owner instant text`, as in "claire 2026-12-31T17:00:00Z The margin holds".',
    );
  }
  return [...before, { owner, due, text: words }];
}
