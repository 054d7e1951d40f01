#!/usr/bin/env node
// `npm run -s jalon -- <command>`: what an operator does from a terminal. Puts the commands together, runs one, and
// turns how it ended into an exit code.

import { Command } from 'commander';
import { CODE_VERSION } from '../domain/version.ts';
import { addDoctor, addVerify } from './behind-the-api.ts';
import { addExport } from './export.ts';
import { addLaunch } from './launch.ts';
import { addList } from './list.ts';
import { addShow } from './show.ts';
import { DONE, tell } from './unable.ts';
import { addVote } from './vote.ts';
import { addWatch } from './watch.ts';
import { RUN } from './words.ts';

const program = new Command(RUN)
  .description('Theses, gates and evidence from a terminal.')
  .version(CODE_VERSION)
  .option('--api <url>', 'address of the API (else JALON_API_URL, else the platform that runs here)')
  .option('--json', 'answer in JSON, for programs')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('Ask for help with --help.')
  .addHelpText(
    'after',
    '\nThe key is taken from JALON_API_KEY, or from a file that only you can read: JALON_API_KEY_FILE, else\n' +
      '.jalon/api-key. Exit codes: 0 done, 1 failed, 2 used wrongly.',
  )
  .exitOverride();

for (const add of [addList, addShow, addLaunch, addVote, addWatch, addExport, addVerify, addDoctor]) {
  add(program);
}

// Whoever reads may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(DONE);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error, program.opts().json === true);
}
