// What stands out in the daily counts of a thesis: spikes, dips, new levels and drifts, dated and put into words.
// A signal is something to look at: it decides nothing, and no criterion reads it.

import { DAY } from './duration.ts';
import { METRICS, type Metric } from './metric.ts';
import { frenchLabel } from './metric-french.ts';
import { type DecimalText, toNumber } from './money.ts';
import { type Alarm, detectSignals } from './statistics/detection/alarm.ts';
import { ImpossibleInput } from './statistics/impossible.ts';

/** Days without which a series has no ordinary course to depart from. */
export const FEWEST_SIGNAL_DAYS = 21;

/** Days of the past that a series is read over: half a year shows what is ordinary, and is read in milliseconds. */
export const MOST_SIGNAL_DAYS = 182;

/** The count of one metric on one day; a day that is not there was not observed, or not whole. */
export interface DailyCount {
  readonly metric: Metric;
  /** ISO date. */
  readonly day: string;
  readonly sum: DecimalText;
}

export interface Signal extends Pick<Alarm, 'kind' | 'expected' | 'observed' | 'size' | 'falseAlarmRate'> {
  readonly metric: Metric;
  /** ISO date of the day with which it could be told. */
  readonly at: string;
  /** ISO date of the first day that departs. */
  readonly began: string;
  /** To be read aloud. */
  readonly sentence: { readonly en: string; readonly fr: string };
}

/**
 * The signals of every metric that was observed on enough days, in the order of metrics and days. A series in which
 * nothing can be told (too short, mostly missing) has none.
 */
export function readSignals(counts: readonly DailyCount[]): Signal[] {
  return [...new Set(counts.map(({ metric }) => metric))].sort().flatMap((metric) =>
    signalsOf(
      metric,
      counts.filter((count) => count.metric === metric),
    ),
  );
}

function signalsOf(metric: Metric, counts: readonly DailyCount[]): Signal[] {
  if (counts.length < FEWEST_SIGNAL_DAYS) return [];
  const { first, values } = seriesOf(counts);
  // Counts that a source estimated are not whole: their noise is not that of chance arrivals.
  const nature = values.every((value) => value === null || Number.isInteger(value)) ? 'count' : 'amount';
  const dateOf = (index: number) => new Date(first + index * DAY).toISOString().slice(0, 10);
  try {
    return detectSignals(values, { cadence: 'daily', nature }).map((alarm) =>
      worded(metric, alarm, dateOf(alarm.at), dateOf(alarm.began)),
    );
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    return [];
  }
}

/** One value a day from the first day observed to the last, at most the newest `MOST_SIGNAL_DAYS`. */
function seriesOf(counts: readonly DailyCount[]): {
  readonly first: number;
  readonly values: readonly (number | null)[];
} {
  const byDay = new Map(counts.map(({ day, sum }) => [Date.parse(day), toNumber(sum)]));
  const days = [...byDay.keys()];
  const last = Math.max(...days);
  const first = Math.max(Math.min(...days), last - (MOST_SIGNAL_DAYS - 1) * DAY);
  const length = Math.round((last - first) / DAY) + 1;
  return { first, values: Array.from({ length }, (_, index) => byDay.get(first + index * DAY) ?? null) };
}

function worded(metric: Metric, alarm: Alarm, at: string, began: string): Signal {
  const { kind, expected, observed, size, falseAlarmRate } = alarm;
  const { en, fr } = WORDS[kind];
  const up = size.absolute >= 0;
  const rate = falseAlarmRate * 100;
  return {
    metric,
    ...{ at, began, kind, expected, observed, size, falseAlarmRate },
    sentence: {
      en: `${METRICS[metric].label}: ${en(began, up)}, ${whole(observed)} a day where ${whole(expected)} were to be expected. Its own history looks like this on ${decimal(rate)}% of days at most.`,
      fr: `${frenchLabel(metric)} : ${fr(began, up)}, ${whole(observed)} par jour pour ${whole(expected)} attendus. Son propre passé y ressemble au plus ${decimal(rate).replace('.', ',')} % des jours.`,
    },
  };
}

type Phrase = (began: string, up: boolean) => string;

const WORDS: Readonly<Record<Alarm['kind'], { readonly en: Phrase; readonly fr: Phrase }>> = {
  spike: { en: (day) => `a spike on ${day}`, fr: (day) => `un pic le ${day}` },
  dip: { en: (day) => `a dip on ${day}`, fr: (day) => `un creux le ${day}` },
  step: {
    en: (day, up) => `a ${up ? 'higher' : 'lower'} level since ${day}`,
    fr: (day, up) => `un niveau plus ${up ? 'haut' : 'bas'} depuis le ${day}`,
  },
  drift: {
    en: (day, up) => `a slow ${up ? 'rise' : 'fall'} since ${day}`,
    fr: (day, up) => `une lente ${up ? 'hausse' : 'baisse'} depuis le ${day}`,
  },
};

function whole(value: number): string {
  return String(Math.round(value));
}

function decimal(value: number): string {
  return value.toFixed(1);
}
