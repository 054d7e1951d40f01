# One image for the API, the worker and the database's commands: the sources as they are, run by Node's own type
# stripping (docs/adr/0012), and the workflows bundled. It holds no embedded service, no demo, no test, and no secret.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts: nothing here needs one. The `node` package would fetch a second Node; the image is one.
RUN npm ci --omit=dev --ignore-scripts --no-audit && npm cache clean --force

FROM node:24.21.0-bookworm-slim AS sources
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json config.ts ./
COPY config ./config
COPY domain ./domain
COPY workflows ./workflows
COPY activities ./activities
COPY db ./db
COPY cli ./cli
COPY api ./api
COPY worker ./worker

# The workflows as one file, so that a worker need not bundle them at its start (docs/adr/0016).
FROM sources AS workflows
RUN node worker/bundle.ts

FROM sources
ENV NODE_ENV=production JALON_WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js
COPY --from=workflows /app/dist ./dist
# The sources stay root's: the process that runs them cannot change them.
USER node
EXPOSE 8080
CMD ["node", "api/main.ts"]
