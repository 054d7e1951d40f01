// What a vote must carry, field by field: shapes for input that nothing has checked yet, and the rules that need the
// time. Who may vote is not decided here; gate/admission.ts does that.

import { epoch, type Instant, instant } from '../duration.ts';
import { BALLOTS, type Ballot, type Condition, type Recommendation } from '../gate.ts';
import { isMetric } from '../metric.ts';
import { CURRENCY_PATTERN, DECIMAL_PATTERN } from '../money.ts';
import { type FieldError, type Refusal, refuse } from '../refusal.ts';
import type { VoteProposal } from '../thesis/command.ts';
import { courseOfBallot } from './threshold.ts';

/** Lengths in characters, and how many conditions one vote may set: a vote lives in the workflow's state. */
export const VOTE_LIMITS = { text: 4_000, id: 200, conditions: 20 } as const;

/** Ballots that need a reason whatever the rules recommend. */
const ALWAYS_REASONED: readonly Ballot[] = ['kill', 'refine', 'hold'];

/** Whether a ballot needs a reason: kill, refine, hold, and every decision against the recommendation. */
export function needsReason(ballot: Ballot, recommendation: Recommendation): boolean {
  const course = courseOfBallot(ballot);
  return ALWAYS_REASONED.includes(ballot) || (course !== null && course !== recommendation);
}

/** The text without the spaces around it; null when nothing is left. */
export function trimmed(text: string | null): string | null {
  const words = text?.trim() ?? '';
  return words === '' ? null : words;
}

/**
 * A proposal from input of any shape, such as a signal's: every field is checked for its type, missing optional fields
 * become null or empty, and unknown ones are left out.
 */
export function readVoteProposal(input: unknown): VoteProposal | Refusal {
  const fields = isRecord(input) ? input : {};
  const proposal = {
    member: fields.member,
    gateId: fields.gateId,
    evidenceHash: fields.evidenceHash,
    ballot: fields.ballot,
    reason: fields.reason ?? null,
    conditions: fields.conditions ?? [],
    holdUntil: fields.holdUntil ?? null,
    probability: fields.probability ?? null,
    expectedMargin: fields.expectedMargin ?? null,
  };
  const errors = shapeErrors(proposal);
  if (errors.length === 0 && isShaped(proposal)) return proposal;
  return refuse('invalid_input', 'The vote does not have the form of a vote.', errors);
}

/** What is wrong with the fields of a proposal at `now`; empty when nothing is. */
export function voteErrors(proposal: VoteProposal, now: Instant): FieldError[] {
  const { ballot, conditions, holdUntil } = proposal;
  const errors = shapeErrors(proposal);
  if (errors.length > 0) return errors;
  if (ballot !== 'advance_with_conditions' && conditions.length > 0) {
    errors.push({ path: 'conditions', message: 'go only with the ballot advance_with_conditions' });
  }
  if (ballot !== 'hold' && holdUntil !== null) {
    errors.push({ path: 'holdUntil', message: 'goes only with the ballot hold' });
  }
  conditions.forEach((condition, index) => {
    const path = `conditions[${index}]`;
    if (epoch(condition.due) <= epoch(now))
      errors.push({ path: `${path}.due`, message: `must be after ${now}` });
    if (conditions.findIndex(({ id }) => id === condition.id) < index) {
      errors.push({ path: `${path}.id`, message: 'is used twice in this vote' });
    }
  });
  return errors;
}

type Unchecked = Readonly<Record<keyof VoteProposal, unknown>>;

function isShaped(proposal: Unchecked): proposal is VoteProposal {
  return shapeErrors(proposal).length === 0;
}

function shapeErrors(proposal: Unchecked): FieldError[] {
  const { probability, expectedMargin, conditions, reason, holdUntil } = proposal;
  const isProbability = typeof probability === 'number' && probability >= 0 && probability <= 1;
  const checks: [boolean, string, string][] = [
    [isId(proposal.member), 'member', 'must be a member id'],
    [isId(proposal.gateId), 'gateId', 'must be a gate id'],
    [isId(proposal.evidenceHash), 'evidenceHash', "must be the hash of the gate's evidence"],
    [BALLOTS.some((ballot) => ballot === proposal.ballot), 'ballot', `must be one of ${BALLOTS.join(', ')}`],
    [reason === null || isText(reason), 'reason', `must be at most ${VOTE_LIMITS.text} characters`],
    [holdUntil === null || isInstant(holdUntil), 'holdUntil', 'must be an ISO 8601 instant in UTC'],
    [probability === null || isProbability, 'probability', 'must be a number from 0 to 1'],
    [
      expectedMargin === null || isMoney(expectedMargin),
      'expectedMargin',
      'must be an exact amount with a currency of three capitals',
    ],
  ];
  const errors = checks.flatMap(([valid, path, message]) => (valid ? [] : [{ path, message }]));
  if (!Array.isArray(conditions) || conditions.length > VOTE_LIMITS.conditions) {
    const message = `must be a list of at most ${VOTE_LIMITS.conditions} conditions`;
    return [...errors, { path: 'conditions', message }];
  }
  return [...errors, ...conditions.flatMap(conditionErrors)];
}

function conditionErrors(condition: unknown, index: number): FieldError[] {
  const path = `conditions[${index}]`;
  if (!isRecord(condition)) return [{ path, message: 'must be a condition' }];
  const { id, owner, due, text, metric } = condition;
  const checks: [boolean, keyof Condition, string][] = [
    [isId(id), 'id', 'must be an id'],
    [isId(owner), 'owner', 'must be the member who answers for it'],
    [isInstant(due), 'due', 'must be an ISO 8601 instant in UTC'],
    [
      isText(text) && (metric !== null || text.trim() !== ''),
      'text',
      'must say what to meet, or give a metric',
    ],
    [
      metric === null || isBoundedMetric(metric),
      'metric',
      'must be null, or a metric, a comparison and a bound',
    ],
  ];
  return checks.flatMap(([valid, field, message]) => (valid ? [] : [{ path: `${path}.${field}`, message }]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= VOTE_LIMITS.id;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= VOTE_LIMITS.text;
}

/** Only the one written form is taken, so that instants can be compared and sorted as text. */
function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(epoch(value)) && instant(epoch(value)) === value;
}

function isMoney(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return matches(value.amount, DECIMAL_PATTERN) && matches(value.currency, CURRENCY_PATTERN);
}

function isBoundedMetric(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { metric, comparison, bound } = value;
  const isComparison = comparison === 'at_least' || comparison === 'at_most';
  return typeof metric === 'string' && isMetric(metric) && isComparison && matches(bound, DECIMAL_PATTERN);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
