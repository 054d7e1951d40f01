// Refuses JSON that two readers could read differently, or that could hurt one of them: a key twice in an object, text
// that is not UTF-8, half a character, a NUL, the key __proto__, nesting without end. Knows nothing of what the JSON means.

import type { MiddlewareHandler } from 'hono';
import type { FieldError } from '../domain/refusal.ts';
import type { ApiContext, ApiEnv } from './context.ts';
import { Problem } from './problem.ts';
import { jsonPath } from './schemas/field-errors.ts';
import { isWellFormed } from './schemas/primitives.ts';

/** The deepest that any document of ours goes is nine. */
const DEEPEST = 32;

/** What is wrong with JSON that can be parsed all the same. */
export interface JsonFault extends FieldError {
  /** `form`: not to be read at all. `value`: well-formed, and not to be kept. */
  readonly about: 'form' | 'value';
}

/** Refuses a JSON body that is not to be read, or is not there; another content type is left to the route. */
export function strictJson({ required }: { readonly required: boolean }): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (required && (await c.req.arrayBuffer()).byteLength === 0) {
      throw new Problem('malformed_request', 'The request has no body, and needs one.');
    }
    await refuseUnreadable(c);
    await next();
  };
}

async function refuseUnreadable(c: ApiContext): Promise<void> {
  if (c.req.header('content-encoding') !== undefined) {
    throw new Problem('unsupported_media_type', 'A body comes as it is: Content-Encoding is not read here.');
  }
  const [type = '', ...parameters] = (c.req.header('content-type') ?? '').toLowerCase().split(';');
  if (/^application\/(?:[\w.-]+\+)?json$/.test(type.trim())) {
    if (
      parameters.some(
        (parameter) => /^\s*charset\s*=/.test(parameter) && !/=\s*"?utf-?8"?\s*$/.test(parameter),
      )
    ) {
      throw new Problem('unsupported_media_type', 'JSON comes in UTF-8.');
    }
    refuseFault(faultOfBytes(new Uint8Array(await c.req.arrayBuffer())));
  }
}

/** Throws the problem that a fault is. */
export function refuseFault(fault: JsonFault | null): void {
  if (fault === null) return;
  const { path, message } = fault;
  const code = fault.about === 'form' ? 'malformed_request' : 'invalid_input';
  throw new Problem(code, `${path}: ${message}`, { fields: [{ path, message }] });
}

/** With a byte order mark left in, which is no JSON: the parser would take it away and hide it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function faultOfBytes(bytes: Uint8Array): JsonFault | null {
  // No body at all is for the route's schema to judge.
  if (bytes.length === 0) return null;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { about: 'form', path: '$', message: 'Is not UTF-8.' };
  }
  return jsonFault(text);
}

interface Level {
  /** The keys seen in an object; null for an array. */
  readonly keys: Set<string> | null;
  /** Where we are in it. */
  place: string | number;
  expectsKey: boolean;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/** The first fault of a JSON text, by its path; null when there is none. */
export function jsonFault(text: string): JsonFault | null {
  if (!isJson(text)) return { about: 'form', path: '$', message: 'Is not well-formed JSON.' };
  const levels: Level[] = [];
  const path = () => jsonPath(levels.map(({ place }) => place));
  for (const [token] of text.matchAll(TOKENS)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') {
      if (levels.length === DEEPEST)
        return { about: 'form', path: '$', message: `Is nested deeper than ${DEEPEST}.` };
      levels.push(
        token === '{'
          ? { keys: new Set(), place: '', expectsKey: true }
          : { keys: null, place: 0, expectsKey: false },
      );
    } else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level !== undefined) turn(level);
    else if (token.startsWith('"')) {
      const value = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
      const fault = level?.expectsKey === true ? faultOfKey(level, value) : faultOfText(value);
      if (fault !== null) return { ...fault, path: path() };
    }
  }
  return null;
}

/** On to the next entry of an object or an array. */
function turn(level: Level): void {
  if (level.keys !== null) level.expectsKey = true;
  else if (typeof level.place === 'number') level.place += 1;
}

type Fault = Pick<JsonFault, 'about' | 'message'>;

function faultOfKey(level: Level, key: string): Fault | null {
  level.place = key;
  level.expectsKey = false;
  if (level.keys?.has(key)) return { about: 'form', message: 'Stands here twice.' };
  if (key === '__proto__') return { about: 'form', message: 'Is a name that is not taken.' };
  level.keys?.add(key);
  return faultOfText(key);
}

function faultOfText(text: string): Fault | null {
  if (text.includes('\0')) return { about: 'value', message: 'Holds a NUL.' };
  if (!isWellFormed(text)) return { about: 'value', message: 'Holds half of a surrogate pair.' };
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
