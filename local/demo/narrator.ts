// Tells what happens, as it happens: one line an event of the journal, in a committee's words.

import type { ApiCaller } from '../../cli/client.ts';
import type { ThesisEvent } from '../../domain/thesis.ts';

interface TimelinePage {
  readonly items: readonly { sequence: number; at: string; actor: string; type: string; data: object }[];
  readonly next: string | null;
}

export interface Narrator {
  /** Tells what is new of each thesis. */
  tell(): Promise<void>;
}

export function narrator(
  caller: ApiCaller,
  theses: ReadonlyMap<string, string>,
  say: (line: string) => void,
): Narrator {
  const cursors = new Map<string, string | null>();
  return {
    async tell() {
      for (const [thesisId, name] of theses) {
        for (;;) {
          const cursor = cursors.get(thesisId) ?? null;
          const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
          const page = await caller.get<TimelinePage>(`/v1/theses/${thesisId}/timeline?limit=100${query}`);
          for (const { at, type, data } of page.items) {
            const line = wordsFor(eventOf(type, data));
            if (line !== null) say(`${at.slice(0, 10)}  ${name.padEnd(12)}  ${line}`);
          }
          const last = page.items.at(-1);
          if (last !== undefined) cursors.set(thesisId, cursorAfter(last.sequence));
          if (page.next === null) break;
        }
      }
    },
  };
}

/** The timeline's cursor is the sequence of the last event seen. */
function cursorAfter(sequence: number): string {
  return Buffer.from(encodeURIComponent(String(sequence))).toString('base64url');
}

function eventOf(type: string, data: object): ThesisEvent {
  return JSON.parse(JSON.stringify({ type, ...data }));
}

function wordsFor(event: ThesisEvent): string | null {
  switch (event.type) {
    case 'ThesisProposed':
      return `proposed by ${event.owner}; contract sealed ${event.contract.hash.slice(0, 12)}`;
    case 'StageEntered':
      return `enters ${event.stage}`;
    case 'EvidenceSubmitted':
      return `${event.by} submits evidence: ${event.metrics.join(', ')}`;
    case 'ClockPaused':
      return `the clock stands still: ${event.reason}`;
    case 'ClockResumed':
      return `data is back: the clock runs again after ${(event.pausedFor / 86_400_000).toFixed(1)} days`;
    case 'StopLossTripped':
      return `stop-loss (${event.action}): ${event.reason}`;
    case 'GateOpened':
      return `gate opens, recommended ${event.advice.decision}: ${event.advice.reasons[0] ?? ''}`;
    case 'VoteCast':
      return `${event.vote.member} (${event.vote.seat}) votes ${event.vote.ballot}${event.via === 'signal' ? ' by signal' : ''}`;
    case 'VotesVoided':
      return `votes are void: ${event.reason}`;
    case 'GateReminded':
      return `reminds ${event.to.join(', ')}`;
    case 'GateEscalated':
      return `escalates to ${event.committee.name}`;
    case 'GateDecided':
      return `the gate decides ${event.outcome.decision} (${event.outcome.by})`;
    case 'StageRefined':
      return `${event.stage} is refined, round ${event.round + 1}`;
    case 'StageExtended':
      return `${event.stage} is extended until ${event.until.slice(0, 10)}`;
    case 'ThesisHeld':
      return `on hold by ${event.by}: ${event.reason}`;
    case 'ThesisResumed':
      return `resumes: ${event.reason}`;
    case 'RampStepped':
      return `ramp ${event.direction}: step ${event.step + 1}, ${event.budget.amount} ${event.budget.currency}`;
    case 'RampHeld':
      return `ramp holds at step ${event.step + 1}: ${event.reason}`;
    case 'RolledOut':
      return `ROLLED OUT at ${event.budget.amount} ${event.budget.currency}`;
    case 'ThesisKilled':
      return `KILLED in ${event.stage} (${event.by})`;
    case 'ThesisWithdrawn':
      return `withdrawn by ${event.by}`;
    case 'RetexCompleted':
      return `retex: ${event.summary}`;
    case 'ThesisClosed':
      return `closed: ${event.outcome}`;
    default:
      return null;
  }
}
