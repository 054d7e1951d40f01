// The API's description: complete, well-formed, the same as its committed copy, and readable as a page.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiDocument } from '../../api/openapi.ts';
import { committedOpenApiText, openApiText } from '../../api/openapi-file.ts';
import { createTestApi, type TestApi } from '../support/api.ts';

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly $ref?: string; readonly in?: string; readonly name?: string }[];
  readonly responses: Record<string, { readonly description?: string; readonly $ref?: string }>;
  readonly 'x-roles': readonly string[] | 'public';
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
}

let api: TestApi;
let document: Document;

beforeAll(async () => {
  api = await createTestApi();
  document = (await api.send(null, 'GET', '/openapi.json')).body as Document;
});
afterAll(() => api.close());

/** Rows that carry keys of their own, and a computation that changes nothing. */
const WITHOUT_KEY = [
  '/v1/observations',
  '/v1/experiment-designs',
  '/v1/launch-checks',
  '/codec/decode',
  '/codec/encode',
];

test('the committed copy is what the routes say: `node api/openapi-file.ts --write` renews it', () => {
  expect(committedOpenApiText()).toBe(openApiText());
});

test('what is served is what is generated', () => {
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(api.app))));
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Jalon' } });
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, path]) => path ?? '',
  );
  expect(references.length).toBeGreaterThan(50);
  const broken = references.filter((path) => {
    let place: unknown = document;
    for (const part of path.split('/')) place = (place as Record<string, unknown> | undefined)?.[part];
    return place === undefined;
  });
  expect(broken).toEqual([]);
});

test('what may be null is described as such, also where it is a named component', () => {
  const wrong: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('allOf' in value && Array.isArray(value.allOf)) {
      const others = value.allOf.filter((part: object) => 'type' in part && Array.isArray(part.type));
      if (others.length > 0) wrong.push(path);
    }
    for (const [key, inner] of Object.entries(value)) look(inner, `${path}/${key}`);
  };
  look(document, '');
  expect(wrong).toEqual([]);
});

test('every operation says what it does, for whom, and how it fails', () => {
  const tags = document.tags.map(({ name }) => name);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      const { summary, responses, security, parameters = [] } = operation;
      expect(summary.length, name).toBeGreaterThan(5);
      expect(tags, name).toContain(operation.tags[0]);
      const open = operation['x-roles'] === 'public';
      expect(security, name).toEqual(open ? [] : [{ apiKey: [] }]);
      expect(Object.keys(responses), name).toEqual(
        expect.arrayContaining(open ? ['default'] : ['401', '403']),
      );
      expect(
        Object.keys(responses).some((status) => /^2/.test(status)),
        name,
      ).toBe(true);
      for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) {
        expect(parameters, name).toContainEqual(expect.objectContaining({ in: 'path', name: parameter }));
      }
      const asksForKey = parameters.some(({ $ref }) => $ref === '#/components/parameters/IdempotencyKey');
      expect(asksForKey || WITHOUT_KEY.includes(path), name).toBe(method !== 'get');
    }
  }
});

test('every tag has a description of its own', () => {
  for (const { name, description } of document.tags) expect(description, name).not.toBe(name);
});

test('the page shows every operation and loads nothing', async () => {
  const page = await api.send(null, 'GET', '/docs');
  expect(page.status).toBe(200);
  const html = String(page.body);
  for (const path of Object.keys(document.paths)) expect(html).toContain(`<code>${path}</code>`);
  expect(html).toContain('id="problem-gate_closed"');
  expect(html).not.toMatch(/<script|<link|<img|src=|https?:\/\//i);
  expect(html).not.toContain('[object');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const anchors = [...html.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
  const missing = anchors.filter((anchor) => !html.includes(`id="${anchor}"`));
  expect(missing).toEqual([]);
  // A link to what is folded opens it only when the target is inside.
  expect(html).not.toMatch(/<(details|summary)[^>]* id=/);
});
