// What a committee member can read aloud: one reading in a plain English and a plain French sentence. Holds the words
// of both languages and computes nothing.

import { METRICS, type Metric } from '../metric.ts';
import { frenchLabel } from '../metric-french.ts';
import type { ReadAdjustment } from './adjustment.ts';
import type { Impossibility, Standing, WaitingFor } from './comparison.ts';
import { MINIMUM_CONVERSIONS, MINIMUM_UNITS } from './comparison.ts';
import { MINIMUM_DAYS } from './schedule.ts';

export interface Sentence {
  readonly en: string;
  readonly fr: string;
}

/** What is said about one reading. Fractions are of control's value. */
export interface Facts {
  readonly metric: Metric;
  readonly arm: string;
  readonly control: string;
  readonly role: 'primary' | 'goal' | 'guardrail';
  readonly standing: Standing;
  readonly estimate: number | null;
  readonly absolute: number | null;
  readonly interval: { readonly lower: number; readonly upper: number } | null;
  readonly shrunken: { readonly shrunken: number } | null;
  readonly adjustment: ReadAdjustment | null;
  readonly verdict: 'better' | 'worse' | 'undecided' | 'impossible';
  readonly nonInferiority: 'shown' | 'harm' | 'undecided' | null;
  readonly margin: number | null;
  readonly informationFraction: number;
  readonly day: number;
  readonly closed: boolean;
  readonly unhealthy: boolean;
}

export function sentenceOf(facts: Facts): Sentence {
  return { en: spoken(facts, ENGLISH), fr: spoken(facts, FRENCH) };
}

/** One language: pieces that `spoken` puts in order. */
interface Language {
  readonly subject: (facts: Facts) => string;
  readonly unhealthy: string;
  readonly waiting: Readonly<Record<WaitingFor, string>>;
  readonly impossible: (why: Impossibility) => string;
  readonly difference: (facts: Facts) => string;
  readonly adjusted: (varianceReduction: number) => string;
  readonly unadjusted: string;
  readonly conclusion: (facts: Facts) => string;
  readonly guardrail: (facts: Facts, margin: number) => string;
  readonly shrunken: (value: number) => string;
}

function spoken(facts: Facts, words: Language): string {
  const { standing, unhealthy, role, verdict, adjustment, shrunken, margin, nonInferiority } = facts;
  const subject = words.subject(facts);
  if (unhealthy) return `${subject}${words.unhealthy}`;
  if (standing.state === 'waiting') return `${subject}${words.waiting[standing.waitingFor]}`;
  if (standing.state === 'impossible') return `${subject}${words.impossible(standing.why)}`;
  const parts = [`${subject}${words.difference(facts)}`];
  if (adjustment?.method === 'cuped') parts.push(words.adjusted(Math.max(0, adjustment.varianceReduction)));
  else if (adjustment?.why === 'missing_covariate') parts.push(words.unadjusted);
  if (role !== 'guardrail') {
    parts.push(words.conclusion(facts));
    if (shrunken !== null && (verdict === 'better' || verdict === 'worse')) {
      parts.push(words.shrunken(shrunken.shrunken));
    }
  }
  if (margin !== null && nonInferiority !== null) parts.push(words.guardrail(facts, margin));
  return parts.join(' ');
}

const ENGLISH: Language = {
  subject: ({ metric, arm }) => `${METRICS[metric].label}, ${arm}: `,
  unhealthy: 'no verdict, because the arms did not get their planned shares of units.',
  waiting: {
    units: 'no unit has been observed in both arms yet.',
    days: `too early to judge; no verdict is taken before ${MINIMUM_DAYS} full days.`,
    conversions: `too few conversions to judge; each arm needs ${MINIMUM_CONVERSIONS}.`,
    sample: `too few units to judge; each arm needs ${MINIMUM_UNITS}.`,
  },
  impossible: (why) => `the arms cannot be compared, because ${WHY[why].en}.`,
  difference: ({ control, estimate, absolute, interval }) => {
    if (estimate === null)
      return `${number(absolute ?? 0)} from ${control}, whose own value may as well be 0.`;
    const range =
      interval === null ? '' : ` (between ${enShift(interval.lower)} and ${enShift(interval.upper)})`;
    return `${enShift(estimate)} than ${control}${range}.`;
  },
  adjusted: (reduction) =>
    `What the same units did before the test is taken out (CUPED), which cuts the variance by ${percent(reduction)}.`,
  unadjusted: 'The planned adjustment (CUPED) was not made, because some units have no covariate.',
  conclusion: ({ verdict, day, closed, informationFraction }) => {
    const share = percent(informationFraction);
    if (verdict === 'better') return `This is better, settled on day ${day}.`;
    if (verdict === 'worse') return `This is worse, settled on day ${day}.`;
    if (closed) return 'The test has reached its planned end without showing a difference.';
    return `Nothing is settled yet, with ${share} of the planned units in.`;
  },
  guardrail: ({ control, nonInferiority }, margin) => {
    const limit = percent(margin);
    if (nonInferiority === 'harm') return `It is worse than ${control} by more than the ${limit} allowed.`;
    if (nonInferiority === 'shown')
      return `It is not worse than ${control} by more than the ${limit} allowed.`;
    return `Whether it is worse than ${control} by more than the ${limit} allowed is still open.`;
  },
  shrunken: (value) => `Allowing for luck, count on ${enShift(value)}.`,
};

const FRENCH: Language = {
  subject: ({ metric, arm }) => `${frenchLabel(metric)}, « ${arm} » : `,
  unhealthy: 'aucun verdict, car les groupes n’ont pas reçu la part d’unités prévue.',
  waiting: {
    units: 'aucune unité n’a encore été observée dans les deux groupes.',
    days: `trop tôt pour juger ; aucun verdict avant ${MINIMUM_DAYS} jours pleins.`,
    conversions: `trop peu de conversions pour juger ; il en faut ${MINIMUM_CONVERSIONS} par groupe.`,
    sample: `trop peu d’unités pour juger ; il en faut ${MINIMUM_UNITS} par groupe.`,
  },
  impossible: (why) => `comparaison impossible, car ${WHY[why].fr}.`,
  difference: ({ control, estimate, absolute, interval }) => {
    if (estimate === null)
      return `${frNumber(absolute ?? 0)} d’écart avec « ${control} », dont la valeur ne se distingue pas de 0.`;
    const range =
      interval === null ? '' : ` (entre ${frShift(interval.lower)} et ${frShift(interval.upper)})`;
    return `${frShift(estimate)} que « ${control} »${range}.`;
  },
  adjusted: (reduction) =>
    `Ce que les mêmes unités faisaient avant le test est retiré (CUPED), ce qui réduit la variance de ${frPercent(reduction)}.`,
  unadjusted: 'L’ajustement prévu (CUPED) n’a pas été fait, car des unités sont sans covariable.',
  conclusion: ({ verdict, day, closed, informationFraction }) => {
    if (verdict === 'better') return `C’est mieux, acquis au jour ${day}.`;
    if (verdict === 'worse') return `C’est moins bien, acquis au jour ${day}.`;
    if (closed) return 'Le test est arrivé à son terme sans montrer de différence.';
    return `Rien n’est encore acquis, avec ${frPercent(informationFraction)} des unités prévues.`;
  },
  guardrail: ({ control, nonInferiority }, margin) => {
    const limit = frPercent(margin);
    if (nonInferiority === 'harm') return `C’est moins bien que « ${control} » au-delà des ${limit} tolérés.`;
    if (nonInferiority === 'shown') {
      return `Ce n’est pas moins bien que « ${control} » au-delà des ${limit} tolérés.`;
    }
    return `Reste ouvert : est-ce moins bien que « ${control} » au-delà des ${limit} tolérés ?`;
  },
  shrunken: (value) => `En faisant la part de la chance, compter sur ${frShift(value)}.`,
};

const WHY: Readonly<Record<Impossibility, Sentence>> = {
  no_data: { en: 'their sums are incomplete', fr: 'leurs sommes sont incomplètes' },
  zero_variance: { en: 'their values do not vary', fr: 'leurs valeurs ne varient pas' },
  zero_baseline: { en: 'the value of control is zero', fr: 'la valeur du groupe témoin est nulle' },
  contradictory_sums: { en: 'their sums contradict each other', fr: 'leurs sommes se contredisent' },
  too_few: { en: 'there are too few observations', fr: 'il y a trop peu d’observations' },
  out_of_range: { en: 'a figure is out of its range', fr: 'un chiffre est hors de ses limites' },
  not_finite: { en: 'a figure is not a number', fr: 'un chiffre n’est pas un nombre' },
  no_convergence: { en: 'the computation does not settle', fr: 'le calcul ne converge pas' },
  markets: {
    en: 'a geographic test is read market by market and not from the sums of its arms',
    fr: 'un test géographique se lit marché par marché et non sur les sommes de ses groupes',
  },
};

function enShift(change: number): string {
  return `${percent(Math.abs(change))} ${change < 0 ? 'lower' : 'higher'}`;
}

function frShift(change: number): string {
  return `${frPercent(Math.abs(change))} ${change < 0 ? 'de moins' : 'de plus'}`;
}

/** A fraction as an English percentage. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)}%`;
}

/** A fraction as a French percentage. */
export function frPercent(fraction: number): string {
  return `${frNumber(100 * fraction, 1)} %`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function frNumber(value: number, decimals?: number): string {
  return (decimals === undefined ? number(value) : value.toFixed(decimals)).replace('.', ',');
}
