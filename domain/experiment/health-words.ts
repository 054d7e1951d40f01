// What is wrong with an experiment, in a plain English and a plain French sentence. Holds the words of both languages
// and judges nothing: experiment/health.ts finds the problems.

import { MINIMUM_CONVERSIONS, MINIMUM_UNITS } from './comparison.ts';
import { MINIMUM_DAYS } from './schedule.ts';
import { frPercent, percent, type Sentence } from './words.ts';

/** The share of all units that an arm got and the one it was promised. */
export interface ArmShare {
  readonly arm: string;
  readonly got: number;
  readonly planned: number;
}

export const HEALTHY: Sentence = {
  en: 'The test is healthy: its arms, its age and its sample are as planned.',
  fr: 'Le test est sain : ses groupes, son âge et son échantillon sont conformes au plan.',
};

export const TOO_FEW_UNITS: Sentence = {
  en: `Each arm needs ${MINIMUM_UNITS} units for a verdict.`,
  fr: `Il faut ${MINIMUM_UNITS} unités par groupe pour un verdict.`,
};

export const TOO_FEW_CONVERSIONS: Sentence = {
  en: `Each arm needs ${MINIMUM_CONVERSIONS} conversions for a verdict.`,
  fr: `Il faut ${MINIMUM_CONVERSIONS} conversions par groupe pour un verdict.`,
};

/** `why` is the detail of the check that refused the units, in English. */
export function contradictoryUnits(why: string): Sentence {
  return {
    en: `The units of the arms contradict each other: ${why}.`,
    fr: 'Les nombres d’unités des groupes se contredisent : aucun verdict n’est possible.',
  };
}

export function unplannedShares(shares: readonly ArmShare[]): Sentence {
  const en = shares.map(
    ({ arm, got, planned }) => `${arm} got ${percent(got)} of the units instead of ${percent(planned)}`,
  );
  const fr = shares.map(
    ({ arm, got, planned }) =>
      `« ${arm} » a reçu ${frPercent(got)} des unités au lieu de ${frPercent(planned)}`,
  );
  return {
    en: `The arms do not have their planned shares: ${en.join(', ')}. Something is broken: no verdict can be taken.`,
    fr: `Les groupes n’ont pas les parts prévues : ${fr.join(', ')}. Quelque chose est cassé : aucun verdict n’est possible.`,
  };
}

export function idleArms(arms: readonly string[]): Sentence {
  return {
    en: `No unit has come in yet for ${arms.join(', ')}.`,
    fr: `Aucune unité n’est encore arrivée pour ${arms.map((arm) => `« ${arm} »`).join(', ')}.`,
  };
}

export function tooYoung(ageDays: number): Sentence {
  return {
    en: `No verdict is taken before ${MINIMUM_DAYS} full days of data; the test is ${ageDays} days old.`,
    fr: `Aucun verdict avant ${MINIMUM_DAYS} jours pleins de données ; le test a ${ageDays} ${ageDays < 2 ? 'jour' : 'jours'}.`,
  };
}
