// Checks `published_tables.json`: the numbers of well-known papers and handbooks, from their own inputs. Which numbers
// are compared, and how closely, follows each table's stated tolerance; a table without its data is not supported.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generalisedEsd } from '../../domain/statistics/detection/esd.ts';
import {
  bgNbdConditionalPurchases,
  bgNbdExpectedPurchases,
  bgNbdProbabilityAlive,
  fitBgNbd,
} from '../../domain/statistics/lifetime/bg-nbd.ts';
import { fitGammaGamma } from '../../domain/statistics/lifetime/gamma-gamma.ts';
import { fitParetoNbd } from '../../domain/statistics/lifetime/pareto-nbd.ts';
import { fitSbg, sbgSurvival } from '../../domain/statistics/lifetime/shifted-beta-geometric.ts';
import { boundaries } from '../../domain/statistics/planning/group-sequential.ts';
import {
  type BoundaryShape,
  exitProbabilities,
  shapedBoundaries,
} from '../../domain/statistics/planning/sequential-shape.ts';
import type { Deviation } from './compare.ts';
import { dataTable } from './data-table.ts';
import { cdnowTables } from './lifetime.ts';
import { panelTables } from './published-panels.ts';
import {
  deviationsOf,
  type Fields,
  listDeviations,
  type PublishedTable,
  type TableCheck,
} from './published-table.ts';
import { isRecord } from './tolerance.ts';

const checks: Readonly<Record<string, TableCheck>> = {
  'sbg-regular': churnTable,
  'sbg-highend': churnTable,
  'bgnbd-cdnow': bgNbdTable,
  'pareto-nbd-cdnow': paretoNbdTable,
  'gamma-gamma-cdnow': gammaGammaTable,
  'armitage-1969': repeatedTests,
  'pocock-obf': shapes,
  'lan-demets-obf': lanDemets,
  'rosner-1983': rosner,
  ...panelTables,
};

/** Runs one table; null for a table that is not known, or whose data the folder does not have. */
export function checkTable(table: PublishedTable, directory: string): Deviation[] | null {
  return checks[table.id]?.(table, directory) ?? null;
}

function churnTable({ inputs, published, reproduced }: PublishedTable): Deviation[] {
  const surviving = inputs.percent_surviving as readonly number[];
  const initial = Number(inputs.cohort);
  const alive = surviving.slice(0, Number(inputs.calibration_years)).map((share) => (share / 100) * initial);
  const { alpha, beta, logLikelihood: loglik } = fitSbg({ initial, alive });
  const projected = sbgSurvival({ alpha, beta }, surviving.length).map((share) => 100 * share);
  const stated = isRecord(reproduced) ? reproduced : {};
  return [
    ...deviationsOf({ alpha, beta }, published, { abs: 5e-4 }),
    ...deviationsOf({ loglik }, stated, { abs: 1e-3 }),
    // Printed with one decimal.
    ...listDeviations('projected_percent', projected, stated.projected_percent, { abs: 0.05 + 1e-9 }),
  ];
}

function bgNbdTable({ published, reproduced }: PublishedTable, directory: string): Deviation[] | null {
  if (dataTable(directory, 'cdnow_summary.csv') === null) return null;
  const { r, alpha, a, b, logLikelihood: loglik } = fitBgNbd(cdnowTables(directory)[0]);
  const parameters = { r, alpha, a, b };
  const first = { repeats: 2, recency: 30.43, age: 38.86 };
  const figures = {
    E_Y39_customer1_x2_tx30_43_T38_86: bgNbdConditionalPurchases(parameters, first, 39),
    p_alive_customer1: bgNbdProbabilityAlive(parameters, first),
    E_X39: bgNbdExpectedPurchases(parameters, 39),
  };
  return [
    // The paper prints r with three decimals, which is coarser than the tolerance: the reproduction has more.
    ...deviationsOf(parameters, reproduced, { rel: 1e-3 }),
    ...deviationsOf({ loglik }, published, { abs: 0.05 }),
    ...deviationsOf(figures, reproduced, { rel: 1e-3 }),
  ];
}

function paretoNbdTable({ published }: PublishedTable, directory: string): Deviation[] | null {
  if (dataTable(directory, 'cdnow_summary.csv') === null) return null;
  const { r, alpha, s, beta, logLikelihood: loglik } = fitParetoNbd(cdnowTables(directory)[0]);
  return [
    ...deviationsOf({ r, alpha, s, beta }, published, { rel: 2e-3 }),
    ...deviationsOf({ loglik }, published, { abs: 0.05 }),
  ];
}

function gammaGammaTable({ published, reproduced }: PublishedTable, directory: string): Deviation[] | null {
  if (dataTable(directory, 'cdnow_summary_monetary.csv') === null) return null;
  const { p, q, v, logLikelihood: loglik } = fitGammaGamma(cdnowTables(directory)[1]);
  return [
    ...deviationsOf({ p, q, v }, published, { rel: 2e-3 }),
    ...deviationsOf({ loglik }, reproduced, { abs: 1e-3 }),
  ];
}

function equalFractions(looks: number): number[] {
  return Array.from({ length: looks }, (_unused, index) => (index + 1) / looks);
}

function repeatedTests({ inputs, published }: PublishedTable): Deviation[] {
  const looks = Object.keys(isRecord(published) ? published : {}).map(Number);
  const errors = looks.map((count) => {
    const bounds = Array<number>(count).fill(Number(inputs.z));
    const { upper, lower } = exitProbabilities(bounds, equalFractions(count), 2);
    return [count, [...upper, ...lower].reduce((sum, chance) => sum + chance, 0)] as const;
  });
  return deviationsOf(Object.fromEntries(errors), published, { abs: 5e-4 });
}

function shapes({ inputs, published }: PublishedTable): Deviation[] {
  const constants = (shape: BoundaryShape, stated: unknown) => {
    const last = Object.keys(isRecord(stated) ? stated : {}).map((count) => {
      const looks = shapedBoundaries(shape, Number(inputs.alpha), 2, equalFractions(Number(count)));
      return [count, looks.at(-1)?.criticalValue ?? Number.NaN] as const;
    });
    return deviationsOf(Object.fromEntries(last), stated, { abs: 1e-3 });
  };
  const stated = isRecord(published) ? published : {};
  return [...constants('pocock', stated.pocock), ...constants('obrien_fleming', stated.obf_final)];
}

function lanDemets({ inputs, published }: PublishedTable): Deviation[] {
  const design = { alpha: Number(inputs.alpha), sides: 2, spending: { kind: 'obrien_fleming' } } as const;
  const looks = boundaries(design, equalFractions(Number(inputs.K)));
  const values = looks.map(({ criticalValue }) => criticalValue);
  return listDeviations('critical_values', values, published, { abs: 1e-3 });
}

/** The series is a case of another topic, named in the inputs as "topic id". */
function rosner({ inputs, published }: PublishedTable, directory: string): Deviation[] | null {
  const [topic, id] = String(inputs.vector).split(' ');
  const found = caseOf(directory, `${topic}.json`, id ?? '');
  if (found === null) return null;
  const { deviations, limits, outliers } = generalisedEsd(found.x as readonly number[], {
    maximumOutliers: Number(found.max_outliers),
    alpha: Number(found.alpha),
    hybrid: found.hybrid === true,
    direction: 'both',
  });
  const stated = isRecord(published) ? published : {};
  return [
    // Rosner prints the first three of the steps.
    ...listDeviations('R', deviations.slice(0, 3), stated.R, { abs: 2e-3 }),
    ...listDeviations('lam', limits.slice(0, 3), stated.lam, { abs: 2e-3 }),
    ...deviationsOf({ outliers: outliers.length }, stated, {}),
  ];
}

function caseOf(directory: string, file: string, id: string): Fields | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null;
    throw problem;
  }
  const cases: readonly unknown[] = isRecord(parsed) && Array.isArray(parsed.cases) ? parsed.cases : [];
  const found = cases.find((entry) => isRecord(entry) && entry.id === id);
  return isRecord(found) && isRecord(found.in) ? found.in : null;
}
