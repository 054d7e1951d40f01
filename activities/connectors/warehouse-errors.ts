// From what PostgreSQL or the network says to a connector error. The server's own message is never passed on: it may
// quote a value, and the driver's may name a password's owner.

import { ConnectorError, type ConnectorErrorKind } from './port.ts';

/** By SQLSTATE, the first that matches: what follows, and what to tell people. */
const STATES: readonly (readonly [RegExp, ConnectorErrorKind, string])[] = [
  [/^28/, 'auth_revoked', 'the warehouse does not accept the user or the password'],
  [/^3D000/, 'not_found', 'the warehouse has no such database'],
  [/^42501/, 'forbidden', 'the user may not read a table or call a function that the query names'],
  [/^2500[16]/, 'forbidden', 'the query tried to write'],
  [/^57014|^55P03/, 'transient', 'the query took longer than the connection allows'],
  [
    /^42P01|^42703|^42883|^3F000/,
    'invalid_request',
    'the query names a table, column or function that is not there',
  ],
  [/^42/, 'invalid_request', 'the query is not valid'],
  [/^22/, 'invalid_request', 'a parameter or a figure does not fit its type'],
  [/^0A/, 'invalid_request', 'the query uses something that cannot be read page by page'],
  [/^53300/, 'rate_limited', 'the warehouse has no free connection'],
  [/^(08|53|57P|58|XX|40|25P0)/, 'transient', 'the warehouse failed while answering'],
];

/** Node's codes of a network or a name service that fails. */
const NETWORK = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOST|ENET)/;

const CERTIFICATE = /CERT|SIGNED|ALTNAME/;

/** The typed error, or the very error when it is one already. `doing` says what failed: `reading clicks`. */
export function warehouseError(problem: unknown, doing: string): ConnectorError {
  if (problem instanceof ConnectorError) return problem;
  const code = codeOf(problem);
  const [, kind, reason] = STATES.find(([pattern]) => /^[0-9A-Z]{5}$/.test(code) && pattern.test(code)) ?? [];
  if (kind !== undefined) return new ConnectorError(kind, sentence(doing, `${reason} (SQLSTATE ${code})`));
  if (NETWORK.test(code)) return new ConnectorError('transient', sentence(doing, `no connection (${code})`));
  if (CERTIFICATE.test(code)) {
    return new ConnectorError('forbidden', sentence(doing, `the certificate is not trusted (${code})`));
  }
  const said = problem instanceof Error ? problem.message : '';
  if (/timeout|terminated|not queryable/i.test(said)) {
    return new ConnectorError('transient', sentence(doing, 'no answer in time'));
  }
  if (/does not support SSL/i.test(said)) {
    return new ConnectorError('forbidden', sentence(doing, 'the warehouse does not offer TLS'));
  }
  return new ConnectorError(
    'contract_broken',
    sentence(doing, 'the warehouse answered something unexpected'),
  );
}

function codeOf(problem: unknown): string {
  return problem instanceof Error && 'code' in problem ? String(problem.code) : '';
}

function sentence(doing: string, reason: string): string {
  return `While ${doing}: ${reason}.`;
}
