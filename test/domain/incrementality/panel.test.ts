// From daily totals to what a test of markets or of days compares, and which plans such a test can have.
import { describe, expect, test } from 'vitest';
import { DAY, instant } from '../../../domain/duration.ts';
import {
  geoPanel,
  type PanelPlan,
  type PanelTotal,
  weeksPanel,
} from '../../../domain/incrementality/panel.ts';
import { checkStageExperiment } from '../../../domain/incrementality/panel-plan-check.ts';
import type { Metric } from '../../../domain/metric.ts';
import { CMO_CYCLE } from '../../../domain/playbook/cmo-cycle.ts';
import { checkCriterion } from '../../../domain/playbook/criterion-check.ts';
import type { ExperimentPlan } from '../../../domain/playbook.ts';
import { plan } from '../experiment-fixture.ts';

const geo: PanelPlan = {
  ...plan,
  ...{ kind: 'geo', unit: 'market', control: 'others', treatments: ['lyon'], primaryMetric: 'orders' },
  ...{ method: 'fixed_horizon', grade: 'quasi_experiment', weights: { others: 0.5, lyon: 0.5 } },
};
const prepost: PanelPlan = { ...geo, kind: 'prepost', unit: 'day', grade: 'pre_post' };

const MONDAY = Date.UTC(2026, 5, 1);
const at = (day: number) => instant(MONDAY + day * DAY);
const clock = { untouchedUntil: at(0), treatedSince: at(0) };

/** Days -28 to 13; the total is 100 a day, of all or of each market. */
function totals(
  markets: readonly (string | null)[],
  without: (market: string | null, day: number) => boolean,
): PanelTotal[] {
  return Array.from({ length: 42 }, (_, index) => index - 28).flatMap((day) =>
    markets
      .filter((market) => !without(market, day))
      .map((market) => ({ market, day: at(day).slice(0, 10), sum: '100' })),
  );
}

const never = () => false;

describe('markets', () => {
  test('the treated one stands beside all others, or beside the one that is named as control', () => {
    const observed = totals(['lyon', 'metz', 'nice'], never);
    expect(geoPanel(geo, clock, observed)).toMatchObject({
      ...{ markets: ['lyon', 'metz', 'nice'], treated: ['lyon'], daysBefore: 28 },
      treatedDays: Array.from({ length: 14 }, (_, index) => index + 1),
    });
    expect(geoPanel({ ...geo, control: 'nice' }, clock, observed).markets).toEqual(['lyon', 'nice']);
  });

  test('a day counts when every market was observed on it, and a market that is often missing is no control', () => {
    const observed = totals(
      ['lyon', 'metz', 'nice'],
      (market, day) => (market === 'metz' && day === 3) || (market === 'nice' && day % 4 === 0),
    );
    const panel = geoPanel(geo, clock, observed);
    expect(panel.markets).toEqual(['lyon', 'metz']);
    expect(panel.treatedDays).not.toContain(4);
    expect(panel.treatedDays).toHaveLength(13);
    expect(panel.outcome.every((days) => days.length === 28 + 13)).toBe(true);
  });

  test('the day on which the stage began is of neither side, nor are the days of an earlier round', () => {
    const second = { untouchedUntil: at(-7.5), treatedSince: at(0.4) };
    const panel = geoPanel(geo, second, totals(['lyon', 'metz'], never));
    expect(panel.daysBefore).toBe(28 - 8);
    expect(panel.treatedDays).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });

  test('of very many others, those that were largest before the start are the controls', () => {
    const names = Array.from({ length: 120 }, (_, index) => `m${index}`);
    const observed = totals(['lyon', ...names], never).map((total) => {
      const isSmall = total.market !== null && Number(total.market.slice(1)) < 20;
      const isBefore = Date.parse(total.day) < MONDAY;
      return { ...total, sum: isSmall && isBefore ? '1' : '100' };
    });
    const { markets } = geoPanel(geo, clock, observed);
    expect(markets).toHaveLength(101);
    expect(markets).not.toContain('m19');
    expect(markets).toContain('m20');
  });

  test('the past reaches back as far as the plan says', () => {
    expect(geoPanel({ ...geo, preDays: 10 }, clock, totals(['lyon', 'metz'], never)).daysBefore).toBe(10);
  });

  test('without observations of the treated market there is no day to read', () => {
    expect(geoPanel(geo, clock, totals(['metz', 'nice'], never))).toMatchObject({
      treated: [],
      treatedDays: [],
    });
  });
});

test('before and after are whole weeks on either side of the start', () => {
  const observed = totals([null], (_market, day) => day === -10);
  const panel = weeksPanel(prepost, clock, observed);
  expect(panel.before).toHaveLength(21);
  expect(panel.after).toHaveLength(14);
  const cut = weeksPanel(prepost, clock, observed.slice(0, -1));
  expect(cut.after).toHaveLength(7);
});

describe('a plan', () => {
  function faults(change: Partial<ExperimentPlan>): string[] {
    const found: string[] = [];
    checkStageExperiment({ ...geo, ...change }, (path) => found.push(path));
    return found;
  }

  test('of markets or of days is compared by what adds up', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ primaryMetric: 'revenue' })).toEqual([]);
    expect(faults({ primaryMetric: 'cvr' })).toEqual(['primaryMetric']);
    expect(faults({ primaryMetric: 'spend' })).toEqual(['primaryMetric']);
    const arms = { kind: 'ab', grade: 'randomised' } as const;
    expect(faults({ ...arms, primaryMetric: 'revenue' })).toEqual(['primaryMetric']);
  });

  test('names days before it only where they are used, and enough of them', () => {
    expect(faults({ preDays: 56 })).toEqual([]);
    expect(faults({ preDays: 7 })).toEqual(['preDays']);
    expect(faults({ preDays: 30.5 })).toEqual(['preDays']);
    expect(faults({ kind: 'ab', grade: 'randomised', primaryMetric: 'cvr', preDays: 56 })).toEqual([
      'preDays',
    ]);
  });

  test('of days has one treatment', () => {
    const weights = { others: 0.4, lyon: 0.3, metz: 0.3 };
    const two = { treatments: ['lyon', 'metz'], weights };
    expect(faults(two)).toEqual([]);
    expect(faults({ ...two, kind: 'prepost', grade: 'pre_post' })).toEqual(['treatments']);
  });

  test('of markets decides criteria on its primary metric alone', () => {
    const stage = { ...CMO_CYCLE.stages.measure, experiment: geo };
    const faultsWith = (metric: Metric) => {
      const found: string[] = [];
      const criterion = { ...stage.criteria[0], metric, rule: { kind: 'versus_control' } as const };
      const base = CMO_CYCLE.stages.measure.criteria[0];
      if (base === undefined) throw new Error('the stage has criteria');
      checkCriterion({ ...base, ...criterion }, stage, 'EUR', (path) => found.push(path));
      return found;
    };
    expect(faultsWith('orders')).toEqual([]);
    expect(faultsWith('cvr')).toEqual(['metric']);
  });
});
