// What each part of the platform has used of the machine: processor time and memory of this program's descendants, told
// apart by their command line. PostgreSQL's sessions for Temporal count by themselves. Linux only: it reads /proc.

import { readdir, readFile } from 'node:fs/promises';

/** In the order in which they are looked for: the first whose sign is in a command line is the part. */
const PARTS = {
  api: /api\/main\.ts/,
  worker: /worker\/main\.ts/,
  bare: /bare-worker\.ts/,
  temporalDatabase: /^postgres: \S+ temporal/,
  postgres: /^postgres: |^\S*\/postgres /,
  temporal: /temporal/,
} as const satisfies Record<string, RegExp>;

export type Part = keyof typeof PARTS;

export interface Usage {
  /** Seconds of processor time since the part began. */
  readonly cpu: number;
  /** Resident bytes now. */
  readonly memory: number;
}

export type Usages = Readonly<Record<Part, Usage>>;

/** The kernel's clock ticks a second and bytes a page, on every Linux that Node runs on. */
const TICKS = 100;
const PAGE = 4_096;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly usage: Usage;
}

export async function usages(): Promise<Usages> {
  const found = Object.fromEntries(Object.keys(PARTS).map((part) => [part, { cpu: 0, memory: 0 }])) as Record<
    Part,
    Usage
  >;
  for (const { pid, usage } of descendants(await processes())) {
    const part = await partOf(pid);
    if (part === null) continue;
    const { cpu, memory } = found[part];
    found[part] = { cpu: cpu + usage.cpu, memory: memory + usage.memory };
  }
  return found;
}

/** Seconds of processor time of each part from one look to a later one. */
export function cpuBetween(before: Usages, after: Usages): Record<Part, number> {
  const parts = Object.keys(PARTS) as Part[];
  const spent = parts.map((part) => [part, after[part].cpu - before[part].cpu]);
  return Object.fromEntries(spent) as Record<Part, number>;
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const read = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
      return stat === null ? [] : [parse(pid, stat)];
    }),
  );
  return read.flat();
}

/** See proc(5). What ended children have used counts for their parent. */
function parse(pid: number, stat: string): Process {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? 0;
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid, parent: field(4), usage: { cpu: ticks / TICKS, memory: field(24) * PAGE } };
}

function descendants(all: readonly Process[]): Process[] {
  const known = new Set([process.pid]);
  const found: Process[] = [];
  for (let before = 0; before < known.size; ) {
    before = known.size;
    for (const one of all) {
      if (known.has(one.pid) || !known.has(one.parent)) continue;
      known.add(one.pid);
      found.push(one);
    }
  }
  return found;
}

async function partOf(pid: number): Promise<Part | null> {
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program = '', ...rest] = raw.split('\0');
  // The guard's own command line quotes that of its child.
  if (program.endsWith('/sh')) return null;
  const command = [program, ...rest].join(' ');
  const found = Object.entries(PARTS).find(([, sign]) => sign.test(command));
  return found === undefined ? null : (found[0] as Part);
}
