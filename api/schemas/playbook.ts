// A playbook as it comes in and goes out: the form of every field. Whether the fields make sense together is the
// domain's to say (playbook/check.ts).

import { z } from '@hono/zod-openapi';
import { CRITERION_ROLES } from '../../domain/criterion.ts';
import { GATE_MODES, SILENCES } from '../../domain/gate.ts';
import type { GATED_STAGES } from '../../domain/stage.ts';
import {
  decimal,
  duration,
  evidenceGrade,
  instant,
  mayBeAbsent,
  metric,
  money,
  orNull,
  slug,
  text,
} from './primitives.ts';

const count = z.number().int().min(0).max(1_000_000_000);

const rule = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('threshold'),
      comparison: z.enum(['at_least', 'at_most']),
      bound: decimal,
      hardBound: mayBeAbsent(decimal),
      confidence: mayBeAbsent(z.number().openapi({ description: 'One-sided, 0.5 to 0.999.' })),
    }),
    z.strictObject({ kind: z.literal('versus_control') }),
    z.strictObject({ kind: z.literal('non_inferiority'), margin: decimal }),
  ])
  .openapi('Rule');

const criterion = z
  .strictObject({
    id: slug.openapi({ example: 'ctr-floor' }),
    metric,
    role: z.enum(CRITERION_ROLES),
    rule,
    minimumSample: count,
    minimumAge: duration,
    failures: count.openapi({ description: 'Fails when broken at this many read-outs in a row.' }),
    onFail: z.enum(['refine', 'kill']),
    minimumGrade: mayBeAbsent(z.strictObject({ grade: evidenceGrade, aboveSpend: mayBeAbsent(money) })),
  })
  .openapi('Criterion');

const seat = z.strictObject({
  seat: slug.openapi({ example: 'finance' }),
  count,
  veto: z.boolean(),
  aboveSpend: mayBeAbsent(money),
});

const threshold = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('majority') }),
  z.strictObject({ kind: z.literal('unanimity') }),
  z.strictObject({ kind: z.literal('at_least'), votes: count }),
]);

const gatePolicy = z
  .strictObject({
    mode: z.enum(GATE_MODES),
    committee: slug.openapi({ example: 'growth-committee' }),
    seats: z.array(seat),
    quorum: count,
    threshold,
    deadline: duration.openapi({ description: 'Business time from opening to deadline.' }),
    reminders: z.array(duration),
    onSilence: z.enum(SILENCES),
    escalation: mayBeAbsent(z.strictObject({ committee: slug, deadline: duration })),
    silentHold: duration,
    autoBelow: mayBeAbsent(money),
    againstRecommendation: mayBeAbsent(z.strictObject({ seat: slug })),
  })
  .openapi('GatePolicy');

const arm = text(64).openapi({ example: 'control' });

const experimentPlan = z
  .strictObject({
    kind: z.enum(['ab', 'holdout', 'geo', 'prepost']),
    control: arm,
    treatments: z.array(arm),
    unit: z.enum(['visitor', 'customer', 'market', 'day']),
    primaryMetric: metric,
    minimumEffect: decimal,
    alpha: z.number(),
    power: z.number(),
    plannedUnits: count,
    weights: z.record(z.string().max(64), z.number()),
    method: z.enum(['group_sequential', 'confidence_sequence', 'fixed_horizon']),
    grade: evidenceGrade,
    preDays: mayBeAbsent(count).openapi({
      description: 'Of `geo` and `prepost`: days before the stage that the comparison rests on; absent: 84.',
    }),
    adjustment: mayBeAbsent(z.enum(['cuped', 'none'])).openapi({
      description:
        'Of `ab` and `holdout`: `cuped` takes what the same units did before out of means, where every observation has its `covariate`. Absent: none.',
    }),
  })
  .openapi('ExperimentPlan');

const stagePlan = z
  .strictObject({
    hypothesis: text(500),
    proof: text(500),
    decision: text(200),
    tools: z.array(text(100)).max(20),
    requiredEvidence: z.array(metric),
    criteria: z.array(criterion),
    gate: gatePolicy,
    cadence: duration,
    minimumDuration: duration,
    maximumDuration: duration,
    envelope: money,
    onStopLoss: z.enum(['hold', 'kill']),
    maximumRefinements: count,
    maximumExtensions: count,
    experiment: orNull(experimentPlan),
    ramp: z.array(z.strictObject({ budget: money, soak: duration })),
  })
  .openapi('StagePlan');

const stages = z.strictObject({
  detect: stagePlan,
  prototype: stagePlan,
  measure: stagePlan,
  scale: stagePlan,
} satisfies Record<(typeof GATED_STAGES)[number], typeof stagePlan>);

export const newPlaybook = z
  .strictObject({
    name: slug.openapi({ example: 'cmo-cycle' }),
    title: text(200),
    stages,
    retex: z.strictObject({ questions: z.array(text(500)) }),
  })
  .openapi('NewPlaybook');

// Not an extension: what may not have further fields cannot be described as part of what has one more.
export const playbookSchema = z
  .object({ ...newPlaybook.shape, version: z.number().int().min(1) })
  .openapi('Playbook');

export const playbookVersion = z
  .object({
    name: slug,
    version: z.number().int().min(1),
    title: z.string(),
    createdAt: instant,
    createdBy: z.string(),
  })
  .openapi('PlaybookVersion');
