// Judges one notification: what arrived of it against the log of its attempts. An HTTP request cannot be had exactly once
// when its sender dies between the answer and its own commit; so a repeat is legal only where the sender could not know.

import { ATTEMPT_PAUSES, ATTEMPTS } from '../../domain/webhook.ts';
import type { Arrival } from './receiver.ts';

export interface LoggedAttempt {
  readonly number: number;
  readonly at: string;
  /** Null, like the status: nobody lived to tell what came of it. */
  readonly durationMs: number | null;
  readonly status: number | null;
}

export interface LoggedDelivery {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly log: readonly LoggedAttempt[];
}

export interface Judgement {
  readonly losses: readonly string[];
  /** Why each legal repeat was sent. */
  readonly repeats: readonly string[];
}

/** Chance takes at most a tenth from a pause; the rest is for two clocks that are read one after the other. */
const SHORTEST_PAUSE = 0.9;
const CLOCK_MS = 100;

export function judge(delivery: LoggedDelivery, arrivals: readonly Arrival[]): Judgement {
  const made = arrivals.map((arrival) => ({ arrival, attempt: attemptOf(delivery, arrival) }));
  const losses = [
    ...logLosses(delivery),
    ...delivery.log.flatMap((attempt) => {
      const its = made.filter((one) => one.attempt === attempt).map(({ arrival }) => arrival);
      return attemptLosses(attempt, its);
    }),
    ...arrivalLosses(made),
  ];
  return {
    losses: losses.map((loss) => `notification ${delivery.id} ${loss}`),
    repeats: made.slice(0, -1).flatMap(({ arrival, attempt }) => {
      return attempt === undefined || isSuccess(attempt) ? [] : [reasonOf(arrival, attempt)];
    }),
  };
}

/** The attempt that brought it: the last that was written down before. Attempts lie further apart than their requests. */
function attemptOf({ log }: LoggedDelivery, { at }: Arrival): LoggedAttempt | undefined {
  return log.findLast((attempt) => Date.parse(attempt.at) <= at);
}

function isSuccess({ status }: LoggedAttempt): boolean {
  return status !== null && status >= 200 && status < 300;
}

function reasonOf({ deed }: Arrival, { durationMs }: LoggedAttempt): string {
  if (durationMs === null) return 'its sender was killed before it could tell';
  if (deed === 'refused') return 'our 500';
  if (deed === 'hung up') return 'we hung up';
  return deed === 'silent' ? 'we gave no answer' : 'our answer came too late';
}

function logLosses({ state, attempts, log }: LoggedDelivery): string[] {
  const losses: string[] = [];
  if (state !== 'delivered') losses.push(`is ${state} after ${attempts} attempts`);
  const numbers = log.map(({ number }) => number).join(', ');
  if (numbers !== Array.from({ length: attempts }, (_, index) => index + 1).join(', ')) {
    losses.push(`has ${attempts} attempts, and its log has ${numbers}`);
  }
  if (attempts > ATTEMPTS) losses.push(`was tried ${attempts} times`);
  log.slice(1).forEach((next, index) => {
    const before = log[index];
    if (before === undefined) return;
    if (isSuccess(before)) {
      losses.push(`was sent again (attempt ${next.number}) after its log knew that it had come through`);
    } else if (before.durationMs !== null) {
      const pause = (ATTEMPT_PAUSES[before.number] ?? 0) * SHORTEST_PAUSE;
      const since = Date.parse(next.at) - Date.parse(before.at) - before.durationMs;
      if (since + CLOCK_MS < pause) losses.push(`was sent again after ${since} ms, before its time`);
    }
  });
  return losses;
}

function attemptLosses(attempt: LoggedAttempt, its: readonly Arrival[]): string[] {
  const { number, status } = attempt;
  if (its.length > 1) return [`arrived ${its.length} times in attempt ${number}`];
  const deed = its[0]?.deed ?? 'never saw it';
  if (!isSuccess(attempt) || deed === 'taken') return [];
  return [`is logged as taken (attempt ${number}: ${status}), and the receiver: ${deed}`];
}

function arrivalLosses(
  made: readonly { readonly arrival: Arrival; readonly attempt: LoggedAttempt | undefined }[],
): string[] {
  const losses: string[] = [];
  if (new Set(made.map(({ arrival }) => arrival.body)).size > 1) losses.push('has several bodies');
  if (made.some(({ attempt }) => attempt === undefined)) losses.push('was sent before it was written down');
  made.slice(1).forEach(({ arrival }, index) => {
    const before = made[index]?.arrival;
    if (before !== undefined && (before.endedAt === null || before.endedAt > arrival.at)) {
      losses.push('was sent again while it was being sent');
    }
  });
  return losses;
}
