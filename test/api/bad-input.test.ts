// The table of bad inputs: whatever comes in wrong has one refusal, by status, code and field, and leaves nothing behind.
import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuiltInPlaybooks } from '../../db/playbooks.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { storeThesis } from '../support/stored-thesis.ts';

let api: TestApi;
let untouched: string;

beforeAll(async () => {
  const noSuchThing = async (): Promise<never> => {
    throw new Error('a bad input reached the engine');
  };
  api = await createTestApi({
    theses: { propose: noSuchThing, send: noSuchThing },
    now: () => new Date('2026-11-24T12:00:00Z'),
  });
  await ensureBuiltInPlaybooks(api.db);
  await storeThesis(api.db, { thesisId: 'lyon', windows: [['detect', '11-01', null]] });
  untouched = await everything();
});
afterAll(async () => {
  expect(await everything()).toBe(untouched);
  await api.close();
});

/** All that a bad input could have left behind. */
async function everything(): Promise<string> {
  const rows = await Promise.all(
    (['member', 'thesis', 'committee', 'observation', 'submission', 'idempotency', 'playbook'] as const).map(
      (table) => api.db.selectFrom(table).selectAll().execute(),
    ),
  );
  const keys = await api.db.selectFrom('api_key').select(['key_id', 'name', 'expires_at']).execute();
  return JSON.stringify([rows, keys]);
}

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly paths: readonly string[];
}

/** `422 invalid_input currency, terms.scale` */
function refusal(text: string): Refused {
  const [status = '', code = '', ...paths] = text.split(/[ ,]+/);
  return { status: Number(status), code, paths };
}

async function ask(
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Refused> {
  const response = await api.app.request(path, {
    method,
    headers: {
      authorization: `Bearer ${api.tokens.admin}`,
      'content-type': 'application/json',
      'idempotency-key': uuidv7(),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const answer = (await response.json()) as { code?: string; errors?: { path: string; line?: number }[] };
  const paths = (answer.errors ?? []).map((error) => error.path);
  return { status: response.status, code: answer.code ?? '', paths: [...new Set(paths)] };
}

const post = (body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) =>
  ask('POST', '/v1/members', body, headers);

const claire = { memberId: 'claire', name: 'Claire', roles: ['finance'] };
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('JSON', () => {
  const table: [string, string | Uint8Array<ArrayBuffer>, string][] = [
    ['nothing at all', '', '400 malformed_request'],
    ['half a document', '{"memberId": ', '400 malformed_request $'],
    ['two documents', '{} {}', '400 malformed_request $'],
    ['a comment', '{} // no', '400 malformed_request $'],
    ['a comma too many', '{"memberId": "a",}', '400 malformed_request $'],
    ['single quotes', "{'memberId': 'a'}", '400 malformed_request $'],
    ['NaN', '{"memberId": NaN}', '400 malformed_request $'],
    ['a number as only JavaScript writes it', '{"memberId": 0x10}', '400 malformed_request $'],
    ['a byte order mark', `\ufeff${JSON.stringify(claire)}`, '400 malformed_request $'],
    ['a key twice', '{"memberId": "a", "memberId": "admin"}', '400 malformed_request memberId'],
    ['a key twice, escaped', '{"name": "a", "n\\u0061me": "b"}', '400 malformed_request name'],
    ['a key twice, deep inside', '{"a": [0, {"b": 1, "c": {}, "b": 2}]}', '400 malformed_request a[1].b'],
    ['__proto__', '{"__proto__": {"roles": ["admin"]}}', '400 malformed_request __proto__'],
    ['nesting of 33', `{"a": ${nested(32)}}`, '400 malformed_request $'],
    ['nesting of 100,000', nested(100_000), '400 malformed_request $'],
    ['nesting that is never closed', '['.repeat(100_000), '400 malformed_request $'],
    ['Latin-1', Buffer.from('{"name": "Zo\xeb"}', 'latin1'), '400 malformed_request $'],
    ['UTF-16', Buffer.from(JSON.stringify(claire), 'utf16le'), '400 malformed_request $'],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), '400 malformed_request $'],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), '400 malformed_request $'],
    ['a raw line break in a text', '{"name": "a\nb"}', '400 malformed_request $'],
    ['NUL', '{"name": "a\\u0000b"}', '422 invalid_input name'],
    ['NUL in a key', '{"na\\u0000me": "b"}', '422 invalid_input na\0me'],
    ['half a surrogate pair', '{"roles": ["\\ud83d"]}', '422 invalid_input roles[0]'],
    ['the halves the wrong way round', '{"name": "\\ude00\\ud83d"}', '422 invalid_input name'],
    ['another type', '[]', '422 invalid_input $'],
    ['null', 'null', '422 invalid_input $'],
    ['a field that is not known', JSON.stringify({ ...claire, isAdmin: true }), '422 invalid_input isAdmin'],
    [
      'a prototype by another name',
      '{"constructor": {"prototype": {}}}',
      '422 invalid_input memberId, name, roles, constructor',
    ],
    ['more than a MiB', `"${'x'.repeat(1_048_576)}"`, '413 body_too_large'],
  ];

  test.each(table)('%s', async (_what, body, refused) => {
    expect(await post(body)).toEqual(refusal(refused));
  });

  test('a text of emoji and accents is taken, whatever its escapes', async () => {
    const escaped = '{"memberId": "me", "name": "Zo\\u00eb \\ud83d\\ude00 \\u202e", "roles": ["finance"]}';
    // Refused for its id alone.
    expect(await post(escaped)).toEqual(refusal('422 invalid_input memberId'));
  });
});

test('no body is not an empty one', async () => {
  const change = (init: object) =>
    ask('PATCH', '/v1/members/finance', undefined, init as Record<string, string>);
  expect(await change({})).toEqual(refusal('400 malformed_request'));
  expect(await change({ 'content-type': '' })).toEqual(refusal('400 malformed_request'));
});

describe('headers', () => {
  const table: [string, Record<string, string>, string][] = [
    ['no content type', { 'content-type': '' }, '415 unsupported_media_type'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, '415 unsupported_media_type'],
    ['text', { 'content-type': 'text/plain' }, '415 unsupported_media_type'],
    ['another charset', { 'content-type': 'application/json; charset=latin1' }, '415 unsupported_media_type'],
    ['a compressed body', { 'content-encoding': 'gzip' }, '415 unsupported_media_type'],
    ['no Idempotency-Key', { 'idempotency-key': '' }, '400 idempotency_key_required'],
    ['one of 201 characters', { 'idempotency-key': 'k'.repeat(201) }, '400 idempotency_key_required'],
    ['one with a space', { 'idempotency-key': 'a b' }, '400 idempotency_key_required'],
    ['one beyond ASCII', { 'idempotency-key': 'cl\xe9' }, '400 idempotency_key_required'],
    ['no token', { authorization: '' }, '401 unauthenticated'],
    ['a token of another kind', { authorization: 'Basic YWRtaW46YWRtaW4=' }, '401 unauthenticated'],
    ['SQL as a token', { authorization: "Bearer jalon_0'or'1'='1_x" }, '401 unauthenticated'],
    ['a token beyond ASCII', { authorization: 'Bearer jal\xf6n' }, '401 unauthenticated'],
  ];

  test.each(table)('%s', async (_what, headers, refused) => {
    const body =
      headers['content-encoding'] === 'gzip' ? gzipSync(JSON.stringify(claire)) : JSON.stringify(claire);
    expect(await post(body, headers)).toEqual(refusal(refused));
  });

  test.each(['a\r\nset-cookie: a=b', 'a\0b'])('a header that holds %j cannot even be sent', (value) => {
    expect(() => new Headers({ 'idempotency-key': value })).toThrow(TypeError);
  });
});

describe('ids', () => {
  const lookAlikes: [string, string][] = [
    ['Cyrillic', 'cl\u0430ire'],
    ['full width', 'ｃlaire'],
    ['a ligature', 'ﬁnance'],
    ['a combining accent', 'claire\u0301'],
    ['a zero-width joiner', 'cl\u200daire'],
    ['a right-to-left override', '\u202eclaire'],
    ['a soft hyphen', 'cl\u00adaire'],
    ['a line separator at the end', 'claire\u2028'],
    ['a line break at the end', 'claire\n'],
    ['a space', 'claire '],
    ['capitals', 'Claire'],
    ['the Kelvin sign', '\u212aate'],
    ['the dotless i', 'cla\u0131re'],
    ['superscript digits', 'claire\u00b2'],
    ['a hyphen that is none', 'claire\u2010martin'],
    ['a path', '../admin'],
    ['SQL', "x'; drop table member; --"],
    ['65 characters', 'a'.repeat(65)],
    ['nothing', ''],
    ['a reserved word', 'me'],
    ['the platform itself', 'jalon'],
  ];

  test.each(lookAlikes)('%s', async (_what, memberId) => {
    expect(await post(JSON.stringify({ ...claire, memberId }))).toEqual(
      refusal('422 invalid_input memberId'),
    );
  });
});

const launch = {
  title: 'Refurbished phones',
  statement: 'People subscribe to a refurbished phone.',
  portfolio: 'Circular economy',
  market: 'Lyon',
  currency: 'EUR',
  playbook: { name: 'cmo-cycle' },
  economics: { ltv: 'orders_over_horizon', ordersPerCustomer: '7.5', months: 24 },
};

const envelope = (amount: unknown) => ({ terms: { scale: { envelope: amount } } });
const orders = (ordersPerCustomer: unknown) => ({
  economics: { ltv: 'orders_over_horizon', ordersPerCustomer, months: 24 },
});

describe('money and numbers', () => {
  const ENVELOPE = '422 invalid_input terms.scale.envelope';
  const ORDERS = '422 invalid_input economics.ordersPerCustomer';
  const table: [string, object, string][] = [
    ['a negative amount', envelope('-1'), ENVELOPE],
    ['a negative nothing', envelope('-0'), ENVELOPE],
    ['21 digits', envelope('9'.repeat(21)), ENVELOPE],
    ['30 decimals', envelope(`0.${'1'.repeat(30)}`), ENVELOPE],
    ['11 decimals', envelope('0.00000000001'), ENVELOPE],
    ['an exponent', envelope('1e9'), ENVELOPE],
    ['a number instead of a text', envelope(1000), ENVELOPE],
    ['a comma', envelope('1,5'), ENVELOPE],
    ['thousands', envelope('1 000'), ENVELOPE],
    ['a sign', envelope('+1'), ENVELOPE],
    ['Arabic-Indic digits', envelope('\u0661\u0662'), ENVELOPE],
    ['a currency in it', envelope('1 EUR'), ENVELOPE],
    ['NaN', orders('NaN'), ORDERS],
    ['Infinity', orders('Infinity'), ORDERS],
    ['hexadecimal', orders('0x1F'), ORDERS],
    ['a dot first', orders('.5'), ORDERS],
    ['nothing', orders(''), ORDERS],
    ['a line break behind', orders('7\n'), ORDERS],
    ['a currency in small letters', { currency: 'eur' }, '422 invalid_input currency'],
    ['a currency of two letters', { currency: 'EU' }, '422 invalid_input currency'],
    [
      'months that are half',
      { economics: { ...launch.economics, months: 1.5 } },
      '422 invalid_input economics.months',
    ],
    [
      'months beyond all',
      { economics: { ...launch.economics, months: 1e308 } },
      '422 invalid_input economics.months',
    ],
    [
      'a version too large',
      { playbook: { name: 'cmo-cycle', version: 2 ** 53 } },
      '422 invalid_input playbook.version',
    ],
    ['a stage that is none', { terms: { launch: {} } }, '422 invalid_input terms.launch'],
    ['a criterion that is none', { terms: { scale: { targets: { nothing: '1' } } } }, '422 playbook_invalid'],
  ];

  test.each(table)('%s', async (_what, change, expected) => {
    const refused = refusal(expected);
    const sent = await ask('POST', '/v1/theses', JSON.stringify({ ...launch, ...change }));
    expect({ ...sent, paths: refused.paths.length === 0 ? [] : sent.paths }).toEqual(
      sent.code === 'invalid_input' && refused.code !== 'invalid_input' ? { ...sent, paths: [] } : refused,
    );
  });
});

describe('time', () => {
  const expiresAt = '422 invalid_input expiresAt';
  const instants: [string, unknown][] = [
    ['29 February of a common year', '2027-02-29T00:00:00Z'],
    ['29 February of 2100', '2100-02-29T00:00:00Z'],
    ['31 April', '2027-04-31T00:00:00Z'],
    ['month 13', '2027-13-01T00:00:00Z'],
    ['day 0', '2027-01-00T00:00:00Z'],
    ['hour 25', '2027-01-01T25:00:00Z'],
    ['hour 24', '2027-01-01T24:00:00Z'],
    ['a leap second', '2027-06-30T23:59:60Z'],
    ['no zone', '2027-01-01T00:00:00'],
    ['a date', '2027-01-01'],
    ['a zone by name', '2027-01-01T00:00:00 Europe/Paris'],
    ['a zone of 25 hours', '2027-01-01T00:00:00+25:00'],
    ['a year of five digits', '+12027-01-01T00:00:00Z'],
    ['a week', '2027-W01-1'],
    ['seconds since 1970', 1_800_000_000],
    ['the past, by its zone', '2026-11-24T14:00:00+02:00'],
    ['the past', '2024-02-29T00:00:00Z'],
  ];

  test.each(instants)('an end on %s', async (_what, value) => {
    const key = { name: 'x', expiresAt: value };
    expect(await ask('POST', '/v1/api-keys', JSON.stringify(key))).toEqual(refusal(expiresAt));
  });

  test('29 February of a leap year, at the far end of the zones, is a time', async () => {
    const key = { name: '', expiresAt: '2028-02-29T23:59:59.999+14:00' };
    expect(await ask('POST', '/v1/api-keys', JSON.stringify(key))).toEqual(refusal('422 invalid_input name'));
  });

  test.each([
    ['P1M', 'months have no length'],
    ['P-1D', 'it is negative'],
    ['PT0.5H', 'it has a fraction'],
    ['P99999D', 'it is too long'],
    ['1 day', 'it is not ISO 8601'],
  ])('a duration of %s: %s', async (grace) => {
    expect(await ask('POST', `/v1/api-keys/${'0'.repeat(16)}/rotate`, JSON.stringify({ grace }))).toEqual(
      refusal('422 invalid_input grace'),
    );
  });

  test.each(['Europe/Atlantis', 'CET+25', '', 'Paris\0'])('a calendar in the zone %j', async (timeZone) => {
    const calendar = { timeZone, workingDays: [1], holidaysOf: null, daysOff: ['2027-02-29'] };
    const holders = [{ seat: 'growth', member: 'committee-member' }];
    const sent = await ask('PUT', '/v1/committees/growth', JSON.stringify({ holders, calendar }));
    expect(sent).toMatchObject({ status: 422, code: 'invalid_input' });
    expect(sent.paths.every((path) => /^calendar\.(timeZone|daysOff\[0\])$/.test(path))).toBe(true);
  });
});

describe('addresses', () => {
  const table: [string, string, string][] = [
    ['NUL', '/v1/theses/a%00b', '400 malformed_request'],
    ['half an escape', '/v1/theses/%E0%A4%A', '404 thesis_unknown'],
    ['SQL', "/v1/theses/x'%20or%201=1--", '404 thesis_unknown'],
    ['a path inside', '/v1/theses/..%2Fmembers', '404 thesis_unknown'],
    ['a look-alike id', '/v1/members/cl%D0%B0ire', '422 invalid_input path.memberId'],
    ['a limit of nothing', '/v1/members?limit=0', '422 invalid_input query.limit'],
    ['a limit beyond', '/v1/members?limit=201', '422 invalid_input query.limit'],
    ['a limit that is no number', '/v1/members?limit=1e9', '422 invalid_input query.limit'],
    ['two limits', '/v1/members?limit=1&limit=2', '422 invalid_input query.limit'],
    ['a made-up cursor', '/v1/members?cursor=YSZi', '422 invalid_input query.cursor'],
    [
      'a cursor of a NUL',
      `/v1/members?cursor=${Buffer.from('%00').toString('base64url')}`,
      '422 invalid_input query.cursor',
    ],
    ['another word', '/v1/gates?for=you', '422 invalid_input query.for'],
    ['a parameter that is not known', '/v1/members?admin=true', '422 invalid_input query.admin'],
  ];

  test.each(table)('%s', async (_what, path, refused) => {
    const response = await ask('GET', path);
    expect(response).toEqual(refusal(refused));
  });
});

describe('the cursor of another list is refused by its name', () => {
  const keys = [
    ['\0'],
    ['\0', '\0'],
    ['\0', '\0', '\0'],
    ['2026-02-31T12:00:00.000Z', 'lyon'],
    ['2026-02-31T12:00:00.000Z', 'measure', '1'],
    ['0000-11-24T12:00:00.000Z', 'lyon'],
    ['cmo-cycle', '99999999999'],
  ];
  test.each([
    '/v1/members',
    '/v1/api-keys',
    '/v1/committees',
    '/v1/connections',
    '/v1/playbooks',
    '/v1/gates',
    '/v1/theses',
    '/v1/theses/lyon/timeline',
    '/v1/theses/lyon/evidence',
    '/v1/theses/lyon/read-outs',
    '/v1/webhooks',
    '/v1/webhooks/01a20f21-4239-73b8-aaa5-a8f1646b255b/deliveries',
  ])('%s', async (path) => {
    for (const key of keys) {
      const cursor = Buffer.from(key.map(encodeURIComponent).join('&')).toString('base64url');
      expect(await ask('GET', `${path}?cursor=${cursor}`)).toEqual(refusal('422 invalid_input query.cursor'));
    }
  });
});

describe('rows', () => {
  const row = { metric: 'clicks', from: '2026-11-20', to: '2026-11-21', sum: '5' };
  const table: [string, string][] = [
    ['a key twice', '{"metric": "clicks", "metric": "spend"}'],
    ['NUL', JSON.stringify({ ...row, channel: 'a\0b' })],
    ['half a surrogate pair', `{"metric": "clicks", "channel": "\\ud83d"}`],
    ['nesting', nested(33)],
    ['a negative count', JSON.stringify({ ...row, sum: '-1' })],
    ['30 decimals', JSON.stringify({ ...row, sum: `0.${'1'.repeat(30)}` })],
    ['an exponent', '{"metric": "clicks", "from": "2026-11-20", "to": "2026-11-21", "sum": 1e3}'],
    ['a huge count', JSON.stringify({ ...row, sum: '9'.repeat(40) })],
    ['29 February of a common year', JSON.stringify({ ...row, from: '2026-02-29' })],
    ['a period that ends before it begins', JSON.stringify({ ...row, to: '2026-11-19' })],
    ['the future', JSON.stringify({ ...row, from: '2026-12-01', to: '2026-12-02' })],
    ['a metric by a look-alike', JSON.stringify({ ...row, metric: 'cl\u0456cks' })],
    ['another currency', JSON.stringify({ ...row, metric: 'spend', currency: 'USD' })],
    ['a field that is not known', JSON.stringify({ ...row, spend: 1 })],
    ['no object', '"clicks"'],
  ];

  test.each(table)('%s is reported by its line, and nothing is stored', async (_what, line) => {
    const response = await api.app.request('/v1/observations?thesis=lyon', {
      method: 'POST',
      headers: { authorization: `Bearer ${api.tokens.admin}`, 'content-type': 'application/x-ndjson' },
      body: `\n${line}\n`,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ accepted: 0, rejected: 1, errors: [{ line: 2 }] });
  });

  test.each([
    ['a key twice', '[{"a": 1, "a": 2}]', '400 malformed_request [0].a'],
    ['Latin-1', Buffer.from('["\xeb"]', 'latin1'), '400 malformed_request'],
    ['an object', '{}', '422 invalid_input $'],
  ])('an array with %s is refused whole', async (_what, body, refused) => {
    expect(await ask('POST', '/v1/observations?thesis=lyon', body)).toEqual(refusal(refused));
  });
});
