// Seasonal hybrid ESD (Vallis, Hochenbaum and Kejariwal 2014): outliers of a seasonal series around its median.
// It takes the level as constant: a series that grows has to be cut into pieces, or go through alarm.ts.
import { median } from '../numerics/median.ts';
import { type EsdOptions, type EsdResult, generalisedEsd } from './esd.ts';
import { type Decomposition, decompose, type StlOptions } from './stl.ts';

export type SeasonalEsdOptions = StlOptions & Omit<EsdOptions, 'hybrid'>;

export interface SeasonalEsdResult extends EsdResult {
  readonly decomposition: Decomposition;
}

/** Outliers of what remains without season and median. Refuses what `decompose` and `generalisedEsd` refuse. */
export function seasonalHybridEsd(values: readonly number[], options: SeasonalEsdOptions): SeasonalEsdResult {
  const decomposition = decompose(values, options);
  const centre = median(values);
  const residuals = values.map((value, index) => value - (decomposition.seasonal[index] ?? 0) - centre);
  return { ...generalisedEsd(residuals, { ...options, hybrid: true }), decomposition };
}
