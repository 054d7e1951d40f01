// The commands that reach behind the API, to PostgreSQL and Temporal. They are loaded when they are asked for: no other
// command waits for the clients of both.

import type { Command } from 'commander';
import type { Common } from './reach.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('walk the hash chain of the ledger in PostgreSQL')
    .action(async (_options: object, command: Command) => {
      const { verify } = await import('./verify.ts');
      await verify(command.optsWithGlobals<Common>());
    });
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at everything that Jalon needs, and say what to do where something is wrong')
    .action(async (_options: object, command: Command) => {
      const { doctor } = await import('./doctor.ts');
      await doctor(command.optsWithGlobals<Common>());
    });
}
