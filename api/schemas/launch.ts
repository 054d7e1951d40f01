// What a launch and an amendment are made of, as requests.

import { z } from '@hono/zod-openapi';
import { MOST_CELLS, MOST_RENEWALS } from '../../domain/economics/lifetime-fit.ts';
import {
  currency,
  decimal,
  duration,
  observedMetric,
  slug,
  gatedStage as stage,
  text,
} from './primitives.ts';

/** A quantity or an amount that cannot be negative. */
const amount = decimal
  .refine((value) => !value.startsWith('-'), 'Must not be negative.')
  .openapi({ pattern: '^\\d{1,20}(\\.\\d{1,10})?$' });

export const reason = text(2_000).openapi({
  description: 'Why, for the ledger and for those who come after.',
});

function isShare(value: string): boolean {
  return Math.abs(Number(value)) <= 1;
}

/** A named parameter of a connection's queries, as SQL writes it after the colon. */
const parameterName = z
  .string()
  .regex(/^[A-Za-z_]\w{0,62}$/, 'A name as in SQL: letters, digits and underscores.');

const source = z
  .strictObject({
    id: slug,
    kind: z.enum(['warehouse', 'push']),
    connection: slug.nullable().default(null),
    metrics: z.array(observedMetric).min(1).max(40),
    parameters: z.record(parameterName, text(200)).default({}),
    stages: z.array(stage).min(1).max(4),
    required: z.boolean().default(true),
    maximumStaleness: duration.default('P3D'),
  })
  .refine(({ kind, connection }) => (kind === 'warehouse') === (connection !== null), {
    path: ['connection'],
    message: 'is given for a warehouse source, and only for one',
  });

const businessInputs = z.strictObject({
  spend: amount.nullable().default(null),
  newCustomers: amount.nullable().default(null),
  orders: amount.nullable().default(null),
  revenue: amount.nullable().default(null),
  productCost: amount.nullable().default(null),
  fulfilmentCost: amount.nullable().default(null),
  paymentFees: amount.nullable().default(null),
  serviceCost: amount.nullable().default(null),
});

const people = z.number().int().min(0).max(1_000_000_000);

const time = z.number().min(0).max(100_000);

const fitted = {
  marginRate: decimal.refine(isShare, 'A share: from -1 to 1.'),
  yearlyDiscount: amount.refine(isShare, 'A share: from 0 to 1.').openapi({ example: '0.1' }),
  months: z
    .union([z.literal(12), z.literal(24), z.literal(36)])
    .openapi({ description: 'Horizon of the value.' }),
};

const economics = z.discriminatedUnion('ltv', [
  z.strictObject({
    ltv: z.literal('margin_over_churn'),
    monthlyRevenuePerCustomer: amount,
    marginRate: decimal,
    monthlyChurn: amount,
  }),
  z.strictObject({
    ltv: z.literal('orders_over_horizon'),
    ordersPerCustomer: amount,
    months: z.number().int().min(1).max(120),
  }),
  z.strictObject({
    ltv: z.literal('shifted_beta_geometric').openapi({
      description: 'Contracts that renew: fitted to one cohort when the contract is sealed.',
    }),
    cohort: z.strictObject({
      initial: people.min(1).openapi({ description: 'Customers who began together.' }),
      alive: z.array(people).min(2).max(MOST_RENEWALS).openapi({
        description: 'Of them, still customers after 1, 2, 3, ... renewals.',
      }),
    }),
    periodMonths: z.union([z.literal(1), z.literal(3), z.literal(6), z.literal(12)]).openapi({
      description: 'Months between two renewals.',
    }),
    revenuePerPeriod: amount,
    ...fitted,
  }),
  z.strictObject({
    ltv: z.literal('bg_nbd_gamma_gamma').openapi({
      description: 'Purchases without a contract: fitted to two tables when the contract is sealed.',
    }),
    purchases: z
      .array(z.strictObject({ repeats: people, recency: time, age: time, customers: people.min(1) }))
      .min(1)
      .max(MOST_CELLS)
      .openapi({
        description:
          'Customers by repeat purchases, time of the last one and time watched, both from the first purchase on.',
      }),
    unit: z.enum(['day', 'week', 'month']).openapi({ description: 'Of recency and age.' }),
    spend: z
      .array(z.strictObject({ orders: people.min(1), meanValue: amount, customers: people.min(1) }))
      .min(1)
      .max(MOST_CELLS)
      .openapi({ description: 'Customers by number of orders and mean order value.' }),
    ...fitted,
  }),
]);

const experimentTerms = z.strictObject({
  plannedUnits: z.number().int().min(10).max(1_000_000_000).optional(),
  minimumEffect: amount.optional(),
  control: slug.optional(),
  treatments: z.array(slug).min(1).max(20).optional(),
  weights: z.record(slug, z.number().gt(0).lt(1)).optional(),
  method: z.enum(['group_sequential', 'confidence_sequence', 'fixed_horizon']).optional(),
  adjustment: z.enum(['cuped', 'none']).optional(),
});

const stageTerms = z.strictObject({
  targets: z.record(slug, decimal).optional().openapi({ description: 'Bound or margin by criterion id.' }),
  envelope: amount.optional().openapi({ description: "The stage's own budget envelope." }),
  experiment: experimentTerms.optional(),
});

const terms = z.partialRecord(stage, stageTerms).default({});

export const launchBody = z
  .strictObject({
    title: text(200),
    statement: text(4_000).openapi({ description: 'The bet, in a sentence or two.' }),
    portfolio: text(200),
    market: text(200),
    channels: z.array(text(100)).max(20).default([]),
    tags: z.array(slug).max(20).default([]),
    currency,
    playbook: z.strictObject({
      name: slug,
      version: z.number().int().min(1).max(10_000).optional().openapi({ description: 'Absent: the newest.' }),
    }),
    terms,
    sources: z.array(source).max(20).default([]),
    businessCase: z.partialRecord(stage, businessInputs).default({}),
    economics,
  })
  .openapi('Launch');

export const amendmentBody = z
  .strictObject({
    contractVersion: z.number().int().min(1).openapi({ description: 'The version that you amend.' }),
    reason,
    terms,
  })
  .openapi('Amendment');
