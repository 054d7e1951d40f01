// Shared by the tests of the estimators: the code with which an input is refused.
import { ImpossibleInput } from '../../../../domain/statistics/impossible.ts';

/** The code of the ImpossibleInput that `run` throws, or what else happened. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof ImpossibleInput ? error.code : String(error);
  }
  return 'nothing was refused';
}
