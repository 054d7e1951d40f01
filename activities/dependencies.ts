// What activities are given by the worker: the database, the key that opens stored secrets, what was
// already computed, and who we are.

import type { Db } from '../db/connect.ts';
import type { BoundaryBook } from '../domain/experiment.ts';
import type { SecretBox } from './secret-box.ts';

export interface ActivityDependencies {
  readonly db: Db;
  readonly secretBox: SecretBox;
  /** Boundaries of group-sequential tests already solved: kept as long as the process lives. */
  readonly boundaries: BoundaryBook;
  /** Version of the code, written into every evidence pack. */
  readonly codeVersion: string;
}
