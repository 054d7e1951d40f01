// Tells apart what was thrown: a problem to answer as it is, a value that nobody can read (400), a service that does
// not answer (503), or a fault of ours (500). Decides nothing about HTTP beyond the problem's code.

import { HTTPException } from 'hono/http-exception';
import { treatmentOf } from '../db/failure.ts';
import { Problem } from './problem.ts';
import { EngineUnavailable } from './theses-port.ts';

/** The identity provider's keys cannot be had: nothing can be said about its tokens. */
export class ProviderUnavailable extends Error {
  constructor(cause: unknown) {
    super('the keys of the identity provider cannot be had', { cause });
  }
}

const RETRY_AFTER_SECONDS = 5;

/** The problem that a thrown thing is to the client. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException) return fromHttp(error);
  const treatment = treatmentOf(error);
  if (treatment === 'unreadable') {
    return new Problem('malformed_request', 'A value in the address or the body cannot be read.', {
      cause: error,
    });
  }
  if (error instanceof EngineUnavailable || error instanceof ProviderUnavailable || treatment === 'passing') {
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
