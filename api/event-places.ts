// How many streams of events may be open at once, each holding a connection and a little memory: by credential, so that
// one caller leaves room for others, and in this process. Counted here only; every API process has places of its own.

import { Problem } from './problem.ts';

export interface EventPlaces {
  /** Takes a place for a credential and returns how to give it back. Throws when there is none. */
  take(credential: string): () => void;
  readonly taken: number;
}

const RETRY_AFTER_SECONDS = 5;

export function createEventPlaces(limits: { perProcess: number; perCredential: number }): EventPlaces {
  const { perProcess, perCredential } = limits;
  const taken = new Map<string, number>();
  let total = 0;
  return {
    take(credential) {
      const own = taken.get(credential) ?? 0;
      if (own >= perCredential) {
        const detail = `${perCredential} streams of events are open with this credential: end one of them.`;
        throw new Problem('too_many_requests', detail, { retryAfter: RETRY_AFTER_SECONDS });
      }
      if (total >= perProcess) {
        const detail = `This process has all of its ${perProcess} streams of events open.`;
        throw new Problem('unavailable', detail, { retryAfter: RETRY_AFTER_SECONDS });
      }
      taken.set(credential, own + 1);
      total += 1;
      return () => {
        const left = (taken.get(credential) ?? 1) - 1;
        if (left === 0) taken.delete(credential);
        else taken.set(credential, left);
        total -= 1;
      };
    },
    get taken() {
      return total;
    },
  };
}
