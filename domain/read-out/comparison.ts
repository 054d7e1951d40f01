// What a criterion that compares arms makes of the experiment's readings: its state, and the one reading that says
// why. Whether there is enough evidence for a verdict at all is asked in read-out.ts.

import type { CriterionState, Rule } from '../criterion.ts';
import type { ArmReading, ExperimentReadOut } from '../experiment.ts';
import type { Metric } from '../metric.ts';

export interface Compared {
  readonly state: CriterionState;
  /** The reading whose numbers and sentence stand for the state. */
  readonly deciding: ArmReading;
}

/**
 * The arms compared by one metric; null when none was read. An effect over control needs one arm that is better; no
 * harm needs every arm to be shown not worse.
 */
export function compareArms(
  metric: Metric,
  rule: Exclude<Rule, { kind: 'threshold' }>,
  experiment: ExperimentReadOut,
): Compared | null {
  const readings = experiment.readings.filter((reading) => reading.metric === metric);
  const [first] = readings;
  if (first === undefined) return null;
  const impossible = readings.find(({ verdict }) => verdict === 'impossible');
  if (impossible !== undefined) return { state: 'error', deciding: impossible };
  return rule.kind === 'versus_control' ? effectOver(readings, first, experiment) : noHarm(readings, first);
}

function effectOver(
  readings: readonly ArmReading[],
  first: ArmReading,
  { complete, informationFraction }: ExperimentReadOut,
): Compared {
  const better = readings.filter(({ verdict }) => verdict === 'better');
  const [winner] = better;
  if (winner !== undefined) return { state: 'pass', deciding: best(better, winner) };
  const deciding = best(readings, first);
  // An early end for the primary metric says nothing of the others: only the planned end does.
  const isOver = complete && (deciding.role === 'primary' || informationFraction >= 1);
  const isLost = readings.every(({ verdict }) => verdict === 'worse');
  return { state: isOver || isLost ? 'fail' : 'inconclusive', deciding };
}

function noHarm(readings: readonly ArmReading[], first: ArmReading): Compared {
  const harmful = readings.filter(({ nonInferiority }) => nonInferiority === 'harm');
  if (harmful[0] !== undefined) return { state: 'fail', deciding: worst(harmful, harmful[0]) };
  const open = readings.filter(({ nonInferiority }) => nonInferiority !== 'shown');
  if (open[0] !== undefined) return { state: 'inconclusive', deciding: worst(open, open[0]) };
  return { state: 'pass', deciding: worst(readings, first) };
}

/** A reading without an estimate is neither the best nor the worst while another has one. */
function best(readings: readonly ArmReading[], first: ArmReading): ArmReading {
  const height = ({ goodness }: ArmReading): number => goodness ?? Number.NEGATIVE_INFINITY;
  return readings.reduce((top, reading) => (height(reading) > height(top) ? reading : top), first);
}

function worst(readings: readonly ArmReading[], first: ArmReading): ArmReading {
  const height = ({ goodness }: ArmReading): number => goodness ?? Number.POSITIVE_INFINITY;
  return readings.reduce((low, reading) => (height(reading) < height(low) ? reading : low), first);
}
