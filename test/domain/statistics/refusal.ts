// For tests of refusals: the code with which a call was refused, so that a test names the code and not a text.
import { type ImpossibleCode, ImpossibleInput } from '../../../domain/statistics/impossible.ts';

/** Code of the ImpossibleInput that `run` throws, or 'accepted'; anything else thrown goes through. */
export function refusalOf(run: () => unknown): ImpossibleCode | 'accepted' {
  try {
    run();
  } catch (error) {
    if (error instanceof ImpossibleInput) return error.code;
    throw error;
  }
  return 'accepted';
}
