// The one home of the stage list, its order and what each stage is for. A playbook fills the stages in; it cannot
// add, drop or reorder them.

export const STAGES = ['detect', 'prototype', 'measure', 'scale', 'retex'] as const;

export type Stage = (typeof STAGES)[number];

/** The stages that collect evidence and end at a gate; retex only documents. */
export const GATED_STAGES = ['detect', 'prototype', 'measure', 'scale'] as const satisfies readonly Stage[];

export type GatedStage = (typeof GATED_STAGES)[number];

/** The method's own word for each stage, in French, and what happens there. */
export const STAGE_STORY = {
  detect: {
    french: 'Veille',
    purpose: 'Trends, usages and weak signals: is there a latent demand worth a test?',
  },
  prototype: {
    french: 'Prototype',
    purpose: 'An offer, a channel or a price at small scale: will anybody pay attention and money?',
  },
  measure: {
    french: 'Mesure',
    purpose: 'Controlled tests and incrementality: is the value real, and caused by us?',
  },
  scale: {
    french: 'Scale',
    purpose: 'A processed roll-out with an adapted budget: do the unit economics hold as spend grows?',
  },
  retex: { french: 'Retex', purpose: 'Documentation and capitalisation: what the next thesis should know.' },
} as const satisfies Record<Stage, { french: string; purpose: string }>;

/** The stage that follows; scale is followed by retex, and nothing follows retex. */
export function stageAfter(stage: GatedStage): Stage {
  return STAGES[STAGES.indexOf(stage) + 1] ?? 'retex';
}

export function isGated(stage: Stage): stage is GatedStage {
  return stage !== 'retex';
}
