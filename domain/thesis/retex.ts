// The draft of a retex, from the journal alone: what was promised, what each stage found, who decided what on which
// recommendation, what moved meanwhile, and how well voters foresaw it.

import type { CriterionResult } from '../criterion.ts';
import type { Instant } from '../duration.ts';
import { type MoneyNotSpent, moneyNotSpent } from '../economics/money-not-spent.ts';
import type { Decision, GateOutcome, Recommendation, Vote } from '../gate.ts';
import { add, type Money, zero } from '../money.ts';
import type { GatedStage } from '../stage.ts';
import type { Outcome, RecordedEvent, SealedContract, ThesisEvent } from '../thesis.ts';

export interface StageStory {
  readonly stage: GatedStage;
  readonly round: number;
  readonly enteredAt: Instant;
  readonly promised: string;
  readonly criteria: readonly CriterionResult[];
  readonly spend: Money;
}

export interface GateStory {
  readonly gateId: string;
  readonly stage: GatedStage;
  readonly decidedAt: Instant;
  readonly recommendation: Recommendation;
  readonly decision: Decision;
  readonly by: GateOutcome['by'];
  readonly reason: string;
  readonly againstRecommendation: boolean;
  readonly votes: readonly Vote[];
}

/** How well a voter's probability foresaw the outcome: (probability - happened)^2, 0 is perfect, 1 is worst. */
export interface Foresight {
  readonly member: string;
  readonly gateId: string;
  readonly probability: number;
  readonly brier: number;
}

export interface RetexDraft {
  readonly statement: string;
  readonly outcome: Outcome;
  readonly proposedAt: Instant;
  readonly endedAt: Instant;
  readonly contractVersions: number;
  readonly amendments: readonly { readonly at: Instant; readonly by: string; readonly reason: string }[];
  readonly stages: readonly StageStory[];
  readonly gates: readonly GateStory[];
  readonly incidents: readonly { readonly at: Instant; readonly what: string }[];
  readonly spend: Money;
  readonly moneyNotSpent: MoneyNotSpent | null;
  readonly foresight: readonly Foresight[];
  readonly questions: readonly string[];
}

/** Drafts the retex. Throws a TypeError for a journal without an outcome: only an ended thesis has a retex. */
export function draftFrom(contract: SealedContract, journal: readonly RecordedEvent[]): RetexDraft {
  const outcome = outcomeOf(journal);
  const stages = stagesOf(contract, journal);
  const gates = gatesOf(journal);
  const spend = stages.reduce((total, stage) => add(total, stage.spend), zero(contract.currency));
  const killed = journal.map(({ event }) => event).find((event) => event.type === 'ThesisKilled');
  return {
    statement: contract.statement,
    outcome,
    proposedAt: journal[0]?.at ?? '',
    endedAt: journal.at(-1)?.at ?? '',
    contractVersions: contract.version,
    amendments: journal.flatMap(({ at, event }) =>
      event.type === 'ContractAmended' ? [{ at, by: event.by, reason: event.reason }] : [],
    ),
    stages,
    gates,
    incidents: journal.flatMap(({ at, event }) => {
      const what = incident(event);
      return what === null ? [] : [{ at, what }];
    }),
    spend,
    moneyNotSpent: killed === undefined ? null : moneyNotSpent(contract, killed.stage, spend),
    foresight: foresightOf(gates, outcome),
    questions: contract.playbook.retex.questions,
  };
}

function outcomeOf(journal: readonly RecordedEvent[]): Outcome {
  for (const { event } of journal) {
    if (event.type === 'ThesisKilled') return 'killed';
    if (event.type === 'ThesisWithdrawn') return 'withdrawn';
    if (event.type === 'RolledOut') return 'industrialised';
  }
  throw new TypeError('the journal has no outcome yet');
}

/** One entry a round of a stage, with its last read-out. */
function stagesOf(contract: SealedContract, journal: readonly RecordedEvent[]): StageStory[] {
  const stories: StageStory[] = [];
  for (const { at, event } of journal) {
    if (event.type === 'StageEntered' && event.stage !== 'retex')
      stories.push(begun(contract, event.stage, 0, at));
    if (event.type === 'StageRefined') stories.push(begun(contract, event.stage, event.round, at));
    const last = stories.at(-1);
    if (event.type === 'StageReadOut' && last !== undefined) {
      const { criteria, spend } = event.readOut;
      stories[stories.length - 1] = { ...last, criteria, spend };
    }
  }
  return stories;
}

function begun(contract: SealedContract, stage: GatedStage, round: number, enteredAt: Instant): StageStory {
  const promised = contract.playbook.stages[stage].hypothesis;
  return { stage, round, enteredAt, promised, criteria: [], spend: zero(contract.currency) };
}

function gatesOf(journal: readonly RecordedEvent[]): GateStory[] {
  const votes = new Map<string, Vote[]>();
  const stories: GateStory[] = [];
  for (const { at, event } of journal) {
    if (event.type === 'VoteCast') votes.set(event.gateId, [...(votes.get(event.gateId) ?? []), event.vote]);
    if (event.type === 'VotesVoided' || event.type === 'GateEscalated') votes.set(event.gateId, []);
    if (event.type !== 'GateDecided') continue;
    const { gateId, stage, recommendation, outcome } = event;
    stories.push({
      gateId,
      stage,
      decidedAt: at,
      recommendation,
      decision: outcome.decision,
      by: outcome.by,
      reason: outcome.reason,
      againstRecommendation: !agrees(outcome.decision, recommendation),
      votes: votes.get(gateId) ?? [],
    });
  }
  return stories;
}

function agrees(decision: Decision, recommendation: Recommendation): boolean {
  return (
    decision === recommendation || (decision === 'advance_with_conditions' && recommendation === 'advance')
  );
}

function incident(event: ThesisEvent): string | null {
  switch (event.type) {
    case 'ClockPaused':
      return `The clock stood still: ${event.reason}`;
    case 'StopLossTripped':
      return `Stop-loss (${event.action}): ${event.reason}`;
    case 'VotesVoided':
      return `Votes of ${event.gateId} were void: ${event.reason}`;
    case 'GateEscalated':
      return event.reason;
    case 'ThesisHeld':
      return `Held by ${event.by}: ${event.reason}`;
    case 'ConditionMissed':
      return event.reason;
    case 'RampHeld':
      return `The ramp held at step ${event.step + 1}: ${event.reason}`;
    case 'RampStepped':
      return event.direction === 'back'
        ? `The ramp stepped back to step ${event.step + 1}: ${event.reason}`
        : null;
    default:
      return null;
  }
}

function foresightOf(gates: readonly GateStory[], outcome: Outcome): Foresight[] {
  const happened = outcome === 'industrialised' ? 1 : 0;
  return gates.flatMap(({ gateId, votes }) =>
    newestByMember(votes).flatMap(({ member, probability }) =>
      probability === null ? [] : [{ member, gateId, probability, brier: (probability - happened) ** 2 }],
    ),
  );
}

/** A vote that was changed is scored once, as it stood at the end. */
function newestByMember(votes: readonly Vote[]): Vote[] {
  return [...new Map(votes.map((vote) => [vote.member, vote])).values()];
}
