// What an error of PostgreSQL, or of the way to it, asks of whoever meets it. The one home of that table: the API answers
// by it. Activities need none: what they throw is tried until it succeeds.

/**
 * `passing`: the same request may succeed later, and this one has changed nothing, or is idempotent.
 * `unreadable`: a value that PostgreSQL cannot read as what it stands for: the caller's fault.
 * `fault`: ours.
 */
export type Treatment = 'passing' | 'unreadable' | 'fault';

/** By SQLSTATE; a code of two characters stands for its whole class. */
const TREATMENTS: Readonly<Record<string, Treatment>> = {
  // Connections that break or cannot be made.
  '08': 'passing',
  // Insufficient resources: disk full (53100), out of memory (53200), too many connections (53300).
  '53': 'passing',
  // The server ends, has crashed, is starting, or drops an idle session or database.
  '57P': 'passing',
  // A statement that was cancelled, by an operator or by a failover.
  '57014': 'passing',
  // Errors of the system under PostgreSQL: a disk that cannot be written or read.
  '58': 'passing',
  // A server that only reads: a replica, after a failover, or one that was set so.
  '25006': 'passing',
  // Two transactions in each other's way: serialization, deadlock, a lock that was not to be had in time.
  '40001': 'passing',
  '40P01': 'passing',
  '55P03': 'passing',
  // A NUL in an address, a number beyond its column, a date that does not exist.
  '22003': 'unreadable',
  '22007': 'unreadable',
  '22008': 'unreadable',
  '22021': 'unreadable',
  '22P02': 'unreadable',
  '22P05': 'unreadable',
};

/** Node's own codes for a way that is closed. */
const NO_WAY = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;

/** node-postgres gives these no code. */
const POOL_GAVE_UP = /timeout exceeded when trying to connect|Connection terminated|Client has encountered/;

export function treatmentOf(error: unknown): Treatment {
  if (!(error instanceof Error)) return 'fault';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return POOL_GAVE_UP.test(error.message) ? 'passing' : 'fault';
  if (NO_WAY.test(code)) return 'passing';
  // A code of Node's or of a library may begin like a class of SQLSTATE and mean something else.
  if (!/^[0-9A-Z]{5}$/.test(code)) return 'fault';
  return TREATMENTS[code] ?? TREATMENTS[code.slice(0, 3)] ?? TREATMENTS[code.slice(0, 2)] ?? 'fault';
}
