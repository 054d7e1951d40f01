// Signals processes that a test has started, and expects there to be exactly one.

import { signalDescendants } from '../../local/descendants.ts';

/** Kills, with SIGKILL, the one descendant that runs `script` under Node. Throws unless there is exactly one. */
export async function killDescendant(script: string): Promise<void> {
  await signalDescendant((command) => command.endsWith(script), 'SIGKILL');
}

/** Signals the one descendant whose command line matches. Throws unless there is exactly one. */
export async function signalDescendant(
  matches: (command: string) => boolean,
  signal: NodeJS.Signals,
): Promise<void> {
  const found = await signalDescendants(matches, signal);
  if (found !== 1) throw new Error(`${found} processes of ours match`);
}
