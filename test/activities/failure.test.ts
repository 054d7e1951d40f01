// Every kind of connector error has one treatment, and the workflow engine is told it.
import { expect, test } from 'vitest';
import { CONNECTOR_ERRORS, ConnectorError } from '../../activities/connectors/port.ts';
import { failureOf, retryDelay, TREATMENTS } from '../../activities/failure.ts';

const NOW = '2026-11-24T12:00:00.000Z';

test('the kinds that are tried again', () => {
  expect(CONNECTOR_ERRORS.filter((kind) => TREATMENTS[kind].retryable)).toEqual([
    'auth_expired',
    'rate_limited',
    'not_ready',
    'transient',
  ]);
});

test.each(CONNECTOR_ERRORS)('%s is told to the engine by its kind', (kind) => {
  const failure = failureOf(new ConnectorError(kind, 'said'), NOW);
  expect(failure).toMatchObject({ message: 'said', type: kind, nonRetryable: !TREATMENTS[kind].retryable });
  expect(failure.cause).toBeUndefined();
});

test('the delay is what the system asks for, or its kind, or the usual one', () => {
  const limited = new ConnectorError('rate_limited', 'slow down', { retryAt: '2026-11-24T12:01:30.000Z' });
  expect(failureOf(limited, NOW).nextRetryDelay).toBe(90_000);
  expect(retryDelay(limited, NOW, 1_000)).toBe(90_000);
  expect(retryDelay(limited, '2026-11-24T13:00:00.000Z', 1_000)).toBe(0);
  expect(retryDelay(new ConnectorError('rate_limited', ''), NOW, 1_000)).toBe(30_000);
  expect(retryDelay(new ConnectorError('transient', ''), NOW, 1_000)).toBe(1_000);
  expect(failureOf(new ConnectorError('transient', ''), NOW).nextRetryDelay).toBeUndefined();
  expect(retryDelay(new ConnectorError('too_large', ''), NOW, 1_000)).toBeNull();
  expect(
    failureOf(new ConnectorError('quota_exhausted', '', { retryAt: NOW }), NOW).nextRetryDelay,
  ).toBeUndefined();
});
