// An outage at the start is outlasted and told of; being asked to end is obeyed at once.
import { expect, test } from 'vitest';
import { outlast } from '../../worker/patience.ts';

function journal() {
  const told: object[] = [];
  return { told, log: { warn: (line: object) => told.push(line) } };
}

test('what fails is tried again, each failure is told, and its result is given once it succeeds', async () => {
  const { told, log } = journal();
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    attempts += 1;
    if (attempts < 3) throw new Error('refused');
    return 'connected';
  };
  expect(await outlast('Temporal', attempt, { log, signal: new AbortController().signal })).toBe('connected');
  expect(told).toMatchObject([
    { what: 'Temporal', pause: 500 },
    { what: 'Temporal', pause: 1_000 },
  ]);
});

test('who waits and is asked to end stops waiting', async () => {
  const { log } = journal();
  const ending = new AbortController();
  const waiting = outlast('Temporal', () => Promise.reject(new Error('refused')), {
    log,
    signal: ending.signal,
  });
  ending.abort();
  expect(await waiting).toBeNull();
});
