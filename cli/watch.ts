// `jalon watch [<thesis>]`: what happens, as it happens, until Ctrl-C.

import type { Command } from 'commander';
import type { Announcement } from '../domain/thesis/announcement.ts';
import { follow } from './event-stream.ts';
import { type Common, reach } from './reach.ts';
import { paint, plain, say } from './terminal.ts';

interface Options extends Common {
  readonly after?: string;
}

export function addWatch(program: Command): void {
  program
    .command('watch')
    .description('show events as they happen, of one thesis or of all')
    .argument('[thesis]', 'its id; absent: all')
    .option('--after <position>', 'begin behind this event; absent: now')
    .action(async (thesisId: string | undefined, _options: object, command: Command) =>
      watch(thesisId, command.optsWithGlobals<Options>()),
    );
}

async function watch(thesisId: string | undefined, options: Options): Promise<void> {
  const { apiUrl, key } = await reach(options);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  const query = thesisId === undefined ? '' : `?thesis=${encodeURIComponent(thesisId)}`;
  const events = follow({
    url: `${apiUrl}/v1/events${query}`,
    key,
    after: options.after ?? null,
    signal: ending.signal,
    onAway: (pauseMs) => {
      const text = `The stream broke off; trying again in ${(pauseMs / 1_000).toFixed(1)} s.`;
      process.stderr.write(`${paint('yellow', text, process.stderr)}\n`);
    },
  });
  for await (const { data } of events) {
    if (options.json === true) say(data);
    else say(lineOf(JSON.parse(data), thesisId === undefined));
  }
}

/** One line an event: when, of which thesis, what, by whom, and its facts. */
function lineOf({ at, thesisId, type, actor, data }: Announcement, ofMany: boolean): string {
  const facts = Object.entries(data).flatMap(([name, value]) => {
    if (value === null || name === 'gateId' || (Array.isArray(value) && value.length === 0)) return [];
    return [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
  return [
    paint('dim', at.slice(0, 19).replace('T', ' ')),
    ...(ofMany ? [plain(thesisId)] : []),
    paint('bold', plain(type)),
    plain(actor),
    paint('dim', plain(facts.join(' ')).replaceAll('\n', ' ')),
  ].join('  ');
}
