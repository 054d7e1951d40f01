// Tells apart what was thrown: a problem to answer as it is, a value that nobody can read (400), a service that does
// not answer (503), or a fault of ours (500). Decides nothing about HTTP beyond the problem's code.

import { HTTPException } from 'hono/http-exception';
import { Problem } from './problem.ts';
import { EngineUnavailable } from './theses-port.ts';

/** The identity provider's keys cannot be had: nothing can be said about its tokens. */
export class ProviderUnavailable extends Error {
  constructor(cause: unknown) {
    super('the keys of the identity provider cannot be had', { cause });
  }
}

const RETRY_AFTER_SECONDS = 5;

/** PostgreSQL away or overloaded, by SQLSTATE or by Node's own code, or two transactions in each other's way. */
const PASSING =
  /^(08...|57P0[1-4]|53300|40001|40P01|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE)$/;

/** Values that PostgreSQL cannot read as what they stand for: a made-up cursor, a NUL in an address. */
const UNREADABLE = /^(22003|22007|22008|22021|22P02|22P05)$/;

/** node-postgres gives these no code. */
const POOL_GAVE_UP = /timeout exceeded when trying to connect|Connection terminated|Client has encountered/;

/** The problem that a thrown thing is to the client. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException) return fromHttp(error);
  if (isUnreadable(error)) {
    return new Problem('malformed_request', 'A value in the address or the body cannot be read.', {
      cause: error,
    });
  }
  if (error instanceof EngineUnavailable || error instanceof ProviderUnavailable || isPassing(error)) {
    const detail = 'A service that this request needs does not answer.';
    return new Problem('unavailable', detail, { retryAfter: RETRY_AFTER_SECONDS, cause: error });
  }
  return new Problem('internal_error', 'The request failed; nothing more can be said here.', {
    cause: error,
  });
}

function fromHttp(error: HTTPException): Problem {
  if (error.status === 413) return new Problem('body_too_large', 'The body is over the limit of this route.');
  if (error.status === 415)
    return new Problem('unsupported_media_type', 'The Content-Type is not read here.');
  if (error.status === 400) return new Problem('malformed_request', 'The body is not well-formed JSON.');
  return new Problem('internal_error', 'The request failed; nothing more can be said here.', {
    cause: error,
  });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return code === null ? POOL_GAVE_UP.test(error.message) : PASSING.test(code);
}

function isUnreadable(error: unknown): boolean {
  return error instanceof Error && UNREADABLE.test(codeOf(error) ?? '');
}

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}
