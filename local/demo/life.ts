// Lives one story through the public API: pushes each day's figures, submits interviews, lets the committee vote, and
// completes the retex. Everything it knows it reads back from the API; it may be killed and begun again.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiCaller, ApiError } from '../../cli/client.ts';
import { DAY, epoch, instant } from '../../domain/duration.ts';
import { isGated } from '../../domain/stage.ts';
import { type ThesisClock, thesisTime } from '../../domain/thesis/clock.ts';
import type { ThesisView } from '../../domain/thesis/view.ts';
import type { DayInLife, Story, WarehouseDay } from './story.ts';

export interface People {
  /** The callers of the committee's members. */
  readonly voters: readonly ApiCaller[];
  readonly owner: ApiCaller;
  /** Votes as a signal, the way a chat bot or Temporal's own command line would; null: everybody uses the API. */
  readonly signalVote: SignalVote | null;
}

export type SignalVote = (thesisId: string, vote: object) => Promise<void>;

/** Where a story's sales are written, as the customer's own systems would. */
export type WriteSales = (day: string, sales: WarehouseDay) => Promise<void>;

/** The customer's own systems: they take sales, and they fail at times. */
export interface Systems {
  readonly writeSales: WriteSales;
  readonly setOutage: (isOut: boolean) => Promise<void>;
}

interface ShownThesis extends Omit<ThesisView, 'gate'> {
  readonly thesisId: string;
  readonly clock: ThesisClock;
  readonly gateId: string | null;
}

interface ShownGate {
  readonly evidenceHash: string;
  readonly recommendation: string;
  readonly waitsFor: readonly string[];
}

const LOOK_EVERY_MS = 250;

/** Proposes the story's thesis and returns its id. */
export async function launch(story: Story, owner: ApiCaller): Promise<string> {
  const { thesisId } = await owner.post<{ thesisId: string }>('/v1/theses', story.launch);
  return thesisId;
}

/** Lives the thesis until it is closed. */
export async function live(story: Story, thesisId: string, people: People, systems: Systems): Promise<void> {
  let lived = { chapter: '', days: 0 };
  for (;;) {
    const thesis = await people.owner.get<ShownThesis>(`/v1/theses/${thesisId}`);
    if (thesis.status === 'closed') return;
    if (thesis.stage === 'retex') await completeRetex(story, thesis, people.owner);
    else if (thesis.hold?.until === null) await withdraw(thesis, people.owner);
    else {
      const chapter = `${thesis.stage}/${thesis.round}`;
      if (chapter !== lived.chapter) lived = { chapter, days: 0 };
      lived = { chapter, days: await liveDays(story, thesis, lived.days, people.owner, systems) };
      if (thesis.gateId !== null) await vote(story, thesis, thesis.gateId, people);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Sends the figures of every thesis day that has ended since the last look, and returns how many days were lived. */
async function liveDays(
  story: Story,
  thesis: ShownThesis,
  lived: number,
  owner: ApiCaller,
  systems: Systems,
): Promise<number> {
  const { stage, round, stageSince, ramp } = thesis;
  if (!isGated(stage)) return lived;
  const now = epoch(thesisTime(thesis.clock, Date.now()));
  const ended = Math.floor((now - epoch(stageSince)) / DAY);
  for (let day = lived; day < ended; day += 1) {
    const moment: DayInLife = { stage, round, day, rampStep: (ramp?.step ?? 1) - 1 };
    await liveDay(story, thesis, moment, owner, systems);
  }
  return ended;
}

async function liveDay(
  story: Story,
  { thesisId, stageSince }: ShownThesis,
  moment: DayInLife,
  owner: ApiCaller,
  systems: Systems,
): Promise<void> {
  const from = instant(epoch(stageSince) + moment.day * DAY);
  const to = instant(epoch(stageSince) + (moment.day + 1) * DAY);
  const sales = story.warehouse?.(moment) ?? null;
  if (sales !== null) await systems.writeSales(from, sales);
  if (story.warehouse !== null) await systems.setOutage(story.outage(moment));
  const rows = story.pushed(moment).map((figure) => ({
    rowKey: [from, figure.metric, figure.arm ?? '', figure.channel ?? ''].join('|'),
    ...texts(figure),
    from,
    to,
    grade: figure.arm === undefined ? 'attributed' : 'randomised',
  }));
  if (rows.length > 0)
    await push(owner, `/v1/observations?thesis=${thesisId}&source=${sourceOf(story)}`, rows);
  const interviews = story.interviews(moment);
  if (interviews !== null) {
    await owner.post(`/v1/theses/${thesisId}/evidence`, {
      method: interviews.method,
      notes: interviews.notes,
      observations: [
        { metric: 'interviews', from, to, sum: String(interviews.held) },
        { metric: 'interviews_with_need', from, to, sum: String(interviews.withNeed) },
      ],
    });
  }
}

/** Sends rows, all of which the story means to be accepted. */
async function push(owner: ApiCaller, path: string, rows: readonly object[]): Promise<void> {
  const { rejected, errors } = await owner.stream<{ rejected: number; errors: object[] }>(path, rows);
  if (rejected > 0) throw new Error(`${rejected} rows were rejected: ${JSON.stringify(errors[0])}`);
}

/** Figures travel as decimal text. */
function texts(figure: object): object {
  return Object.fromEntries(
    Object.entries(figure).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  );
}

/** The push source that the story's launch names. */
function sourceOf({ key }: Story): string {
  return { winner: 'ads', loser: 'shop', inconclusive: 'linkedin' }[key];
}

/** Every voter that the gate waits for votes; a vote that comes too late is no fault. */
async function vote(story: Story, thesis: ShownThesis, gateId: string, people: People): Promise<void> {
  const { stage, round, extensions, thesisId } = thesis;
  if (!isGated(stage)) return;
  for (const voter of people.voters) {
    try {
      const gate = await voter.get<ShownGate>(`/v1/gates/${gateId}`);
      if (gate.waitsFor.length === 0) return;
      const { memberId } = await voter.get<{ memberId: string }>('/v1/members/me');
      if (!gate.waitsFor.includes(memberId)) continue;
      const { recommendation, evidenceHash } = gate;
      const ballot = { evidenceHash, ...story.votes({ stage, round, extensions, recommendation }) };
      const bySignal = people.signalVote !== null && voter === people.voters[0];
      if (bySignal)
        await people.signalVote(thesisId, { ...ballot, gateId, member: memberId, commandId: randomUUID() });
      else await voter.put(`/v1/gates/${gateId}/votes/me`, ballot);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

/** A stop-loss holds until somebody acts: these owners stop rather than ask for more money. */
async function withdraw({ thesisId, hold }: ShownThesis, owner: ApiCaller): Promise<void> {
  try {
    await owner.post(`/v1/theses/${thesisId}/withdraw`, {
      reason: `Stopped for good: ${hold?.reason ?? ''}`,
    });
  } catch (error) {
    // The committee may have killed it a moment before.
    if (!(error instanceof ApiError)) throw error;
  }
}

async function completeRetex(
  story: Story,
  { thesisId, waiting }: ShownThesis,
  owner: ApiCaller,
): Promise<void> {
  if (waiting.who.length === 0) return;
  try {
    await owner.put(`/v1/theses/${thesisId}/retex`, story.retex);
  } catch (error) {
    // The draft is written a moment after the stage begins.
    if (!(error instanceof ApiError) || error.code !== 'not_in_this_stage') throw error;
  }
}
