// What every benchmark is given and gives.

import type { Log } from '../../local/machine.ts';
import type { Engine } from './engine.ts';
import type { Finding } from './finding.ts';

export interface Bench {
  readonly engine: Engine;
  /** Its size: votes, launches, theses or rows. */
  readonly count: number;
  readonly say: Log;
}

export type Benchmark = (bench: Bench) => Promise<readonly Finding[]>;
