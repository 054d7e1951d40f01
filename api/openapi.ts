// The API's own description, OpenAPI 3.1, generated from the routes. Holds the texts that no single route has, and
// nothing that a route could say itself.

import { KEPT_DAYS } from '../db/idempotency.ts';
import type { Api, ApiContext } from './context.ts';
import { problemSchema } from './schemas/problem.ts';

export type OpenApiDocument = ReturnType<Api['getOpenAPI31Document']>;

const DESCRIPTION = `Launch growth theses, send their evidence, decide their gates, and read their unit economics.

Every request carries a bearer token: an API key, or a token of your identity provider where one is configured. How many
requests are left stands in the RateLimit headers of every answer. Every write carries an Idempotency-Key: the same request with the
same key has one effect, and gets the same answer with \`Idempotency-Replayed: true\`. Lists are read page by page:
\`next\` of one page is \`cursor\` of the following. Times are ISO 8601 in UTC, decimals are strings, and every failure
is a problem document (RFC 9457) with a stable \`code\`.`;

/** What each tag is about, by the second segment of its routes' paths. */
const TAGS: Readonly<Record<string, string>> = {
  theses: 'Growth theses: launch, follow, hold, amend, withdraw, close.',
  'launch-checks': 'Whether a launch would be taken, without launching it.',
  events: 'What happens to all theses, as it happens.',
  gates: 'Gates that wait for a committee, and their votes.',
  observations: 'Evidence pushed in bulk.',
  'experiment-designs': 'How large and how long a test must be, before it is launched.',
  learnings: 'What closed theses left for the next ones.',
  'unit-economics': 'What theses cost and bring, by stage, portfolio, playbook and market.',
  playbooks: 'What each stage must prove, and who decides.',
  committees: 'Who sits in which seat, and when they work.',
  connections: 'The systems that evidence is pulled from.',
  webhooks: 'Who else is told of events, by signed requests.',
  members: 'Who takes part, and in which role.',
  'api-keys': 'Keys to this API.',
  'metrics-catalogue': 'Every metric by its name.',
  stages: 'The stages of the cycle.',
  systems: 'The systems where evidence lives.',
  rituals: 'When people meet, and what for.',
  service: 'Whether the service lives and can serve.',
};

/** Declares what routes refer to: the key, the Idempotency-Key and the problem answer. */
export function registerComponents({ openAPIRegistry }: Api): void {
  openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, `jalon_<id>_<secret>` (see /v1/api-keys), or a JWT of the configured identity provider.',
  });
  openAPIRegistry.registerComponent('parameters', 'IdempotencyKey', {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: `New for each new intention; the same when the same request is sent again. Remembered for ${KEPT_DAYS} days.`,
    schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' },
  });
  openAPIRegistry.register('Problem', problemSchema);
  openAPIRegistry.registerComponent('responses', 'Problem', {
    description: 'Why not, and what to do about it.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
}

/** The document of all routes registered so far. */
export function openApiDocument(app: Api): OpenApiDocument {
  const document = app.getOpenAPI31Document(
    {
      openapi: '3.1.0',
      info: { title: 'Jalon', version: '1', description: DESCRIPTION },
      servers: [{ url: '/' }],
    },
    { sortComponents: 'alphabetically' },
  );
  const used = new Set(
    Object.values(document.paths ?? {}).flatMap((item) =>
      [item.get, item.post, item.put, item.patch, item.delete].flatMap((operation) => operation?.tags ?? []),
    ),
  );
  const tags = [...used].map((name) => ({ name, description: TAGS[name] ?? name }));
  return { ...document, tags };
}

/** Serves the document. It is generated at the first request, when every route is there. */
export function registerOpenApi(app: Api): void {
  let document: OpenApiDocument | undefined;
  app.get('/openapi.json', (c: ApiContext) => {
    document ??= openApiDocument(app);
    return c.json(document);
  });
}
