// `jalon show <thesis>`: where it is, why it waits and for whom, what was read out, and what comes next.

import type { Command } from 'commander';
import { thesisTime } from '../domain/thesis/clock.ts';
import type { ReadOutDigest } from '../domain/thesis.ts';
import type { GateFile, ThesisAnswer } from './answers.ts';
import { type Common, reach } from './reach.ts';
import { type Column, table } from './table.ts';
import { type Fact, facts, paint, plain, say, sayJson, terminalWidth } from './terminal.ts';
import { moment, shortly, shownFigure, shownMoney, spoken, styleOfState } from './words.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .description('show a thesis: its state, what it waits for and for whom, criteria, sources, spend')
    .argument('<thesis>', 'its id, as `list` shows it')
    .action(async (id: string, _options: object, command: Command) =>
      show(id, command.optsWithGlobals<Common>()),
    );
}

async function show(id: string, options: Common): Promise<void> {
  const { caller } = await reach(options);
  const thesis = await caller.get<ThesisAnswer>(`/v1/theses/${encodeURIComponent(id)}`);
  const gate = thesis.gateId === null ? null : await caller.get<GateFile>(`/v1/gates/${thesis.gateId}`);
  if (options.json === true) return sayJson({ ...thesis, gate });
  const width = terminalWidth();
  const now = thesisTime(thesis.clock, Date.now());
  const parts = [
    `${paint('bold', plain(thesis.title))}\n${facts(stateOf(thesis, gate, now), width)}`,
    ...(thesis.lastReadOut === null ? [] : [readOutIn(thesis.lastReadOut, width)]),
    ...(thesis.sources.length === 0 ? [] : [sourcesIn(thesis, width)]),
    ...(thesis.attention.length === 0 ? [] : [attentionIn(thesis, width)]),
  ];
  say(parts.join('\n\n'));
}

function stateOf(thesis: ThesisAnswer, gate: GateFile | null, now: string): Fact[] {
  const { waiting, advice, clock, conditions, ramp, lastReadOut, playbook } = thesis;
  const silence = waiting.onSilence === null ? '' : `; silence means ${waiting.onSilence}`;
  const whom = waiting.who.length === 0 ? '' : ` Of: ${waiting.who.join(', ')}.`;
  const cause = waiting.for === 'nothing' ? '' : `${waiting.for}. `;
  const round = thesis.round > 1 ? `, round ${thesis.round}` : '';
  return [
    ['Thesis', thesis.thesisId],
    ['Owner', `${thesis.owner}; ${thesis.portfolio}, ${thesis.market}`],
    ['Playbook', `${playbook.name} ${playbook.version}, contract ${thesis.contractVersion}`],
    ['Stage', `${thesis.stage}${round}, since ${moment(thesis.stageSince, now)}`],
    ['Status', thesis.outcome ?? spoken(thesis.status)],
    ['Waits for', `${cause}${waiting.sentence}${whom}`],
    ['Next date', waiting.until === null ? 'none' : `${moment(waiting.until, now)}${silence}`],
    ['Gate', gate === null ? null : wordsOfGate(gate)],
    ['Advice', advice === null ? null : [advice.decision, ...advice.reasons].join('\n')],
    ['Ramp', ramp === null ? null : `step ${ramp.step} of ${ramp.of}, ${shownMoney(ramp.budget)}`],
    ...conditions.map(
      ({ owner, due, text }) => ['Condition', `${text} (${owner}, by ${shortly(due)} UTC)`] as const,
    ),
    ['Spend', lastReadOut === null ? null : shownMoney(lastReadOut.spend)],
    ['Clock', clock.rate === 1 ? null : `${clock.rate} times as fast as real time`],
  ];
}

function wordsOfGate({ gateId, recommendation, quorum, blocked }: GateFile): string {
  const votes = quorum === null ? '' : `; ${quorum.reached} of ${quorum.needed} votes of the quorum`;
  return `${gateId}: ${recommendation} is recommended${votes}${blocked === null ? '' : `\n${blocked}`}`;
}

/** Criteria with their numbers, as a table and a reason each. */
export function readOutIn({ at, criteria, missingEvidence }: ReadOutDigest, width: number | null): string {
  const columns: Column[] = [
    { title: 'STATE', style: styleOfState },
    { title: 'CRITERION' },
    { title: 'OBSERVED' },
    { title: 'BOUND' },
    { title: 'SAMPLE' },
    { title: 'WHY', yields: 'wrap' },
  ];
  const rows = criteria.map(({ id, state, observed, bound, sample, reason }) => [
    spoken(state),
    id,
    observed === null ? '' : shownFigure(observed),
    bound ?? '',
    String(sample),
    reason,
  ]);
  const missing =
    missingEvidence.length === 0 ? '' : `\nRequired and not there yet: ${missingEvidence.join(', ')}.`;
  return `${paint('bold', `Read out ${shortly(at)} UTC`)}\n${table(columns, rows, width)}${missing}`;
}

function sourcesIn({ sources }: ThesisAnswer, width: number | null): string {
  const columns: Column[] = [
    { title: 'STATE', style: styleOfState },
    { title: 'SOURCE' },
    { title: 'KNOWN UP TO' },
    { title: 'WHY', yields: 'wrap' },
  ];
  const rows = sources.map(({ source, state, required, watermark, reason }) => [
    state,
    required ? source : `${source} (optional)`,
    watermark === null ? 'nothing yet' : shortly(watermark),
    reason ?? '',
  ]);
  return `${paint('bold', 'Sources')}\n${table(columns, rows, width)}`;
}

function attentionIn({ attention }: ThesisAnswer, width: number | null): string {
  const entries = attention.flatMap(
    ({ title, subject, detail, hint, since, attempts }): [string, string][] => [
      ['What', `${title}${subject === '' ? '' : `: ${subject}`}`],
      ['Since', `${shortly(since)} UTC, ${attempts} attempts`],
      ['Detail', detail],
      ['To do', hint],
    ],
  );
  return `${paint(['bold', 'red'], 'Needs attention')}\n${facts(entries, width)}`;
}
