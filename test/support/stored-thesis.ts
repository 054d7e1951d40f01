// Puts a thesis and its observations into the tables that finance's queries read, as the projection and the
// collection would have left them.
import type { Db } from '../../db/connect.ts';
import type { EvidenceGrade } from '../../domain/evidence.ts';
import type { Metric } from '../../domain/metric.ts';
import type { DecimalText } from '../../domain/money.ts';
import type { Stage } from '../../domain/stage.ts';
import type { SealedContract } from '../../domain/thesis.ts';
import { sampleContract } from './sample-contract.ts';

export interface StoredThesis {
  readonly thesisId: string;
  /** Stage, day entered and day left; a day is `09-01` of 2026. */
  readonly windows: readonly (readonly [stage: Stage, from: string, to: string | null])[];
  readonly contract?: Partial<SealedContract>;
  /** Thesis time counts from the start of the first window, at this rate. */
  readonly rate?: number;
}

export async function storeThesis(
  db: Db,
  { thesisId, windows, contract, rate = 1 }: StoredThesis,
): Promise<void> {
  const body = sampleContract(contract);
  const [first] = windows;
  const proposedAt = day(first?.[1] ?? '09-01');
  await db
    .insertInto('thesis')
    .values({
      thesis_id: thesisId,
      title: body.title,
      owner: 'lea',
      portfolio: body.portfolio,
      market: body.market,
      playbook: body.playbook.name,
      playbook_version: body.playbook.version,
      currency: body.currency,
      stage: windows.at(-1)?.[0] ?? 'detect',
      status: 'collecting',
      outcome: null,
      proposed_at: proposedAt,
      stage_since: proposedAt,
      clock_origin: proposedAt,
      clock_rate: rate,
      sequence: 1,
      view: '{}',
    })
    .execute();
  await sealContract(db, thesisId, body, proposedAt);
  await db
    .insertInto('stage_window')
    .values(
      windows.map(([stage, from, to], round) => ({
        thesis_id: thesisId,
        stage,
        round,
        entered_at: day(from),
        left_at: to === null ? null : day(to),
      })),
    )
    .execute();
}

export async function sealContract(
  db: Db,
  thesisId: string,
  body: SealedContract,
  at: string,
): Promise<void> {
  const { version, hash } = body;
  const row = { thesis_id: thesisId, version, hash, body: JSON.stringify(body), sealed_at: at };
  await db.insertInto('contract').values(row).execute();
}

export interface StoredObservation {
  readonly metric: Metric;
  /** The day that the figure is about. */
  readonly on: string;
  /** Null for a value that the source declared missing. */
  readonly sum: DecimalText | null;
  readonly source?: string;
  readonly rowKey?: string;
  readonly revision?: number;
  readonly currency?: string | null;
  readonly grade?: EvidenceGrade;
  readonly arm?: string;
  /** When it was known; the end of its day if absent. */
  readonly knownAt?: string;
}

const MONETARY = new Set<Metric>([
  'spend',
  'revenue',
  'product_cost',
  'fulfilment_cost',
  'payment_fees',
  'service_cost',
]);

export async function storeObservations(
  db: Db,
  thesisId: string,
  observations: readonly StoredObservation[],
): Promise<void> {
  const rows = observations.map(({ metric, on, sum, ...rest }) => ({
    thesis_id: thesisId,
    source: rest.source ?? 'push',
    row_key: rest.rowKey ?? `${metric}/${on}/${rest.arm ?? ''}`,
    revision: rest.revision ?? 1,
    metric,
    period_from: day(on),
    period_to: nextDay(on),
    arm: rest.arm ?? null,
    channel: null,
    market: null,
    n: null,
    sum,
    sum_squares: null,
    currency: rest.currency === undefined ? (MONETARY.has(metric) ? 'EUR' : null) : rest.currency,
    missing: sum === null ? 'no_access' : null,
    grade: rest.grade ?? 'attributed',
    finality: 'provisional',
    content_hash: Buffer.from('00', 'hex'),
    submission_id: null,
    known_at: rest.knownAt === undefined ? nextDay(on) : day(rest.knownAt),
  }));
  await db.insertInto('observation').values(rows).execute();
}

/** The start of a day of 2026 in UTC: `09-01`. */
export function day(monthAndDay: string): string {
  return `2026-${monthAndDay}T00:00:00.000Z`;
}

function nextDay(monthAndDay: string): string {
  return new Date(Date.parse(day(monthAndDay)) + 86_400_000).toISOString();
}
