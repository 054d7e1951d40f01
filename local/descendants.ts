// Finds the processes that this one has started, directly or not, so that a run can break its own and never anybody
// else's. Where there is no /proc it asks `ps`.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runCommand } from './command.ts';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Signals every descendant whose command line matches; returns how many there were. */
export async function signalDescendants(
  matches: (command: string) => boolean,
  signal: NodeJS.Signals,
): Promise<number> {
  const all = await processes();
  const mine = new Set([process.pid]);
  // Parents have no order among the processes: look again until nothing is added.
  for (let before = 0; before < mine.size; ) {
    before = mine.size;
    for (const { pid, parent } of all) if (mine.has(parent)) mine.add(pid);
  }
  // The shell that guards a process has its command line too, behind its own; without it nobody would tell of the end.
  const found = all.filter(
    ({ pid, command }) => mine.has(pid) && matches(command) && !command.startsWith('/bin/sh'),
  );
  return found.filter(({ pid }) => sent(pid, signal)).length;
}

function sent(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It ended by itself between the look and the blow.
    return false;
  }
}

async function processes(): Promise<Process[]> {
  if (existsSync('/proc/self/stat')) return fromProc();
  const listed = await runCommand({
    command: 'ps',
    args: ['-A', '-o', 'pid=,ppid=,args='],
    timeoutMs: 10_000,
  });
  return listed.split('\n').map((line) => {
    const [pid, parent, ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(' ') };
  });
}

function fromProc(): Process[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid) => {
      try {
        // The name in parentheses may hold spaces: the fields are counted from behind it.
        const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
        return [{ pid, parent: Number(parent), command }];
      } catch (error) {
        // It ended while we looked.
        if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code)))
          return [];
        throw error;
      }
    });
}
