// Decides whether a thesis's source can be pulled through its connection: a query for each metric, and a value for each
// named parameter of those queries, no more and no less.

import type { Connection } from '../../domain/connection.ts';
import type { FieldError } from '../../domain/refusal.ts';
import type { SourceBinding } from '../../domain/thesis.ts';
import { freeParameters } from './query-check.ts';

/** All that is wrong; paths are relative to the binding: `metrics[0]`, `parameters.campaign`. */
export function checkBinding(
  { metrics, parameters }: Pick<SourceBinding, 'metrics' | 'parameters'>,
  { name, queries }: Pick<Connection, 'name' | 'queries'>,
): FieldError[] {
  const errors: FieldError[] = [];
  const needed = new Map<string, string>();
  for (const [index, metric] of metrics.entries()) {
    const query = queries.find((candidate) => candidate.metric === metric);
    if (query === undefined) {
      errors.push({
        path: `metrics[${index}]`,
        message: `The connection ${name} has no query for ${metric}.`,
      });
      continue;
    }
    for (const parameter of freeParameters(query.sql)) needed.set(parameter, metric);
  }
  for (const [parameter, metric] of needed) {
    if (Object.hasOwn(parameters, parameter)) continue;
    errors.push({ path: `parameters.${parameter}`, message: `Required by the query of ${metric}.` });
  }
  for (const parameter of Object.keys(parameters)) {
    if (needed.has(parameter)) continue;
    errors.push({
      path: `parameters.${parameter}`,
      message: 'No query of the bound metrics has this parameter.',
    });
  }
  return errors;
}
