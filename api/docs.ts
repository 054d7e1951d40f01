// The documentation page: the OpenAPI document as plain HTML, made on the server. It loads nothing from anywhere and
// runs no script.

import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Api } from './context.ts';
import { prose, schemaHtml } from './docs-schema.ts';
import { STYLE } from './docs-style.ts';
import { type OpenApiDocument, openApiDocument } from './openapi.ts';
import { explain, PROBLEM_CODES } from './problem.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type PathItem = NonNullable<OpenApiDocument['paths']>[string];
type Operation = NonNullable<PathItem['get']>;
type Html = ReturnType<typeof html>;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Only the page's own style is let in; scripts, frames and everything else are not. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Serves the page. It is made at the first request, when every route is there. */
export function registerDocs(app: Api): void {
  let page: Html | undefined;
  app.get('/docs', async (c) => {
    page ??= pageOf(openApiDocument(app));
    c.header('content-security-policy', POLICY);
    return c.html(await page);
  });
}

interface Listed {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly operation: Operation;
}

function pageOf(document: OpenApiDocument): Html {
  const listed = operationsOf(document);
  const tags = document.tags ?? [];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <nav aria-label="Sections">
          <h1>${document.info.title} API</h1>
          <ul>
            ${tags.map(({ name }) => html`<li><a href="#${name}">${name}</a></li>`)}
            <li><a href="#problems">Problems</a></li>
            <li><a href="#schemas">Schemas</a></li>
            <li><a href="/openapi.json">openapi.json</a></li>
          </ul>
        </nav>
        <main>
          ${(document.info.description ?? '').split('\n\n').map((text) => html`<p>${prose(text)}</p>`)}
          ${tags.map(({ name, description }) => section(name, description ?? '', listed))}
          ${problemTable()} ${schemas(document)}
        </main>
      </body>
    </html>`;
}

function section(tag: string, description: string, listed: readonly Listed[]): Html {
  const mine = listed.filter(({ operation }) => operation.tags?.includes(tag));
  return html`<section id="${tag}">
    <h2>${tag}</h2>
    <p>${description}</p>
    ${mine.map(operationHtml)}
  </section>`;
}

function operationHtml({ method, path, operation }: Listed): Html {
  const roles: unknown = operation['x-roles' as keyof Operation];
  const parameters = (operation.parameters ?? []).map((parameter) =>
    '$ref' in parameter
      ? html`<li><code>Idempotency-Key</code> in header, required</li>`
      : html`<li>
          <code>${parameter.name}</code> in ${parameter.in}${parameter.required ? ', required' : ''}:
          ${schemaHtml(parameter.schema)}${note(parameter.description)}
        </li>`,
  );
  const body = operation.requestBody;
  return html`<details>
    <summary>
      <span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code>
      <span>${operation.summary ?? ''}</span>
    </summary>
    ${operation.description === undefined ? '' : html`<p>${prose(operation.description)}</p>`}
    <p class="roles">${Array.isArray(roles) ? `For: ${roles.join(', ')}` : 'Public: no key is needed.'}</p>
    ${parameters.length === 0 ? '' : html`<h4>Parameters</h4> <ul>${parameters}</ul>`}
    ${body === undefined || '$ref' in body ? '' : html`<h4>Body</h4> ${contentHtml(body.content)}`}
    <h4>Answers</h4>
    <ul>
      ${answersOf(operation)}
    </ul>
  </details>`;
}

function answersOf({ responses = {} }: Operation): Html[] {
  const entries = Object.entries(responses);
  const problems = entries.flatMap(([status, answer]) => ('$ref' in answer ? [status] : []));
  const good = entries.flatMap(([status, answer]) =>
    '$ref' in answer
      ? []
      : [html`<li><b>${status}</b> ${answer.description} ${contentHtml(answer.content ?? {})}</li>`],
  );
  return [...good, html`<li><b>${problems.join(', ')}</b> <a href="#problems">a problem document</a></li>`];
}

function contentHtml(content: Record<string, { schema?: unknown }>): Html[] {
  return Object.entries(content).map(
    ([type, media]) => html`<div><code>${type}</code> ${schemaHtml(media.schema)}</div>`,
  );
}

function problemTable(): Html {
  const rows = PROBLEM_CODES.map((code) => {
    const { status, title, hint } = explain(code);
    return html`<tr id="problem-${code}">
      <td><code>${code}</code></td>
      <td>${status}</td>
      <td>${title}</td>
      <td>${prose(hint)}</td>
    </tr>`;
  });
  return html`<section id="problems">
    <h2>Problems</h2>
    <p>Every failure is a problem document; programs decide by its <code>code</code>, which never changes.</p>
    <table>
      <thead>
        <tr>
          <th>code</th>
          <th>status</th>
          <th>what it means</th>
          <th>what to do</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`;
}

function schemas(document: OpenApiDocument): Html {
  const entries = Object.entries(document.components?.schemas ?? {});
  return html`<section id="schemas">
    <h2>Schemas</h2>
    ${entries.map(
      // The id is inside: a browser opens what surrounds the target of a link, and not the target.
      ([name, schema]) => html`<details>
        <summary><code>${name}</code></summary>
        <div id="schema-${name}">${schemaHtml(schema)}</div>
      </details>`,
    )}
  </section>`;
}

function operationsOf(document: OpenApiDocument): Listed[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
}

function note(description: string | undefined): Html {
  return description === undefined ? html`` : html`. ${prose(description)}`;
}
