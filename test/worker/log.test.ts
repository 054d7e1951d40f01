// What a log line may show: no secret in any field or text, and the thesis that a line of the SDK is about.
import { expect, test } from 'vitest';
import { openLog, sdkLogger, withoutSecrets } from '../../worker/log.ts';

function logInto(lines: string[]) {
  return openLog('test', 'trace', { write: (line: string) => lines.push(line) });
}

test('secrets do not reach the log, by field, in a text, or in an error', () => {
  const lines: string[] = [];
  const log = logInto(lines);
  log.info(
    { password: 'hunter2', headers: { authorization: 'Bearer hunter2' }, secret: 'hunter2' },
    'fields',
  );
  log.warn('called with jalon_01890abc-def_hunter2 and Authorization: Bearer hunter2');
  log.error({ err: new Error('connect postgres://jalon:hunter2@db:5432/jalon failed') }, 'error');
  expect(lines).toHaveLength(3);
  expect(lines.join('')).not.toContain('hunter2');
  expect(lines.every((line) => typeof JSON.parse(line) === 'object')).toBe(true);
  expect(lines[1]).toContain('jalon_01890abc-def_[redacted]');
  expect(lines[2]).toContain('postgres://jalon:[redacted]@db:5432/jalon');
});

test('what is no secret stays as it is', () => {
  const line = '{"path":"/v1/theses/0189","url":"http://localhost:8080/docs","msg":"jalon-worker works"}';
  expect(withoutSecrets(line)).toBe(line);
});

test("the SDK's lines are ours, and name the thesis", () => {
  const lines: string[] = [];
  const sdk = sdkLogger(logInto(lines));
  sdk.warn('Activity failed', { workflowId: 'thesis/0189', error: new Error('no answer') });
  sdk.log('INFO', 'Worker state changed', { state: 'RUNNING' });
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({
    level: 40,
    from: 'temporal',
    thesisId: '0189',
    msg: 'Activity failed',
    err: { message: 'no answer' },
  });
  expect(second).toMatchObject({ level: 30, state: 'RUNNING' });
  expect(second).not.toHaveProperty('thesisId');
});
