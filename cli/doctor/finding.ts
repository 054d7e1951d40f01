// What a look at one dependency found: well, doubtful or broken, and what to do about it.

import { reasonOf, Unable } from '../unable.ts';

export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** Empty when all is well. */
  readonly todo: string;
}

export function ok(check: string, says: string): Finding {
  return { check, state: 'ok', says, todo: '' };
}

export function warn(check: string, says: string, todo: string): Finding {
  return { check, state: 'warn', says, todo };
}

export function fail(check: string, says: string, todo: string): Finding {
  return { check, state: 'fail', says, todo };
}

/** Well or not, by a condition. */
export function okIf(holds: boolean, well: Finding, otherwise: Finding): Finding {
  return holds ? well : otherwise;
}

/** The findings of a look; one that fails to look is a finding itself. */
export async function looking(
  check: string,
  todo: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [fail(check, reasonOf(error), error instanceof Unable ? error.todo : todo)];
  }
}
