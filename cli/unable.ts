// Why a command ends without having done what it was asked, in words for the operator. The one home of how a failure
// reads and of what the exit code says: 0 done, 1 failed, 2 used wrongly.

import { CommanderError } from 'commander';
import { ApiAway, ApiError } from './client.ts';
import { paint, plain } from './terminal.ts';
import { RUN } from './words.ts';

export const DONE = 0;
export const FAILED = 1;
export const MISUSED = 2;

/** What is the matter, and what to do about it. */
export class Unable extends Error {
  readonly todo: string;
  readonly exitCode: number;

  constructor(matter: string, todo: string, exitCode: typeof FAILED | typeof MISUSED = FAILED) {
    super(matter);
    this.todo = todo;
    this.exitCode = exitCode;
  }
}

interface Told {
  readonly title: string;
  readonly details: readonly string[];
  readonly todo: string;
  readonly exitCode: number;
}

/** Says on standard error what went wrong, and returns the exit code. Programs read it as JSON. */
export function tell(error: unknown, json: boolean): number {
  // The parser has said its own, or has shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
  const { title, details, todo, exitCode } = told(error);
  if (json) {
    const problem = error instanceof ApiError ? { problem: error.problem } : {};
    process.stderr.write(`${JSON.stringify({ error: title, details, todo, ...problem })}\n`);
    return exitCode;
  }
  const lines = [title, ...details.map((line) => `  ${line}`), ...(todo === '' ? [] : [todo])];
  process.stderr.write(`${paint('red', 'Error:', process.stderr)} ${lines.map(plain).join('\n')}\n`);
  return exitCode;
}

function told(error: unknown): Told {
  if (error instanceof Unable) {
    const [title = '', ...details] = error.message.split('\n');
    return { title, details, todo: error.todo, exitCode: error.exitCode };
  }
  if (error instanceof ApiAway) {
    const todo = `Is the API running, and is this its address? \`${RUN} doctor\` looks at everything that it needs.`;
    const lost = error.wrote ? ['Whether it was recorded is not known: look before you send it again.'] : [];
    return { title: `${error.message}.`, details: [reasonOf(error.cause), ...lost], todo, exitCode: FAILED };
  }
  if (error instanceof ApiError) return toldByApi(error);
  if (error instanceof Error && 'code' in error) {
    return { title: error.message, details: [], todo: '', exitCode: FAILED };
  }
  throw error;
}

function toldByApi({ status, problem }: ApiError): Told {
  const { title = `HTTP ${status}`, detail, errors = [], hint = '', instance } = problem;
  const fields = errors.map(({ path, message }) => `${path}: ${message}`);
  const request = instance === undefined ? [] : [`Request ${instance.replace('urn:uuid:', '')}`];
  const details = [...(detail === undefined ? [] : [detail]), ...fields, ...request];
  return { title: `${title}.`, details, todo: hint, exitCode: FAILED };
}

/** The innermost words of a connection that failed: `fetch failed` alone says nothing. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
