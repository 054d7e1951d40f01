// A sample may carry the sums of what the same units did in the period before: three figures, or none.

import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Not validated: older rows have no covariate and never change, and to read them all would keep writers waiting.
  `alter table observation
    add column covariate_sum numeric(30, 10),
    add column covariate_sum_squares numeric(50, 20),
    add column covariate_sum_of_products numeric(50, 20),
    add constraint observation_covariate
      check (num_nulls(covariate_sum, covariate_sum_squares, covariate_sum_of_products) in (0, 3)) not valid`,
];
