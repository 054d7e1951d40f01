// What the API answers, as types: its own schemas, and the domain's types where these only say "a document".

import type { z } from 'zod';
import type { gateFileAnswer } from '../api/schemas/gate.ts';
import type { contractAnswer, eventAnswer, receiptAnswer, thesisAnswer } from '../api/schemas/thesis.ts';
import type { GateOutcome, GatePolicy, Vote } from '../domain/gate.ts';
import type { ThesisView } from '../domain/thesis/view.ts';
import type { ReadOutDigest } from '../domain/thesis.ts';

type Documents = Pick<ThesisView, 'hold' | 'lastReadOut' | 'sources' | 'conditions' | 'ramp'>;

export type ThesisAnswer = Omit<z.output<typeof thesisAnswer>, keyof Documents> & Documents;

interface GateDocuments {
  readonly outcome: GateOutcome | null;
  readonly policy: GatePolicy;
  readonly votes: readonly (Vote & { readonly voidedAt: string | null })[];
  readonly evidence: {
    readonly readOut: { readonly digest: ReadOutDigest } | null;
    readonly contract: { readonly version: number; readonly hash: string };
    readonly observations: { readonly count: number };
  } | null;
}

export type GateFile = Omit<z.output<typeof gateFileAnswer>, keyof GateDocuments> & GateDocuments;

export type ContractAnswer = z.output<typeof contractAnswer>;

export type JournalEvent = z.output<typeof eventAnswer>;

export type Receipt = z.output<typeof receiptAnswer>;
