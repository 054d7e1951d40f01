// Reads a launch from YAML, and says where in the file a field stands. What a launch must hold is the API's to say:
// this knows only where things are.

import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

export interface Fault {
  readonly line: number;
  readonly column: number;
  /** JSON path; empty for what is wrong with the YAML itself. */
  readonly path: string;
  readonly message: string;
}

export interface LaunchFile {
  readonly body: unknown;
  /** Where the field is, or what should hold it. */
  locate(path: string, message: string): Fault;
}

/** The launch, or what keeps the text from being YAML. */
export function readLaunch(text: string): LaunchFile | readonly Fault[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) return faults.map(({ pos, message }) => ({ ...at(pos[0]), path: '', message }));
  if (!isMap(document.contents)) {
    return [{ line: 1, column: 1, path: '', message: 'A launch is a list of fields, as in `title: ...`.' }];
  }
  const root: Node = document.contents;
  return {
    body: document.toJS(),
    locate(path, message) {
      const { offset, value } = find(root, path);
      return { ...at(offset), path, message: inWords(message, value) };
    },
  };
}

/** Follows a JSON path as far as the file goes along with it. */
function find(root: Node, path: string): { offset: number; value: unknown } {
  let [offset, node]: [number, unknown] = [root.range?.[0] ?? 0, root];
  for (const [part = ''] of path.matchAll(/[^.[\]]+/g)) {
    const next = step(node, part);
    if (next === null) return { offset, value: undefined };
    [offset, node] = next;
  }
  return { offset, value: isScalar(node) ? node.value : node };
}

function step(node: unknown, part: string): [number, unknown] | null {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : [item.range?.[0] ?? 0, item];
  }
  if (!isMap<Node, Node | null>(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
  return pair === undefined ? null : [pair.key.range?.[0] ?? 0, pair.value];
}

/** A message for who writes YAML: decimals are texts, so that no digit is lost, and in YAML that takes quotes. */
function inWords(message: string, value: unknown): string {
  if (message.endsWith('received undefined')) return 'This field is missing.';
  const isBare = typeof value === 'number' && message.includes('expected string');
  return isBare ? `Put it in quotes: "${value}".` : message;
}
