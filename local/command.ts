// Runs one command of limited length (a build, a download) and shows that it is alive. Long-lived services
// go through guarded-process.ts.
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { type Environment, type Log, machineEnvironment } from './machine.ts';

const PROGRESS_EVERY_MS = 5_000;
const KEPT_CHARACTERS = 4_000;

export interface CommandOptions {
  command: string;
  args: readonly string[];
  /** Added to our own environment. */
  env?: Readonly<Record<string, string>>;
  /** Names of variables of ours that it must not get. */
  without?: RegExp;
  /** Where it runs; where we do when absent. */
  cwd?: string;
  /** It is killed, and the call fails, after this many milliseconds. */
  timeoutMs: number;
  /** With `label`, says every few seconds how long it runs and what it printed last. */
  progress?: Log;
  label?: string;
}

/**
 * Runs a command and returns what it printed (the end of it, when long).
 * @throws when it cannot start, takes too long or ends with another code than 0, with the end of its output.
 */
export async function runCommand(options: CommandOptions): Promise<string> {
  const started = Date.now();
  let output = '';
  const child = spawn(options.command, [...options.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
    env: environmentFor(options),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
  }
  const ticker = setInterval(() => {
    options.progress?.(`${options.label ?? options.command}: ${elapsed(started)}${lastLine(output)}`);
  }, PROGRESS_EVERY_MS);
  try {
    const ending = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        if (code === 0) resolve(undefined);
        else if (signal !== null) resolve(`was ended by ${signal} after ${elapsed(started)}`);
        else resolve(`ended with code ${code}`);
      });
    });
    if (ending === undefined) return output;
    throw new Error(`\`${options.command}\` ${ending}: ${output.trim().slice(-1_000)}`);
  } finally {
    clearInterval(ticker);
  }
}

function environmentFor({ env, without }: CommandOptions): Environment {
  const ours = Object.entries(machineEnvironment()).filter(([name]) => without?.test(name) !== true);
  return { ...Object.fromEntries(ours), ...env };
}

function elapsed(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

function lastLine(output: string): string {
  const line = stripVTControlCharacters(output).trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `, at ${line.slice(0, 80)}`;
}
