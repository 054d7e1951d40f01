// Runs the operator's command line as a process, with an environment of its own, piped or in a terminal of a given
// width (by `script` of util-linux).

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { machineEnvironment } from '../../local/machine.ts';

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  readonly columns: number;
  /** What is typed once the command asks. */
  readonly answer?: string;
}

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

/** With this environment and nothing else of ours but PATH. */
export function jalon(args: readonly string[], env: Environment): Promise<Run> {
  return run(process.execPath, [MAIN, ...args], env);
}

export function jalonInTerminal(args: readonly string[], env: Environment, terminal: Terminal): Promise<Run> {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  const shell = `stty cols ${terminal.columns} rows 40; exec ${command}`;
  return run('script', ['-qec', shell, '/dev/null'], { TERM: 'xterm', ...env }, terminal.answer);
}

export function start(args: readonly string[], env: Environment) {
  const { PATH = '' } = machineEnvironment();
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function run(program: string, args: readonly string[], env: Environment, answer?: string): Promise<Run> {
  const { PATH = '' } = machineEnvironment();
  const child = spawn(program, [...args], { env: { PATH, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, err, waiting] = ['', '', answer];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (waiting === undefined || !out.includes('[y/N]')) return;
    child.stdin.write(`${waiting}\n`);
    waiting = undefined;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  if (answer === undefined) child.stdin.end();
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
