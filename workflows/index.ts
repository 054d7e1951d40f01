// The entry of the workflow bundle: everything that Temporal may start by name.

export { thesisWorkflow } from './thesis.ts';
