// What a campaign added that would not have come anyway: one entry for the three ways to find out, from the strongest
// evidence to the weakest. The estimators are domain/statistics/incrementality; data that have no answer are said
// in the reading, never thrown.

import type { EvidenceGrade } from './evidence.ts';
import { GRADE_OF_KIND } from './experiment/plan-check.ts';
import { type GeoTest, readGeo } from './incrementality/geo.ts';
import { type HoldoutTest, readHoldout } from './incrementality/holdout.ts';
import type { Found } from './incrementality/increment.ts';
import { type PrePostTest, readPrePost } from './incrementality/prepost.ts';
import { incrementSentence } from './incrementality/words.ts';

export type IncrementalityRequest = HoldoutTest | GeoTest | PrePostTest;

export interface IncrementalityReadOut {
  readonly kind: IncrementalityRequest['kind'];
  readonly grade: EvidenceGrade;
  /** The figure to quote. */
  readonly headline: Found;
  /** Other methods on the same data: they should agree with the headline. */
  readonly checks: readonly Found[];
  /** Whether all figures point the same way; null with fewer than two. */
  readonly agree: boolean | null;
  readonly verdict: 'more' | 'less' | 'undecided' | 'impossible';
  readonly sentence: { readonly en: string; readonly fr: string };
}

/** Reads a holdout, a geographic test, or a before-after comparison out, once, at its end. */
export function readIncrementality(request: IncrementalityRequest): IncrementalityReadOut {
  const [headline, ...checks] = increments(request);
  const figures = [headline, ...checks].filter((found) => 'increment' in found);
  const verdict = verdictOf(headline);
  return {
    kind: request.kind,
    grade: GRADE_OF_KIND[request.kind],
    headline,
    checks,
    agree:
      figures.length < 2 ? null : new Set(figures.map(({ increment }) => Math.sign(increment))).size === 1,
    verdict,
    sentence: incrementSentence(headline, verdict),
  };
}

function increments(request: IncrementalityRequest): readonly [Found, ...Found[]] {
  switch (request.kind) {
    case 'holdout':
      return readHoldout(request);
    case 'geo':
      return readGeo(request);
    case 'prepost':
      return readPrePost(request);
  }
}

function verdictOf(headline: Found): IncrementalityReadOut['verdict'] {
  if ('impossible' in headline) return 'impossible';
  const { interval } = headline;
  if (interval === null) return 'undecided';
  if (interval.lower > 0) return 'more';
  return interval.upper < 0 ? 'less' : 'undecided';
}
