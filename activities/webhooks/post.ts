// Sends one request of a webhook and says what came of it. Follows no redirect, knows no proxy, reads no answer beyond
// its head and throws for nothing that the other side does; its words hold no address and no secret.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Answer } from '../../domain/webhook.ts';
import { guardedLookup, refuseLiteral, type TargetPolicy, TargetRefused } from './target.ts';

export interface PostSettings extends TargetPolicy {
  /** For everything: resolving, connecting, sending, and the head of the answer. */
  readonly timeoutMs?: number;
}

export type Post = (url: string, headers: Record<string, string>, body: string) => Promise<Answer>;

const TIMEOUT_MS = 15_000;

/** Read so that a receiver which says a few words sees them taken; beyond it the connection is closed. */
const MOST_BODY = 64 * 1024;

export function createPost(settings: PostSettings): Post {
  const { timeoutMs = TIMEOUT_MS } = settings;
  return async (text, headers, body) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await headOf(new URL(text), headers, body, settings, signal);
      const { statusCode: status = 0, headers: answered } = response;
      const retryAfter = waitOf(answered['retry-after'], answered.date);
      await takeBody(response);
      return { status, retryAfter };
    } catch (error) {
      return { fault: signal.aborted ? `No answer within ${timeoutMs / 1_000} seconds.` : wordsOf(error) };
    }
  };
}

function headOf(
  url: URL,
  headers: Record<string, string>,
  body: string,
  policy: TargetPolicy,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  refuseLiteral(url, policy);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    request(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'Jalon',
      },
      lookup: guardedLookup(policy),
      // A connection of its own: none is used that was checked for an earlier request only, or leads to a proxy.
      agent: false,
      rejectUnauthorized: true,
      signal,
    })
      .on('response', resolve)
      .on('error', reject)
      .end(bytes);
  });
}

/** What follows the head changes nothing, whether it comes or breaks off. */
async function takeBody(response: IncomingMessage): Promise<void> {
  let taken = 0;
  try {
    for await (const chunk of response) {
      taken += (chunk as Buffer).length;
      if (taken > MOST_BODY) break;
    }
  } catch {
    // The answer is known already.
  } finally {
    response.destroy();
  }
}

/** Milliseconds of a Retry-After, given in seconds or as a date by the server's own clock; null for anything else. */
function waitOf(header: string | undefined, date: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const [until, now] = [Date.parse(header), date === undefined ? Date.now() : Date.parse(date)];
  return Number.isNaN(until) || Number.isNaN(now) ? null : Math.max(0, until - now);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was closed before an answer.',
  EPIPE: 'The connection was closed before an answer.',
  ENOTFOUND: 'The name does not resolve.',
  EAI_AGAIN: 'The name does not resolve at present.',
  ENETUNREACH: 'The network cannot be reached.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ETIMEDOUT: 'The connection was not answered.',
};

function wordsOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  return WORDS[code] ?? `The request failed (${code}).`;
}
