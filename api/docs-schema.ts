// A JSON schema as HTML for people: what a value may be, field by field. Reads the schema as untyped JSON, because
// OpenAPI allows far more than our generator ever writes; what it does not know it leaves out.

import { html } from 'hono/html';

type Html = ReturnType<typeof html>;

/** The schema as HTML; references are links to the page's own list of schemas. */
export function schemaHtml(schema: unknown): Html {
  if (!isRecord(schema)) return html`anything`;
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  const alternatives = list(schema.oneOf ?? schema.anyOf);
  if (alternatives.length > 0) return html`one of <ul>${alternatives.map(item)}</ul>`;
  const parts = list(schema.allOf);
  if (parts.length > 0) return html`all of <ul>${parts.map(item)}</ul>`;
  if (isRecord(schema.properties)) return object(schema.properties, list(schema.required));
  if (isRecord(schema.items)) return html`list of ${schemaHtml(schema.items)}`;
  if (isRecord(schema.additionalProperties)) return html`map of ${schemaHtml(schema.additionalProperties)}`;
  return scalar(schema);
}

/** Text with `code` between backquotes. */
export function prose(text: string): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function item(schema: unknown): Html {
  return html`<li>${schemaHtml(schema)}</li>`;
}

function object(properties: Record<string, unknown>, required: readonly unknown[]): Html {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const description =
      isRecord(schema) && typeof schema.description === 'string' ? html`. ${prose(schema.description)}` : '';
    return html`<li>
      <code>${name}</code>${required.includes(name) ? '' : ' (optional)'}: ${schemaHtml(schema)}${description}
    </li>`;
  });
  return html`<ul>
    ${rows}
  </ul>`;
}

function scalar(schema: Record<string, unknown>): Html {
  const values = list(schema.enum);
  if (values.length > 0) return html`${values.map((value) => html`<code>${String(value)}</code> `)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'anything');
  const format = typeof schema.format === 'string' ? ` (${schema.format})` : '';
  const example = schema.example === undefined ? '' : html`, such as <code>${String(schema.example)}</code>`;
  return html`${type}${format}${example}`;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
