// Finds processes of this machine by their command line and kills them without warning. Linux only: it reads /proc.

import { readdir, readFile } from 'node:fs/promises';

/** Kills every process whose command line matches, except the shell that guards it; returns how many there were. */
export async function killProcesses(matches: (commandLine: string) => boolean): Promise<number> {
  let killed = 0;
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const raw = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const words = raw.split('\0');
    // The guard's own command line quotes the child's; killing the guard would hide the child's end.
    if (words[0]?.endsWith('/sh') || !matches(`${words.join(' ')} `)) continue;
    if (killNow(pid)) killed += 1;
  }
  return killed;
}

function killNow(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    // It ended by itself between the look and the blow.
    return false;
  }
}
