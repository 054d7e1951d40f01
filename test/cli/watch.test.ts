// Watching what happens: as it happens, and each event once, though the API dies in between.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Environment, jalon, start } from '../support/command-line.ts';
import { type Company, foundCompany } from '../support/company.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };

let company: Company;
let env: Environment;
const watchers: ReturnType<typeof start>[] = [];

beforeAll(async () => {
  company = await foundCompany();
  env = { JALON_API_URL: company.apiUrl, JALON_API_KEY: company.keyOf('lea') };
}, 180_000);

afterAll(async () => {
  for (const watcher of watchers) watcher.kill('SIGKILL');
  await company?.close();
});

function watching(...args: readonly string[]) {
  const child = start(['watch', ...args], env);
  watchers.push(child);
  const seen = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    seen.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    seen.err += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  return { child, seen, exited };
}

interface Told {
  readonly position: number;
  readonly sequence: number;
  readonly type: string;
}

test('events come as they happen, each once, though the API is killed and started again', async () => {
  const all = watching('--json', '--after', '0');
  const { out } = await jalon(['launch', 'docs/examples/thesis.yaml', '--json'], env);
  const { thesisId } = JSON.parse(out);
  const one = watching(thesisId, '--after', '0');
  await vi.waitUntil(() => all.seen.out.includes('thesis.proposed'), PATIENCE);
  await vi.waitUntil(() => one.seen.out.includes('thesis.proposed'), PATIENCE);

  await company.restartApi();
  await company.admin.post(`/v1/theses/${thesisId}/withdraw`, { reason: 'Enough was seen.' });
  await vi.waitUntil(() => all.seen.out.includes('retex.drafted'), PATIENCE);
  const told: Told[] = all.seen.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ position }) => position)).toEqual(told.map((_, index) => index + 1));
  expect(all.seen.err).toContain('trying again in');

  await vi.waitUntil(() => one.seen.out.includes('thesis.withdrawn'), PATIENCE);
  expect(one.seen.out).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}thesis\.withdrawn {2}admin {2}.*reason=Enough was seen\./m,
  );
  one.child.kill('SIGINT');
  expect(await one.exited).toBe(0);
}, 180_000);

test('a thesis that nobody knows is refused at once', async () => {
  const run = await jalon(['watch', 'nothing-here'], env);
  expect(run).toMatchObject({ code: 1, err: expect.stringContaining('No such thesis') });
});
