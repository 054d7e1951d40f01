// The chance, at any drift, of a sequential test ending at least as high as it did, in the order of stages. One
// recursion without drift serves all drifts; what is concluded from the chances is for sequential-inference.ts.
import { ImpossibleInput } from '../impossible.ts';
import { densityFunction, massBeyond, type SurvivingDensity, surviveLook } from './brownian-recursion.ts';
import { panelGrid } from './gaussian-sum.ts';
import { checkFractions, continuation } from './group-sequential.ts';

/** The looks that a test has gone through. */
export interface SequentialPath {
  readonly sides: 1 | 2;
  readonly fractions: readonly number[];
  /** Of every look but the last, which needs none. */
  readonly criticalValues: readonly number[];
  /** Z at the last look. */
  readonly z: number;
}

export interface StagewiseTails {
  /** P(an outcome at least as high | drift), drift being the mean of Z at full information. Ascends with drift. */
  readonly upperAt: (drift: number) => number;
  /** Without drift: that chance, and that of an outcome at least as low, each summed from its own tail. */
  readonly pGreater: number;
  readonly pLess: number;
}

/** Beyond an upper bound: where paths without drift end, with what mass, and when. */
interface Exits {
  readonly ends: number[];
  readonly masses: number[];
  readonly times: number[];
}

/** Standard deviations of an increment beyond the bound within which paths end, and how wide panels may be there. */
const REACH = 8.5;
const PANEL_WIDTH = 4.5;

/**
 * A drift changes how likely a path is by a factor of its end s and time t alone, exp(drift s - drift^2 t / 2)
 * (Cameron and Martin 1944), so that the masses at drift 0 give all others. Throws `too_few` without a critical
 * value for a look before the last.
 */
export function stagewiseTails({ sides, fractions, criticalValues, z }: SequentialPath): StagewiseTails {
  checkFractions(fractions);
  const exits: Exits = { ends: [], masses: [], times: [] };
  let surviving: SurvivingDensity | undefined;
  let exited = 0;
  for (const [index, time] of fractions.slice(0, -1).entries()) {
    const criticalValue = criticalValues[index];
    if (criticalValue === undefined) throw new ImpossibleInput('too_few', `no bound for look ${index + 1}`);
    const region = continuation(criticalValue, time, sides);
    collectExits(exits, surviving, time, region[1]);
    exited += massBeyond(surviving, time, region[1], 0);
    surviving = surviveLook(surviving, time, region, 0, fractions[index + 1]);
  }
  const time = fractions.at(-1) ?? 1;
  const last = (drift: number, sign: 1 | -1) =>
    massBeyond(surviving && tilted(surviving, drift), time, z * Math.sqrt(time), drift, sign);
  // Below two-sided bounds paths end as above them, with the drift the other way.
  const exitsBelow = (drift: number) => (sides === 2 ? tiltedMass(exits, -drift) : 0);
  return {
    // The paths that end against the drift end close to their bound, within the reach that was integrated.
    upperAt: (drift) =>
      drift > 0 ? 1 - exitsBelow(drift) - last(drift, -1) : tiltedMass(exits, drift) + last(drift, 1),
    pGreater: exited + last(0, 1),
    pLess: (sides === 2 ? exited : 0) + last(0, -1),
  };
}

function collectExits(
  { ends, masses, times }: Exits,
  surviving: SurvivingDensity | undefined,
  time: number,
  bound: number,
): void {
  const deviation = Math.sqrt(time - (surviving?.time ?? 0));
  const { nodes, weights } = panelGrid(bound, bound + REACH * deviation, PANEL_WIDTH * deviation);
  const densityAt = densityFunction(surviving, time, 0, bound + REACH * deviation);
  for (const [index, end] of nodes.entries()) {
    ends.push(end);
    masses.push((weights[index] ?? 0) * densityAt(end));
    times.push(time);
  }
}

function tiltedMass({ ends, masses, times }: Exits, drift: number): number {
  let total = 0;
  for (let i = 0; i < ends.length; i += 1) {
    total += (masses[i] as number) * likelihoodRatio(drift, ends[i] as number, times[i] as number);
  }
  return total;
}

function tilted(density: SurvivingDensity, drift: number): SurvivingDensity {
  const { time, masses, grid } = density;
  const factors = grid.nodes.map((node) => likelihoodRatio(drift, node, time));
  return { ...density, masses: masses.map((mass, i) => mass * (factors[i] as number)), symmetric: false };
}

function likelihoodRatio(drift: number, end: number, time: number): number {
  return Math.exp(drift * (end - 0.5 * drift * time));
}
