// Adapters from the reference vectors of planning to the estimators; they hold no formula of their own.
import { normalQuantile } from '../../domain/statistics/numerics/special.ts';
import { boundaries } from '../../domain/statistics/planning/group-sequential.ts';
import {
  minimumDetectableEffect,
  type PowerDesign,
  type PowerModel,
  powerOfTest,
  sampleSize,
} from '../../domain/statistics/planning/power.ts';
import { proportionSizes, relativeSize } from '../../domain/statistics/planning/sample-size.ts';
import { shapedBoundaries } from '../../domain/statistics/planning/sequential-shape.ts';
import type { SpendingFunction } from '../../domain/statistics/planning/spending.ts';
import { type AdapterTable, asNumber, type Judge } from './compare.ts';

type PowerKind = 'mean_z' | 'mean_t' | 'proportion' | 'relative' | 'power_at_n';

interface PowerInput {
  readonly kind: PowerKind;
  readonly alpha: number;
  readonly alternative: 'two-sided' | 'larger';
  readonly ratio: number;
  readonly power: number;
  readonly effect_size: number;
  readonly n_control: number;
  readonly p_control: number;
  readonly p_treatment: number;
  readonly baseline_mean: number;
  readonly baseline_sd: number;
  readonly relative_mde: number;
  readonly cuped_rho: number;
  readonly daily_units: number;
  readonly allocation: number;
  readonly arms: number;
}

function designOf(model: PowerModel, { alpha, alternative, ratio }: PowerInput): PowerDesign {
  return { model, alpha, alternative, ratio };
}

const powerKinds: Readonly<Record<PowerKind, (input: PowerInput) => unknown>> = {
  mean_z: (input) => {
    const design = designOf('normal', input);
    const size = sampleSize(design, input.effect_size, input.power);
    // The reference asks for the effect at the size rounded to whole units.
    const effect = minimumDetectableEffect(design, Math.round(size), input.power);
    return { n_control: size, mde_at_n: effect };
  },
  mean_t: (input) => ({ n_control: sampleSize(designOf('t', input), input.effect_size, input.power) }),
  power_at_n: (input) => ({
    power_z: powerOfTest(designOf('normal', input), input.effect_size, input.n_control),
    power_t: powerOfTest(designOf('t', input), input.effect_size, input.n_control),
  }),
  proportion: (input) => {
    const { alpha, alternative, ratio, power } = input;
    const rates = { controlRate: input.p_control, treatmentRate: input.p_treatment };
    const sizes = proportionSizes({ alpha, alternative, ratio, power, ...rates });
    return {
      cohen_h: sizes.effectSize,
      n_control_arcsine: sizes.arcsine,
      n_control_pooled: sizes.pooled,
      n_control_unpooled: sizes.unpooled,
    };
  },
  relative: (input) => {
    const size = relativeSize({
      alpha: input.alpha,
      power: input.power,
      baselineMean: input.baseline_mean,
      baselineSd: input.baseline_sd,
      relativeEffect: input.relative_mde,
      covariateCorrelation: input.cuped_rho,
      dailyUnits: input.daily_units,
      allocation: input.allocation,
      arms: input.arms,
    });
    return {
      n_per_arm_exact: size.perArmExact,
      n_per_arm: size.perArm,
      n_total: size.total,
      days: size.days,
      days_full_weeks: size.daysInFullWeeks,
    };
  },
};

interface SequentialInput {
  readonly spending: 'asOF' | 'asP' | 'asKD' | 'asHSD' | 'OF' | 'P';
  readonly gamma: number | null;
  readonly information_rates: readonly number[];
  readonly alpha: number;
  readonly sided: 1 | 2;
}

function spendingOf({ spending, gamma }: SequentialInput): SpendingFunction {
  if (spending === 'asOF') return { kind: 'obrien_fleming' };
  if (spending === 'asP') return { kind: 'pocock' };
  if (spending === 'asKD') return { kind: 'power', exponent: gamma ?? 0 };
  return { kind: 'hwang_shih_decani', gamma: gamma ?? 0 };
}

function sequentialBoundaries(input: SequentialInput): unknown {
  const { alpha, sided, information_rates: fractions, spending } = input;
  const looks =
    spending === 'OF' || spending === 'P'
      ? shapedBoundaries(spending === 'P' ? 'pocock' : 'obrien_fleming', alpha, sided, fractions)
      : boundaries({ alpha, sides: sided, spending: spendingOf(input) }, fractions);
  const criticalValues = looks.map((look) => look.criticalValue);
  return {
    critical_values: criticalValues,
    critical_values_precise: criticalValues,
    alpha_spent: looks.map((look) => look.alphaSpent),
    nominal_stage_p: looks.map((look) => look.nominalP),
  };
}

/**
 * Largest deviation of critical values over `allowed`. From `ceiling` on (a look that spends next to
 * nothing, or `Infinity`) the file only asks for a value of at least `ceiling`, less the rounding of `slack`.
 */
function judgeCriticalValues(allowed: number, ceiling: number, slack: number): Judge {
  return (computed, reference) => {
    const values: readonly unknown[] = Array.isArray(computed) ? computed : [];
    const expected: readonly unknown[] = Array.isArray(reference) ? reference : [];
    if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
    const shares = expected.map((entry, index) => {
      const target = entry === 'Inf' ? Number.POSITIVE_INFINITY : asNumber(entry);
      const value = values[index];
      if (typeof value !== 'number' || target === undefined) return Number.POSITIVE_INFINITY;
      if (target >= ceiling) return value >= ceiling - slack ? 0 : Number.POSITIVE_INFINITY;
      return Math.abs(value - target) / allowed;
    });
    return Math.max(...shares);
  };
}

/** Looks from which the file itself says that its reference is good to about 1e-4 only. */
const COARSE_REFERENCE = 14;

/**
 * The file's own tolerance, and twice its relative part where the reference's critical values are coarse: what a
 * Pocock or O'Brien-Fleming shape has spent is computed from them, so it cannot be better than they are.
 */
function judgeAlphaSpent(computed: unknown, reference: unknown): number {
  const values: readonly unknown[] = Array.isArray(computed) ? computed : [];
  const expected: readonly unknown[] = Array.isArray(reference) ? reference : [];
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
  const relative = expected.length >= COARSE_REFERENCE ? 2e-5 : 1e-5;
  const shares = expected.map((entry, index) => {
    const target = Number(entry);
    const deviation = Math.abs(Number(values[index]) - target) / (relative * Math.abs(target) + 1e-8);
    return Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation;
  });
  return Math.max(...shares);
}

function toCriticalValues(nominal: unknown): unknown {
  if (!Array.isArray(nominal)) return undefined;
  return nominal.map((p) => (Number(p) > 0 ? -normalQuantile(Number(p)) : Number.POSITIVE_INFINITY));
}

export const planningAdapters: AdapterTable = {
  power: {
    compute: (input: PowerInput) => powerKinds[input.kind](input),
    judges: {
      // The file states no tolerance; the reference's own solver stops at about 1e-4 of the effect.
      mde_at_n: (computed, reference) => Math.abs(Number(computed) / Number(reference) - 1) / 2e-4,
    },
  },
  group_sequential: {
    compute: sequentialBoundaries,
    judges: {
      critical_values: judgeCriticalValues(2e-4, 6, 0),
      critical_values_precise: judgeCriticalValues(1e-6, 8, 0.1),
      alpha_spent: judgeAlphaSpent,
      // A transform of the critical values, without a tolerance of its own: judged as critical values.
      nominal_stage_p: (computed, reference, whole) =>
        judgeCriticalValues(2e-4, 6, 0)(toCriticalValues(computed), toCriticalValues(reference), whole),
    },
  },
};
