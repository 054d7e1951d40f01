// What the groups of keys beside this file have in common: the kinds of values that several of them take, and the types
// of what they read. It knows no key.

import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a group of keys holds once it is read. */
export type Values<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;

export const hostAndPort = () => z.string().regex(/^[^\s/:]+:\d{1,5}$/, 'Must be host:port.');

export const wholeNumber = (minimum: number, maximum: number) =>
  z.coerce
    .number(`Must be a whole number from ${minimum} to ${maximum}.`)
    .int(`Must be a whole number from ${minimum} to ${maximum}.`)
    .min(minimum, `Must be at least ${minimum}.`)
    .max(maximum, `Must be at most ${maximum}.`);

/** Whether what comes from a URL can be trusted to come from there, and what is sent there is read there only. */
export function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  );
}
