// The one home of every reason to say no: a stable code, a title and a hint on what to do. HTTP statuses live in
// api/problem.ts, never here.

export const REFUSALS = {
  invalid_input: {
    title: 'The input is not valid',
    hint: 'Correct the named fields and send the request again.',
  },
  thesis_unknown: {
    title: 'No such thesis',
    hint: 'Check the id; GET /v1/theses lists the theses you may see.',
  },
  thesis_closed: { title: 'The thesis is closed', hint: 'A closed thesis is read-only; propose a new one.' },
  thesis_already_proposed: {
    title: 'The thesis was already proposed',
    hint: 'Use a new Idempotency-Key to propose another thesis.',
  },
  not_owner: {
    title: 'Only the owner may do this',
    hint: 'Ask the owner of the thesis, or an administrator.',
  },
  not_in_this_stage: {
    title: 'Not possible in the present stage',
    hint: 'GET the thesis to see its stage and what it waits for.',
  },
  gate_unknown: { title: 'No such gate', hint: 'GET /v1/gates?for=me lists the gates that wait for you.' },
  gate_not_open: {
    title: 'The gate is not open yet',
    hint: 'Vote once the gate is open and its evidence frozen.',
  },
  gate_closed: {
    title: 'The gate is already decided',
    hint: 'The decision stands; see the gate for what it was.',
  },
  evidence_changed: {
    title: 'The vote names other evidence than the gate shows',
    hint: 'Read the gate again and vote with its present evidenceHash.',
  },
  no_seat: {
    title: 'You hold no seat at this gate',
    hint: 'Ask for a seat on the committee, or for a delegation.',
  },
  owner_cannot_vote: {
    title: 'The owner never votes on their own thesis',
    hint: 'The other members of the committee decide (four-eyes).',
  },
  recused: {
    title: 'You have recused yourself from this gate',
    hint: 'A recusal stands until the gate closes.',
  },
  already_voted: {
    title: 'You have voted at this gate',
    hint: 'Change your vote instead; a recusal or a delegation must come before the vote.',
  },
  reason_required: {
    title: 'A reason is mandatory here',
    hint: 'Give a reason for kill, refine, hold, and for any vote against the recommendation.',
  },
  conditions_required: {
    title: 'Advancing with conditions needs at least one condition',
    hint: 'Give each condition an owner, a due date and a text or a metric.',
  },
  refinements_exhausted: {
    title: 'No refinement is left in this stage',
    hint: 'Decide advance, hold or kill: the playbook limits how often a stage is refined.',
  },
  extensions_exhausted: {
    title: 'No extension is left in this stage',
    hint: 'Decide advance, refine, hold or kill: the playbook limits how often a stage is extended.',
  },
  ramp_incomplete: {
    title: 'The ramp has not reached its last step',
    hint: 'A roll-out is reached only through the last step: extend, hold, refine or kill.',
  },
  stale_version: {
    title: 'The contract has changed meanwhile',
    hint: 'GET the thesis, apply your amendment to its present contract and send it again.',
  },
  condition_unknown: { title: 'No such open condition', hint: 'GET the thesis to see its open conditions.' },
  hold_expiry_required: { title: 'A hold needs an expiry', hint: 'Give `until`, a date and time after now.' },
  delegation_not_allowed: {
    title: 'This delegation is not possible',
    hint: 'Delegate your own seat to an active member who is not the owner and holds no seat at this gate.',
  },
  already_held: { title: 'The thesis is already on hold', hint: 'Resume it first.' },
  not_held: { title: 'The thesis is not on hold', hint: 'Only a thesis on hold can be resumed.' },
  retex_incomplete: {
    title: 'The retex is not complete',
    hint: 'Give a summary, at least one learning and at least one tag.',
  },
  amendment_not_possible: {
    title: 'This amendment is not possible',
    hint: 'Amend targets, margins or budgets of stages not yet passed; the thesis keeps its playbook.',
  },
  playbook_invalid: { title: 'The playbook is not valid', hint: 'Correct each named path.' },
  playbook_unknown: { title: 'No such playbook version', hint: 'GET /v1/playbooks lists the versions.' },
  committee_unknown: { title: 'No such committee', hint: 'GET /v1/committees lists the committees.' },
  currency_mismatch: {
    title: 'Two currencies cannot be added',
    hint: 'Give every amount of a thesis in its own currency.',
  },
} as const satisfies Record<string, { title: string; hint: string }>;

export type RefusalCode = keyof typeof REFUSALS;

/** A field that is wrong, by its JSON path, and why. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A no, with its reason: plain data that the shells turn into a failure or a problem document. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly detail: string;
  readonly fields?: readonly FieldError[];
}

export function refuse(code: RefusalCode, detail: string, fields?: readonly FieldError[]): Refusal {
  return fields === undefined ? { refused: code, detail } : { refused: code, detail, fields };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}
