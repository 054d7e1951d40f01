// What activities are given by the worker: the database, the key that opens stored secrets, and who we are.

import type { Db } from '../db/connect.ts';
import type { SecretBox } from './secret-box.ts';

export interface ActivityDependencies {
  readonly db: Db;
  readonly secretBox: SecretBox;
  /** Version of the code, written into every evidence pack. */
  readonly codeVersion: string;
}
