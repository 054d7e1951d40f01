// The rows of one push on their way into the database: checked one by one, stored a thousand at a time while the next
// thousand is read, each fault kept under its line. Knows nothing of how rows arrive.

import { appendObservations } from '../db/observation-append.ts';
import type { StoredThesis } from '../db/theses.ts';
import type { Observation } from '../domain/evidence.ts';
import { checkObservation } from '../domain/observation/check.ts';
import type { FieldError } from '../domain/refusal.ts';
import type { ApiContext } from './context.ts';
import { rulesOf } from './evidence-access.ts';
import { Problem } from './problem.ts';
import type { Row } from './row-stream.ts';
import type { PushReport } from './schemas/observation.ts';

const MAXIMUM_ROWS = 100_000;
const MAXIMUM_ERRORS = 1_000;
const CHUNK = 1_000;

interface Taken {
  readonly line: number;
  readonly observation: Observation;
}

/** The rows of one request on their way into the database. */
export class Intake {
  readonly report: PushReport = { accepted: 0, unchanged: 0, restated: 0, rejected: 0, errors: [] };
  readonly #c: ApiContext;
  readonly #thesis: StoredThesis;
  readonly #source: string;
  #rows = 0;
  #chunk: Taken[] = [];
  /** The chunk that is being stored: one at a time, so that rows are stored in the order in which they came. */
  #storing: Promise<void> = Promise.resolve();

  constructor(c: ApiContext, thesis: StoredThesis, source: string) {
    this.#c = c;
    this.#thesis = thesis;
    this.#source = source;
  }

  async take(row: Row): Promise<void> {
    this.#rows += 1;
    if (this.#rows > MAXIMUM_ROWS) await this.#refuseRest(row.line);
    if ('fault' in row) return this.#reject(row.line, [{ path: '$', message: row.fault }]);
    const checked = checkObservation(row.value, rulesOf(this.#c, this.#thesis, 'measured'));
    if (Array.isArray(checked)) return this.#reject(row.line, checked);
    this.#chunk.push({ line: row.line, observation: checked });
    if (this.#chunk.length === CHUNK) await this.#send();
  }

  /** Resolves once all rows taken are stored. */
  async flush(): Promise<void> {
    await this.#send();
    await this.#storing;
    this.report.errors.sort((a, b) => a.line - b.line);
  }

  /** Resolves once the rows handed on are stored: also when reading broke off, nothing is stored after the answer. */
  async settled(): Promise<void> {
    await this.#storing;
  }

  /** Hands the chunk on once the one before is stored, and does not wait for it. */
  async #send(): Promise<void> {
    await this.#storing;
    const chunk = this.#chunk;
    this.#chunk = [];
    this.#storing = this.#store(chunk);
    // It is heard at the next chunk or at the end; until then it must not end the process.
    this.#storing.catch(() => undefined);
  }

  async #store(chunk: readonly Taken[]): Promise<void> {
    if (chunk.length === 0) return;
    const knownAt = rulesOf(this.#c, this.#thesis, 'measured').now;
    const arrival = { thesisId: this.#thesis.thesisId, source: this.#source, knownAt };
    const observations = chunk.map(({ observation }) => observation);
    const { accepted, unchanged, restated, conflicts } = await appendObservations(
      this.#c.var.db,
      arrival,
      observations,
    );
    this.report.accepted += accepted;
    this.report.unchanged += unchanged;
    this.report.restated += restated;
    for (const place of conflicts) {
      const line = chunk[place]?.line ?? 0;
      this.#reject(line, [
        { path: 'rowKey', message: 'The key already belongs to a row of another metric.' },
      ]);
    }
  }

  #reject(line: number, faults: readonly FieldError[]): void {
    this.report.rejected += 1;
    for (const fault of faults) {
      if (this.report.errors.length < MAXIMUM_ERRORS) this.report.errors.push({ line, ...fault });
    }
  }

  async #refuseRest(line: number): Promise<never> {
    await this.flush();
    const { accepted, unchanged, restated, rejected, errors } = this.report;
    const taken = `${accepted} accepted, ${unchanged} unchanged, ${restated} restated, ${rejected} rejected`;
    throw new Problem(
      'body_too_large',
      `A request has at most ${MAXIMUM_ROWS} rows. Those before line ${line} were taken (${taken}); send the rest by itself.`,
      {
        fields: errors.map((error) => ({
          path: `line ${error.line}: ${error.path}`,
          message: error.message,
        })),
      },
    );
  }
}
