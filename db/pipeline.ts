// Statements of one transaction that need none of each other's answers: sent one behind the other at once, so that they
// cost one wait for PostgreSQL together and not one each.

/** What Kysely's builders are, before they are executed. */
export interface Statement {
  execute(): Promise<unknown>;
}

/**
 * Executes the statements in their order; they must be of one transaction. The first that fails is told, those behind
 * it fail with it, and the transaction can only be rolled back.
 */
export async function pipelined(statements: readonly Statement[]): Promise<void> {
  await Promise.all(statements.map((statement) => statement.execute()));
}
