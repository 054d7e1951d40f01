// The one place where a reason to say no becomes an HTTP answer: RFC 9457 problem documents with stable codes.
// Whatever is not a known reason answers 500 and tells nothing but the request's id.

import { type FieldError, REFUSALS, type Refusal, type RefusalCode } from '../domain/refusal.ts';

/** Reasons that only the API has: about the request, the caller or the service, not about a thesis. */
const API_CODES = {
  malformed_request: {
    status: 400,
    title: 'The request cannot be read',
    hint: 'Send well-formed JSON in UTF-8.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'An Idempotency-Key is required',
    hint: 'Send a header Idempotency-Key of 1 to 200 visible ASCII characters, new for each new intention.',
  },
  unauthenticated: {
    status: 401,
    title: 'A valid API key or token is required',
    hint: 'Send `Authorization: Bearer <API key>`, or a token of your identity provider. Keys expire and can be revoked; ask an administrator.',
  },
  forbidden: {
    status: 403,
    title: 'Your roles do not allow this',
    hint: 'GET /v1/members/me shows your roles; the documentation shows who may call what.',
  },
  not_found: { status: 404, title: 'Nothing is here', hint: 'Check the address; /docs lists them all.' },
  method_not_allowed: {
    status: 405,
    title: 'This method is not possible here',
    hint: 'The header Allow lists those that are.',
  },
  conflict: {
    status: 409,
    title: 'The request conflicts with what is stored',
    hint: 'Read the resource again and decide anew.',
  },
  body_too_large: { status: 413, title: 'The body is too large', hint: 'Send less in one request.' },
  address_too_long: { status: 414, title: 'The address is too long', hint: 'Ask for less in one request.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a format that is not read here',
    hint: 'Set Content-Type to one that the documentation names.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    hint: 'Use a new key for a new request; the same key only for the very same request.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    hint: 'Wait as many seconds as the header Retry-After says, then send the request again.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    hint: 'Send the same request again; if it fails again, report the request id.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer at the moment',
    hint: 'Nothing is lost: send the same request, with the same Idempotency-Key, a little later.',
  },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;

type ApiCode = keyof typeof API_CODES;

export type ProblemCode = ApiCode | RefusalCode;

/** The HTTP status of every refusal of the domain. */
export const REFUSAL_STATUS = {
  invalid_input: 422,
  thesis_unknown: 404,
  thesis_closed: 409,
  thesis_already_proposed: 409,
  not_owner: 403,
  not_in_this_stage: 409,
  gate_unknown: 404,
  gate_not_open: 409,
  gate_closed: 409,
  evidence_changed: 409,
  no_seat: 403,
  owner_cannot_vote: 403,
  recused: 409,
  already_voted: 409,
  reason_required: 422,
  conditions_required: 422,
  refinements_exhausted: 409,
  extensions_exhausted: 409,
  ramp_incomplete: 409,
  stale_version: 409,
  condition_unknown: 404,
  hold_expiry_required: 422,
  delegation_not_allowed: 409,
  already_held: 409,
  not_held: 409,
  retex_incomplete: 422,
  amendment_not_possible: 409,
  playbook_invalid: 422,
  playbook_unknown: 404,
  committee_unknown: 404,
  currency_mismatch: 422,
} as const satisfies Record<RefusalCode, number>;

/** What a problem document holds. */
interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** What to do about it. */
  readonly hint: string;
  /** The request, as our log names it. */
  readonly instance: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_CODES = [...Object.keys(API_CODES), ...Object.keys(REFUSALS)] as ProblemCode[];

interface ProblemOptions {
  readonly fields?: readonly FieldError[];
  readonly retryAfter?: number;
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** Thrown by handlers and middleware to answer with a problem document. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: readonly FieldError[] | undefined;
  /** Seconds after which the client may try again. */
  readonly retryAfter: number | undefined;
  /** Methods that the address does take. */
  readonly allow: readonly string[] | undefined;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.fields = options.fields;
    this.retryAfter = options.retryAfter;
    this.allow = options.allow;
  }
}

/** The value itself, or its refusal as a thrown problem. */
export function orRefuse<T extends object>(result: T | Refusal): T {
  if ('refused' in result) throw new Problem(result.refused, result.detail, { fields: result.fields ?? [] });
  return result;
}

/** Throws `invalid_input` when there is any field error. */
export function refuseFields(fields: readonly FieldError[], code: RefusalCode = 'invalid_input'): void {
  const [first] = fields;
  if (first === undefined) return;
  const more = fields.length === 1 ? '' : ` (and ${fields.length - 1} more)`;
  throw new Problem(code, `${first.path}: ${first.message}${more}`, { fields });
}

/** Status, title and hint of a code. */
export function explain(code: ProblemCode): { status: number; title: string; hint: string } {
  return isApiCode(code) ? API_CODES[code] : { status: REFUSAL_STATUS[code], ...REFUSALS[code] };
}

function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const { status, title, hint } = explain(problem.code);
  const document = {
    type: `urn:jalon:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    hint,
    instance: `urn:uuid:${requestId}`,
  };
  const errors = problem.fields ?? [];
  return errors.length === 0 ? document : { ...document, errors };
}

/** The problem document as a response, with the headers its code calls for. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const document = problemDocument(problem, requestId);
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (problem.code === 'unauthenticated') headers.set('www-authenticate', 'Bearer realm="jalon"');
  if (problem.retryAfter !== undefined) headers.set('retry-after', String(problem.retryAfter));
  if (problem.allow !== undefined) headers.set('allow', problem.allow.join(', '));
  return new Response(JSON.stringify(document), { status: document.status, headers });
}

function isApiCode(code: ProblemCode): code is ApiCode {
  return Object.hasOwn(API_CODES, code);
}
