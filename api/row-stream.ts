// Rows out of a request's body: NDJSON line by line, never the whole of it in memory; a JSON array at once, within a
// limit. Knows nothing of what a row means.

import { parseExactly } from '../domain/exact-json.ts';
import { Problem } from './problem.ts';
import { jsonFault, refuseFault } from './strict-json.ts';

/** A row with its place; a line that is not JSON comes as its fault. */
export type Row = { readonly line: number } & ({ readonly value: unknown } | { readonly fault: string });

const MAXIMUM_LINE = 64 * 1024;
const MAXIMUM_ARRAY = 64 * 1024 * 1024;
const NEW_LINE = 0x0a;

/** The rows of a body of the given content type. Throws problems: another type, not JSON, too large, broken off. */
export function rowsOf(body: ReadableStream<Uint8Array> | null, contentType: string): AsyncIterable<Row> {
  const [type] = contentType.toLowerCase().split(';');
  const bytes = unbroken(body);
  if (type?.trim() === 'application/x-ndjson') return ndjson(bytes);
  if (type?.trim() === 'application/json') return array(bytes);
  throw new Problem('unsupported_media_type', 'Rows come as application/x-ndjson or application/json.');
}

async function* unbroken(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body;
  } catch (problem) {
    const detail = 'The body broke off: send the same rows again, each is stored once.';
    throw new Problem('malformed_request', detail, { cause: problem });
  }
}

async function* ndjson(body: AsyncIterable<Uint8Array>): AsyncGenerator<Row> {
  let line = 0;
  for await (const bytes of lines(body)) {
    line += 1;
    const row =
      bytes === null ? { line, fault: `Longer than ${MAXIMUM_LINE} bytes.` } : parseLine(line, bytes);
    if (row !== null) yield row;
  }
}

/** The body cut at its line ends; null stands for a line too long to be kept. */
async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | null> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size <= MAXIMUM_LINE) parts.push(part);
    else parts = [];
  };
  const finish = (): Uint8Array | null => {
    const whole = size <= MAXIMUM_LINE ? Buffer.concat(parts) : null;
    [parts, size] = [[], 0];
    return whole;
  };
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, from)) {
      take(chunk.subarray(from, end));
      yield finish();
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
  if (size > 0) yield finish();
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Null for a blank line, which counts as a line and holds no row. */
function parseLine(line: number, bytes: Uint8Array): Row | null {
  try {
    const text = utf8.decode(bytes).trim();
    if (text === '') return null;
    const fault = jsonFault(text);
    return fault === null
      ? { line, value: parseExactly(text) }
      : { line, fault: `${fault.path}: ${fault.message}` };
  } catch {
    return { line, fault: 'Not well-formed JSON in UTF-8.' };
  }
}

async function* array(body: AsyncIterable<Uint8Array>): AsyncGenerator<Row> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAXIMUM_ARRAY) {
      throw new Problem('body_too_large', `A JSON array has at most ${MAXIMUM_ARRAY} bytes: send NDJSON.`);
    }
    parts.push(part);
  }
  const values = parseArray(Buffer.concat(parts));
  for (const [index, value] of values.entries()) yield { line: index + 1, value };
}

function parseArray(bytes: Uint8Array): unknown[] {
  const values = parseBody(bytes);
  if (Array.isArray(values)) return values;
  const fields = [{ path: '$', message: 'Must be an array of observations.' }];
  throw new Problem('invalid_input', 'The body is not an array.', { fields });
}

function parseBody(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (problem) {
    throw new Problem('malformed_request', 'The body is not well-formed JSON in UTF-8.', { cause: problem });
  }
  refuseFault(jsonFault(text));
  return parseExactly(text);
}
