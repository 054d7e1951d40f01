// GET /metrics in Prometheus's format: this process, and the state of the platform as PostgreSQL has it at this moment.
// For the metrics token, an administrator or an auditor. When the database is down it says so and shows the rest.

import { z } from '@hono/zod-openapi';
import { Gauge, Registry } from 'prom-client';
import { type Operation, readOperation, type WebhookOperation } from '../db/operation.ts';
import { ATTENTION_KINDS } from '../domain/thesis/attention.ts';
import { DELIVERY_STATES, DISABLED_REASONS } from '../domain/webhook.ts';
import type { Api, ApiContext } from './context.ts';
import type { OperationDeps } from './operation-deps.ts';
import { route } from './route.ts';

const metrics = route({
  method: 'get',
  path: '/metrics',
  summary: "The platform's metrics, in Prometheus's text format",
  description: 'Also answers to the bearer token that JALON_METRICS_TOKEN holds.',
  roles: ['admin', 'auditor'],
  responses: {
    200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } },
  },
});

export function registerMetrics(app: Api, { registry, isMetricsReader }: OperationDeps): void {
  const answer = async (c: ApiContext) => {
    const platform = await platformMetrics(c);
    const body = `${await registry.metrics()}\n${await platform.metrics()}`;
    return c.text(body, 200, { 'content-type': registry.contentType });
  };
  app.use('/metrics', async (c, next) => {
    if (c.req.method === 'GET' && isMetricsReader(c.req.header('authorization'))) return await answer(c);
    return await next();
  });
  app.openapi(metrics, answer);
}

async function platformMetrics(c: ApiContext): Promise<Registry> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('jalon_database_up', 'Whether PostgreSQL answered this reading.');
  try {
    fill(gauge, await readOperation(c.var.db), c.var.now());
    up.set(1);
  } catch (error) {
    c.var.log.warn({ err: error }, 'the platform could not be measured');
    up.set(0);
  }
  return registry;
}

type MakeGauge = <L extends string>(name: string, help: string, labelNames?: L[]) => Gauge<L>;

function fill(gauge: MakeGauge, operation: Operation, now: Date): void {
  const { theses, openGates, overdueGates, sources, attention, ledger, oldestReadOut } = operation;
  const counted = gauge('jalon_theses', 'Theses by stage and status.', ['stage', 'status']);
  for (const { stage, status, count } of theses) counted.set({ stage, status }, count);
  gauge('jalon_gates_open', 'Gates that wait for a decision.').set(openGates);
  gauge('jalon_gates_overdue', 'Open gates past their deadline.').set(overdueGates);
  const states = gauge('jalon_sources', 'Sources of theses that are not closed, by state.', ['state']);
  for (const state of ['fresh', 'stale', 'failing']) {
    states.set({ state }, sources.find((one) => one.state === state)?.count ?? 0);
  }
  const needs = gauge('jalon_theses_needing_attention', 'Troubles that need an operator, by kind.', ['kind']);
  for (const kind of ATTENTION_KINDS) {
    needs.set({ kind }, attention.find((one) => one.kind === kind)?.count ?? 0);
  }
  const oldest = gauge(
    'jalon_read_out_oldest_age_seconds',
    'Thesis time since the last read-out of the collecting thesis that was read longest ago.',
  );
  oldest.set(oldestReadOut ?? 0);
  fillWebhooks(gauge, operation.webhooks);
  if (ledger === null) return;
  gauge('jalon_ledger_holds', 'Whether the last walk of the ledger found every link in place.').set(
    ledger.holds ? 1 : 0,
  );
  gauge('jalon_ledger_events', 'Events that the last walk of the ledger saw.').set(ledger.events);
  const age = (now.getTime() - Date.parse(ledger.checkedAt)) / 1_000;
  gauge('jalon_ledger_check_age_seconds', 'Time since the last walk of the ledger.').set(age);
}

function fillWebhooks(gauge: MakeGauge, { deliveries, oldestPending, disabled }: WebhookOperation): void {
  const counted = gauge('jalon_webhook_deliveries', 'Deliveries to webhooks that are kept, by state.', [
    'state',
  ]);
  for (const state of DELIVERY_STATES) {
    counted.set({ state }, deliveries.find((one) => one.state === state)?.count ?? 0);
  }
  const oldest = gauge(
    'jalon_webhook_oldest_pending_age_seconds',
    'Time since the oldest delivery that still waits was made, of webhooks that are not disabled.',
  );
  oldest.set(oldestPending ?? 0);
  const off = gauge('jalon_webhooks_disabled', 'Webhooks that are disabled, by reason.', ['reason']);
  for (const reason of DISABLED_REASONS) {
    off.set({ reason }, disabled.find((one) => one.reason === reason)?.count ?? 0);
  }
}
