// The closing table of the demo, read from the API: what became of each thesis, what its test said, and what it cost
// and saved.

import { type ApiCaller, ApiError } from '../../cli/client.ts';
import type { Figure } from '../../domain/economics/figure.ts';
import type { IncrementalEconomics, IncrementalValue } from '../../domain/economics/incremental.ts';
import type { ExperimentReadOut } from '../../domain/experiment.ts';
import { type Money, rounded } from '../../domain/money.ts';
import type { GateStory, RetexDraft } from '../../domain/thesis/retex.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';

interface Economics {
  readonly total: { readonly figures: Readonly<Record<'cac' | 'ltvToCac' | 'cm3' | 'payback', Figure>> };
}

type Row = readonly [label: string, value: string];

export async function outcomeTable(caller: ApiCaller, thesisIds: readonly string[]): Promise<string> {
  const tables: string[] = [];
  for (const thesisId of thesisIds) {
    const thesis = await caller.get<ThesisView & { title: string }>(`/v1/theses/${thesisId}`);
    const { draft } = await caller.get<{ draft: RetexDraft }>(`/v1/theses/${thesisId}/retex`);
    const economics = await caller.get<Economics>(`/v1/theses/${thesisId}/unit-economics`);
    const rows = [
      ...rowsOfDecision(thesis, draft),
      ...rowsOfTest(await measured(caller, thesisId)),
      ...rowsOfMoney(draft, economics),
    ];
    tables.push(card(thesis.title, rows));
  }
  return tables.join('\n\n');
}

function card(title: string, rows: readonly Row[]): string {
  const lines = rows.map(([label, value]) => `  ${label.padEnd(28)}${value}`);
  return [title, '─'.repeat(title.length), ...lines].join('\n');
}

function rowsOfDecision({ outcome }: ThesisView, { stages, gates, proposedAt, endedAt }: RetexDraft): Row[] {
  const last = gates.at(-1);
  return [
    ['Stage reached', stages.at(-1)?.stage ?? 'detect'],
    ['Outcome', outcome ?? 'none'],
    [
      'Last decision',
      last === undefined ? 'none' : `${last.decision}, by ${last.by}, recommended ${last.recommendation}`,
    ],
    ['Reason', reasonOf(last)],
    ['Lived', `${proposedAt.slice(0, 10)} to ${endedAt.slice(0, 10)}`],
  ];
}

/** What the committee said; without a word from it, what the rules or the roll call say. */
function reasonOf(gate: GateStory | undefined): string {
  const said = gate?.votes.find(({ reason }) => reason !== null)?.reason;
  return said ?? gate?.reason ?? '';
}

interface Measured {
  readonly experiment: ExperimentReadOut | null;
  readonly incremental: IncrementalEconomics | null;
}

/** The last read-out of the measure stage; null for a thesis that never came so far. */
async function measured(caller: ApiCaller, thesisId: string): Promise<Measured | null> {
  try {
    return await caller.get<Measured>(`/v1/theses/${thesisId}/read-outs/latest?stage=measure`);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return null;
    throw error;
  }
}

/** Each metric of the test in the words of its read-out, and what the winning arm added. */
function rowsOfTest(read: Measured | null): Row[] {
  const sentences = (read?.experiment?.readings ?? []).map(
    ({ role, sentence }): Row => [role === 'guardrail' ? 'Guardrail of the test' : 'Test', sentence.en],
  );
  const added = (read?.incremental?.arms ?? []).flatMap(({ arm, conversions }): Row[] => {
    if ('notComputable' in conversions) return [];
    const { value, lower, upper } = conversions.shrunken;
    const range = `between ${countOf(lower)} and ${countOf(upper)}`;
    return [[`Added by ${arm}`, `${countOf(value)} conversions, allowing for luck (${range})`]];
  });
  return [...sentences, ...added];
}

function countOf(value: IncrementalValue | null): string {
  return value !== null && 'count' in value ? Number(value.count).toFixed(0) : 'unknown';
}

function rowsOfMoney(draft: RetexDraft, { total }: Economics): Row[] {
  const { cac, ltvToCac, cm3, payback } = total.figures;
  const saved = draft.moneyNotSpent;
  return [
    ['Spend', shownMoney(draft.spend)],
    ['CAC', shown(cac)],
    ['LTV:CAC', shown(ltvToCac)],
    ['Contribution margin', shown(cm3)],
    ['Payback', shown(payback)],
    ['Not spent thanks to kill', saved === null ? 'not killed' : shownMoney(saved.amount)],
  ];
}

function shown(figure: Figure): string {
  if ('notComputable' in figure) return `not computable: ${figure.notComputable.replaceAll('_', ' ')}`;
  const { value } = figure;
  if ('amount' in value) return shownMoney(value);
  return 'ratio' in value ? Number(value.ratio).toFixed(2) : `${Number(value.months).toFixed(1)} months`;
}

function shownMoney(value: Money): string {
  return `${rounded(value).amount} ${value.currency}`;
}
