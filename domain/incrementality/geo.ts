// A geographic test: some markets treated from a day on, the others not. The figure to quote is time-based regression;
// difference-in-differences and a synthetic control on the same panel say whether it can be believed.

import { ImpossibleInput } from '../statistics/impossible.ts';
import {
  differenceInDifferences,
  type Panel,
} from '../statistics/incrementality/difference-in-differences.ts';
import { preTrend } from '../statistics/incrementality/pre-trend.ts';
import {
  placeboTest,
  ridgeAugmented,
  syntheticControl,
} from '../statistics/incrementality/synthetic-control.ts';
import { timeBasedRegression } from '../statistics/incrementality/time-based-regression.ts';
import { tSf } from '../statistics/numerics/special.ts';
import { type Found, type Increment, orImpossible } from './increment.ts';

export interface GeoTest {
  readonly kind: 'geo';
  readonly markets: readonly string[];
  /** Names of the treated markets. */
  readonly treated: readonly string[];
  /** outcome[market][day]: every market on every day. */
  readonly outcome: readonly (readonly number[])[];
  /** Index of the first day with treatment. */
  readonly firstDay: number;
  readonly alpha: number;
  readonly spend: number | null;
}

export function readGeo(test: GeoTest): readonly [Found, Found, Found] {
  return [
    orImpossible('time_based_regression', () => regression(test, split(test))),
    orImpossible('difference_in_differences', () => differences(test)),
    orImpossible('synthetic_control', () => synthetic(test, split(test))),
  ];
}

interface Split {
  readonly treated: readonly (readonly number[])[];
  readonly control: readonly (readonly number[])[];
  readonly days: number;
}

function regression(
  { firstDay, alpha, spend }: GeoTest,
  { treated, control, days }: Split,
): Omit<Increment, 'method'> {
  const found = timeBasedRegression({
    control: totals(control),
    treatment: totals(treated),
    prePeriods: firstDay,
    testPeriods: days - firstDay,
    level: 1 - alpha,
    tails: 2,
    ...(spend === null ? {} : { spend }),
  });
  const { effect, lower, upper, scale, fit, relativeEffect, returnOnSpend } = found;
  return {
    increment: effect,
    interval: { lower, upper },
    p: 2 * tSf(Math.abs(effect) / scale, fit.degreesOfFreedom),
    relative: relativeEffect,
    returnOnSpend,
    doubts: [],
  };
}

/** The mean effect on a market and day, times the treated markets and days; with a doubt when trends differed. */
function differences(test: GeoTest): Omit<Increment, 'method'> {
  const { firstDay, alpha, spend } = test;
  const panel: Panel = {
    y: test.outcome,
    treatedUnits: test.treated.map((name) => indexOf(test, name)),
    firstPostPeriod: firstDay,
  };
  const { effect, lower, upper, p } = differenceInDifferences(panel, 'fixed_effects', alpha);
  const { treated, days } = split(test);
  const cells = treated.length * (days - firstDay);
  const increment = effect * cells;
  return {
    increment,
    interval: { lower: lower * cells, upper: upper * cells },
    p,
    relative: relativeTo(treated, firstDay, increment),
    returnOnSpend:
      spend === null
        ? null
        : { ratio: increment / spend, lower: (lower * cells) / spend, upper: (upper * cells) / spend },
    doubts: trendDoubts(panel, alpha),
  };
}

function trendDoubts(panel: Panel, alpha: number): string[] {
  try {
    const { p, impliedBias } = preTrend(panel, alpha);
    if (p >= alpha) return [];
    return [
      `the markets were not on parallel paths before the start (p = ${p.toPrecision(2)}): that alone would add ${impliedBias.toPrecision(3)} a market and day`,
    ];
  } catch (problem) {
    if (!(problem instanceof ImpossibleInput)) throw problem;
    return ['there are too few markets or days to check that the markets were on parallel paths'];
  }
}

/** The mean treated market against its synthetic twin, with the placebo p and a ridge-augmented second opinion. */
function synthetic({ firstDay }: GeoTest, { treated, control, days }: Split): Omit<Increment, 'method'> {
  const mean = totals(treated).map((total) => total / treated.length);
  const input = { treated: mean, donors: control, prePeriods: firstDay };
  const found = syntheticControl(input);
  const cells = treated.length * (days - firstDay);
  const increment = found.effect * cells;
  const augmented = ridgeAugmented(input, found.weights, ridgeOf(control, firstDay)).effect * cells;
  const doubts: string[] = [];
  if (found.rmspePre >= Math.abs(found.effect)) {
    doubts.push(
      `before the start the controls miss the treated by ${found.rmspePre.toPrecision(3)} a market and day, as much as the effect itself`,
    );
  }
  if (Math.sign(augmented) !== Math.sign(increment)) {
    doubts.push(`corrected for what the controls leave unfitted, it would be ${augmented.toPrecision(3)}`);
  }
  return {
    increment,
    interval: null,
    p: control.length < 2 ? null : placeboTest(input, found.rmspeRatio).p,
    relative: relativeTo(treated, firstDay, increment),
    returnOnSpend: null,
    doubts,
  };
}

/** A mild correction: as strong as the mean donor's own variation before the start. */
function ridgeOf(control: readonly (readonly number[])[], firstDay: number): number {
  const squares = control.map((row) => {
    const before = row.slice(0, firstDay);
    const mean = total(before) / before.length;
    return total(before.map((value) => (value - mean) ** 2));
  });
  const strength = total(squares) / control.length;
  if (!(strength > 0))
    throw new ImpossibleInput('zero_variance', 'the controls do not vary before the start');
  return strength;
}

function split(test: GeoTest): Split {
  const { markets, treated, outcome } = test;
  const indices = treated.map((name) => indexOf(test, name));
  if (outcome.length !== markets.length) {
    throw new ImpossibleInput('contradictory_sums', `${outcome.length} rows for ${markets.length} markets`);
  }
  const control = outcome.filter((_row, index) => !indices.includes(index));
  if (indices.length === 0 || control.length === 0) {
    throw new ImpossibleInput('too_few', `${indices.length} of ${markets.length} markets are treated`);
  }
  const days = outcome[0]?.length ?? 0;
  if (outcome.some((row) => row.length !== days)) {
    throw new ImpossibleInput('contradictory_sums', 'a market has other days than the rest');
  }
  return { treated: outcome.filter((_row, index) => indices.includes(index)), control, days };
}

function indexOf({ markets }: GeoTest, name: string): number {
  const index = markets.indexOf(name);
  if (index < 0) throw new ImpossibleInput('out_of_range', `${name} is no market of the panel`);
  return index;
}

/** Sum over markets, day by day. */
function totals(rows: readonly (readonly number[])[]): number[] {
  return (rows[0] ?? []).map((_value, day) => rows.reduce((sum, row) => sum + (row[day] ?? 0), 0));
}

/** Increment over what the treated markets made without it. */
function relativeTo(
  treated: readonly (readonly number[])[],
  firstDay: number,
  increment: number,
): number | null {
  const without = total(totals(treated).slice(firstDay)) - increment;
  return without > 0 ? increment / without : null;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
