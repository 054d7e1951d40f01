// An increment in a plain sentence, English and French. Holds words and computes nothing.

import type { Found, IncrementMethod } from './increment.ts';

interface Sentence {
  readonly en: string;
  readonly fr: string;
}

const METHOD: Readonly<Record<IncrementMethod, Sentence>> = {
  holdout: { en: 'against a randomised holdout', fr: 'face à un groupe témoin tiré au sort' },
  time_based_regression: { en: 'against the control markets', fr: 'face aux marchés témoins' },
  difference_in_differences: { en: 'against the control markets', fr: 'face aux marchés témoins' },
  synthetic_control: { en: 'against a synthetic market', fr: 'face à un marché synthétique' },
  before_after: { en: 'against the weeks before', fr: 'face aux semaines d’avant' },
};

export function incrementSentence(
  found: Found,
  verdict: 'more' | 'less' | 'undecided' | 'impossible',
): Sentence {
  const method = METHOD[found.method];
  if ('impossible' in found) {
    return {
      en: `The increment ${method.en} cannot be computed: ${found.detail}.`,
      fr: `L’effet ajouté ${method.fr} ne peut pas être calculé (${found.impossible.replaceAll('_', ' ')}).`,
    };
  }
  const { increment, interval } = found;
  const en = interval === null ? '' : ` (between ${shown(interval.lower)} and ${shown(interval.upper)})`;
  const fr = interval === null ? '' : ` (entre ${french(interval.lower)} et ${french(interval.upper)})`;
  const conclusion = CONCLUSION[verdict];
  return {
    en: `${shown(increment)} were added ${method.en}${en}: ${conclusion.en}.`,
    fr: `Effet ajouté ${method.fr} : ${french(increment)}${fr} ; ${conclusion.fr}.`,
  };
}

const CONCLUSION: Readonly<Record<'more' | 'less' | 'undecided' | 'impossible', Sentence>> = {
  more: { en: 'it brought something', fr: 'l’action a apporté quelque chose' },
  less: { en: 'it did harm', fr: 'l’action a nui' },
  undecided: { en: 'this may be chance', fr: 'cela peut être le hasard' },
  impossible: { en: 'nothing can be said', fr: 'on ne peut rien dire' },
};

/** Rounded to a whole number from 100 on, to three digits below. */
function shown(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

function french(value: number): string {
  return shown(value).replace('.', ',');
}
