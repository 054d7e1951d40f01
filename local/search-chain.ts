// Looks for a program in several places, in order, and when none has it explains what was tried and why each
// failed. It knows nothing of the places; temporal-binary.ts and time-skipping.ts name theirs.
import { type Log, reasonOf } from './machine.ts';

export interface SearchPlace {
  /** Completes "tried ...": a few words. */
  name: string;
  /** The program's path, or why it is not to be had here (thrown errors count as such a reason). */
  find: () => Promise<string | { absent: string }>;
}

export interface Search {
  /** What is looked for, as a person would say it. */
  what: string;
  places: readonly SearchPlace[];
  /** What the reader can do when every place failed. */
  advice: string;
  log: Log;
}

/**
 * The path found at the first place that has the program.
 * @throws listing every place with its reason, and the advice.
 */
export async function searchInOrder(search: Search): Promise<string> {
  const failures: string[] = [];
  for (const place of search.places) {
    const outcome = await place.find().catch((error: unknown) => ({ absent: reasonOf(error) }));
    if (typeof outcome === 'string') {
      search.log(`${search.what}: ${outcome} (${place.name})`);
      return outcome;
    }
    failures.push(`  - ${place.name}: ${outcome.absent}`);
  }
  throw new Error(`${search.what} was not found. Tried:\n${failures.join('\n')}\n${search.advice}`);
}
