// Unit economics as the API shows them. Names, definitions and reasons come from the domain's catalogues.

import { z } from '@hono/zod-openapi';
import { GROUPINGS } from '../../db/unit-economics.ts';
import {
  DEFINITION_IDS,
  FIGURE_NAMES,
  FIGURES,
  NOT_COMPUTABLE_REASONS,
} from '../../domain/economics/figure.ts';
import {
  currency,
  decimal,
  evidenceGrade,
  gatedStage,
  instant,
  metric,
  money,
  orNull,
} from './primitives.ts';

/** What both readings take. */
const reading = z.object({
  knownAt: instant.optional().openapi({
    description: 'Thesis time: only what was known by then. Absent: all that is known now.',
  }),
  format: z.enum(['json', 'csv']).optional().openapi({ description: 'Absent: by the Accept header.' }),
});

export const thesisEconomicsQuery = reading;

export const groupedEconomicsQuery = reading.extend({
  groupBy: z.enum(GROUPINGS).default('stage'),
  currency: currency.optional().openapi({ description: 'Only theses in this currency.' }),
});

const reason = z.enum(NOT_COMPUTABLE_REASONS).openapi('NotComputable', {
  description: 'Why there is no value. A value is never 0, NaN or infinite in its place.',
});

const definition = z.enum(DEFINITION_IDS).openapi('EconomicsDefinition', {
  description: 'Formula and its version; `definitions` of the answer spells each one out.',
});

const coverage = z
  .object({
    present: z.number().int().openapi({ description: 'Observations with a value.' }),
    expected: z.number().int().openapi({ description: 'And those that a source declared missing.' }),
    share: orNull(decimal).openapi({ description: '`present / expected`; null when nothing was expected.' }),
    absent: z.array(metric).openapi({ description: 'Needed metrics that no observation speaks of.' }),
    from: orNull(instant),
    to: orNull(instant),
  })
  .openapi('Coverage');

const basis = {
  definition,
  inputs: z.array(metric).openapi({ description: 'The observed metrics behind it.' }),
  grade: orNull(evidenceGrade).openapi({
    description: 'The weakest among what it rests on, declared parameters included.',
  }),
  coverage: orNull(coverage).openapi({ description: 'Null for a forecast.' }),
};

const figure = z
  .union([
    z.object({
      value: z.union([money, z.object({ ratio: decimal }), z.object({ months: decimal })]),
      ...basis,
    }),
    z.object({ notComputable: reason, ...basis }),
  ])
  .openapi('Figure', { description: 'A value with its definition, or the reason why there is none.' });

const stackLine = z
  .union([z.object({ metric, value: decimal }), z.object({ metric, notComputable: reason })])
  .openapi('StackLine');

const fitted = {
  marginRate: decimal,
  yearlyDiscount: decimal,
  months: z.number(),
  fit: z
    .object({ value: decimal, parameters: z.record(z.string(), decimal), atBoundary: z.boolean() })
    .openapi({ description: 'As sealed with the contract, which also holds the tables it was fitted to.' }),
};

const method = z.union([
  z.object({
    ltv: z.literal('margin_over_churn'),
    monthlyRevenuePerCustomer: decimal,
    marginRate: decimal,
    monthlyChurn: decimal,
  }),
  z.object({ ltv: z.literal('orders_over_horizon'), ordersPerCustomer: decimal, months: z.number() }),
  z.object({
    ltv: z.literal('shifted_beta_geometric'),
    periodMonths: z.number(),
    revenuePerPeriod: decimal,
    ...fitted,
  }),
  z.object({ ltv: z.literal('bg_nbd_gamma_gamma'), unit: z.enum(['day', 'week', 'month']), ...fitted }),
]);

const figures = z
  .object({
    cac: figure,
    roas: figure,
    cm1: figure,
    cm2: figure,
    cm3: figure,
    cm1Rate: figure,
    cm2Rate: figure,
    cm3Rate: figure,
    ltv: figure,
    ltvToCac: figure,
    payback: figure,
  })
  .openapi({ description: FIGURE_NAMES.map((name) => `\`${name}\`: ${FIGURES[name].label}`).join('; ') });

const economicsSchema = z
  .object({
    basis: z.enum(['forecast', 'observed']),
    currency,
    method: orNull(method).openapi({
      description: 'The lifetime-value method declared; null when the theses declare different ones.',
    }),
    stack: z.object({
      spend: stackLine,
      newCustomers: stackLine,
      orders: stackLine,
      revenue: stackLine,
      productCost: stackLine,
      fulfilmentCost: stackLine,
      paymentFees: stackLine,
      serviceCost: stackLine,
    }),
    figures,
    grade: orNull(evidenceGrade),
    coverage: orNull(coverage),
  })
  .openapi('UnitEconomics');

const difference = z
  .union([z.object({ definition, value: money }), z.object({ definition, notComputable: reason })])
  .openapi('Difference', { description: 'Observed less forecast: more than 0 means more than forecast.' });

const definitions = z
  .record(definition, z.string())
  .openapi({ description: 'Every formula by name and version.' });

const knownAt = orNull(instant).openapi({ description: 'As asked; null: all that is known now.' });

const incrementalValue = z.union([money, z.object({ ratio: decimal }), z.object({ count: decimal })]);

const bounded = z.object({
  value: incrementalValue,
  lower: orNull(incrementalValue),
  upper: orNull(incrementalValue).openapi({ description: 'Null where it has no limit.' }),
});

const incrementalFigure = z
  .union([
    z.object({
      definition,
      shrunken: bounded.openapi({ description: 'From the shrunken lift: what money is decided on.' }),
      raw: orNull(bounded).openapi({ description: "From the lift as measured; the interval is Fieller's." }),
    }),
    z.object({ definition, notComputable: reason }),
  ])
  .openapi('IncrementalFigure');

const incrementalSchema = z
  .object({
    kind: z.enum(['ab', 'holdout']),
    at: instant.openapi({ description: 'The read-out that it is of.' }),
    grade: evidenceGrade,
    arms: z.array(
      z.object({
        arm: z.string(),
        conversions: incrementalFigure,
        costPerAcquisition: incrementalFigure,
        revenue: incrementalFigure,
        roas: incrementalFigure,
      }),
    ),
  })
  .openapi('IncrementalEconomics', { description: 'What the randomised experiment of a stage added.' });

const moneyNotSpent = z
  .object({
    definition,
    amount: money,
    stages: z.array(
      z.object({ stage: gatedStage, planned: money, basis: z.enum(['business_case', 'envelope']) }),
    ),
    spent: orNull(money).openapi({ description: 'What the thesis did spend; null when not known.' }),
  })
  .openapi('MoneyNotSpent');

export const thesisEconomicsSchema = z
  .object({
    thesisId: z.string(),
    currency,
    knownAt,
    contractVersion: z.number().int(),
    definitions,
    stages: z.array(
      z.object({
        stage: gatedStage,
        entered: z.boolean(),
        forecast: orNull(economicsSchema).openapi({
          description: 'The business case; null when it is silent.',
        }),
        observed: economicsSchema,
        incremental: orNull(incrementalSchema).openapi({
          description: 'As the last read-out of the stage had it; null without arms to compare.',
        }),
        difference: z.object({ spend: difference, cac: difference, cm3: difference }),
      }),
    ),
    total: economicsSchema.openapi({ description: 'All stages together, as observed.' }),
    moneyNotSpent: orNull(moneyNotSpent).openapi({ description: 'Null unless the thesis was killed.' }),
  })
  .openapi('ThesisUnitEconomics');

export const groupedEconomicsSchema = z
  .object({
    groupBy: z.enum(GROUPINGS),
    knownAt,
    definitions,
    groups: z.array(
      z.object({
        key: z
          .string()
          .openapi({ description: 'A stage, portfolio or market, or a playbook as `name/version`.' }),
        currency,
        theses: z.number().int(),
        economics: economicsSchema,
      }),
    ),
  })
  .openapi('GroupedUnitEconomics');
