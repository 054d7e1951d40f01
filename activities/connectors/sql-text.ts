// Reads a SQL text far enough to know its named parameters and its words, and to bind the former as $1, $2, ...
// It skips literals, quoted names, dollar quotes, comments and casts; it does not judge, and no value passes through.

export type SqlPiece =
  /** A bare word in lower case, or a double-quoted name as it stands. */
  | { readonly kind: 'word'; readonly text: string; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'parameter'; readonly text: string; readonly name: string }
  /** White space and comments. */
  | { readonly kind: 'space'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  /** One character, or `::`, or a positional `$1`. */
  | { readonly kind: 'sign'; readonly text: string };

/** Thrown for a text that ends inside a literal, a quoted name or a comment. */
export class UnfinishedSql extends Error {
  override readonly name = 'UnfinishedSql';
}

type Reader = (match: string) => SqlPiece;

/** An `E'` whose literal has no end must not pass for the word E and a literal of another kind. */
const WORD = String.raw`(?![eE]')[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*`;

/** In this order at each place: the first that matches is the piece. */
const PIECES: readonly (readonly [RegExp, Reader])[] = [
  [/\s+|--[^\n]*/y, (text) => ({ kind: 'space', text })],
  [/[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y, (text) => ({ kind: 'literal', text })],
  [/(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'/y, (text) => ({ kind: 'literal', text })],
  [/[uU]&"(?:[^"]|"")*"/y, (text) => ({ kind: 'sign', text })],
  [/"(?:[^"]|"")+"/y, quotedName],
  [
    /\$([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y,
    (text) => ({ kind: 'literal', text }),
  ],
  [new RegExp(WORD, 'y'), (text) => ({ kind: 'word', text, name: text.toLowerCase(), quoted: false })],
  [/\d[\w.]*|\.\d\w*/y, (text) => ({ kind: 'number', text })],
  [/::|:=|\$\d+/y, (text) => ({ kind: 'sign', text })],
  [/:[A-Za-z_][A-Za-z0-9_]*/y, (text) => ({ kind: 'parameter', text, name: text.slice(1) })],
];

/** Where a construct begins that none of the pieces above could end. */
const UNFINISHED = /[eE]?'|"|\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** The text in pieces; joined again, they are the text. Throws UnfinishedSql. */
export function readSql(sql: string): SqlPiece[] {
  const pieces: SqlPiece[] = [];
  for (let at = 0; at < sql.length; ) {
    const piece = sql.startsWith('/*', at) ? comment(sql, at) : pieceAt(sql, at);
    pieces.push(piece);
    at += piece.text.length;
  }
  return pieces;
}

export interface BoundSql {
  readonly text: string;
  /** Names in the order of $1, $2, ...: each once, however often the text uses it. */
  readonly names: readonly string[];
}

/** The text with its named parameters as positions. Throws UnfinishedSql. */
export function bindNames(sql: string): BoundSql {
  const names: string[] = [];
  const text = readSql(sql)
    .map((piece) => {
      if (piece.kind !== 'parameter') return piece.text;
      if (!names.includes(piece.name)) names.push(piece.name);
      return `$${names.indexOf(piece.name) + 1}`;
    })
    .join('');
  return { text, names };
}

function pieceAt(sql: string, at: number): SqlPiece {
  for (const [pattern, read] of PIECES) {
    pattern.lastIndex = at;
    const match = pattern.exec(sql)?.[0];
    if (match !== undefined) return read(match);
  }
  UNFINISHED.lastIndex = at;
  if (UNFINISHED.test(sql)) throw new UnfinishedSql('a literal or a quoted name has no end');
  return { kind: 'sign', text: sql.charAt(at) };
}

/** PostgreSQL's block comments nest. */
function comment(sql: string, start: number): SqlPiece {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  for (let depth = 0; ; ) {
    const match = edge.exec(sql);
    if (match === null) throw new UnfinishedSql('a comment has no end');
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return { kind: 'space', text: sql.slice(start, edge.lastIndex) };
  }
}

function quotedName(text: string): SqlPiece {
  return { kind: 'word', text, name: text.slice(1, -1).replaceAll('""', '"'), quoted: true };
}
