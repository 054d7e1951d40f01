// What a guarded process promises: it stops when asked, is killed when it will not, and never outlives us.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lastLines, startGuardedProcess } from '../../local/guarded-process.ts';

let folder: string;
let logFile: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'jalon-guard-'));
  logFile = path.join(folder, 'log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start(script: string, graceMs = 5_000, discard = '') {
  return startGuardedProcess({
    discard,
    command: '/bin/sh',
    args: ['-c', script],
    logFile,
    stopSignal: 'TERM',
    graceMs,
  });
}

describe('a guarded process', () => {
  test('reports the exit code of a child that ends by itself, and keeps what it printed', async () => {
    const child = start('echo one; echo two >&2; exit 7');
    expect(await child.exited).toBe(7);
    expect(child.isRunning()).toBe(false);
    expect(await lastLines(logFile, 1)).toBe('two');
  });

  test('lets the child stop in its own way', async () => {
    const child = start('trap "echo goodbye; exit 0" TERM; echo ready; while :; do sleep 0.05; done');
    await untilLogged('ready');
    await child.stop();
    expect(await child.exited).toBe(0);
    expect(await lastLines(logFile, 1)).toBe('goodbye');
  });

  test('kills a child that ignores the request, once the grace period is over', async () => {
    const child = start('trap "" TERM; echo ready; while :; do sleep 0.05; done', 300);
    await untilLogged('ready');
    await child.stop();
    expect(await child.exited).toBe(137);
  });

  test('can be killed without a word, in the folder where it runs', async () => {
    const child = startGuardedProcess({
      command: '/bin/sh',
      args: ['-c', 'trap "echo goodbye; exit 0" TERM; echo "in $PWD"; while :; do sleep 0.05; done'],
      cwd: folder,
      logFile,
      stopSignal: 'TERM',
      graceMs: 5_000,
    });
    await untilLogged(`in ${folder}`);
    await child.kill();
    expect(await child.exited).toBe(137);
    expect(await lastLines(logFile)).not.toContain('goodbye');
  });

  test('removes its temporary folder when the child ended well, and keeps it as evidence when not', async () => {
    const temporary = path.join(folder, 'temporary');
    await mkdir(temporary);
    await start('exit 3', 1_000, temporary).exited;
    expect(await readdir(folder)).toContain('temporary');
    await start('exit 0', 1_000, temporary).exited;
    expect(await readdir(folder)).not.toContain('temporary');
  });

  test('says why a child could not start', async () => {
    const child = startGuardedProcess({
      command: path.join(folder, 'absent'),
      args: [],
      logFile,
      stopSignal: 'TERM',
      graceMs: 1_000,
    });
    expect(await child.exited).toBe(127);
    expect(await lastLines(logFile)).toMatch(/absent.*not found/);
  });

  test('does not outlive the process that started it, even one killed with SIGKILL', async () => {
    const guardModule = new URL('../../local/guarded-process.ts', import.meta.url).href;
    const program = `
      const { startGuardedProcess } = await import(${JSON.stringify(guardModule)});
      startGuardedProcess({
        command: '/bin/sh', args: ['-c', 'echo pid $$; exec sleep 300'],
        logFile: ${JSON.stringify(logFile)}, stopSignal: 'TERM', graceMs: 2000,
      });
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    const pid = Number((await untilLogged('pid ')).match(/pid (\d+)/)?.[1]);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });
});

async function untilLogged(text: string): Promise<string> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const log = await readFile(logFile, 'utf8').catch(() => '');
    if (log.includes(text)) return log;
    await sleep(20);
  }
  throw new Error(`"${text}" was never printed`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
