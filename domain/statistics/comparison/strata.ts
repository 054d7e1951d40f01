// What all post-stratified estimates share: pairs of arms by stratum, and their combination.
// Every estimate is linearised, so that a stratum contributes one variance and one score and no matrix.
import { ImpossibleInput } from '../impossible.ts';
import { type Difference, relativeScale } from './effect.ts';

/** The two arms within one stratum. */
export interface Stratum<Arm> {
  readonly control: Arm;
  readonly treatment: Arm;
}

/** What one stratum contributes to the linearised estimate, per unit of the stratum. */
export interface Contribution {
  readonly n: number;
  readonly variance: number;
  readonly score: number;
}

export interface Gradient {
  readonly estimate: number;
  readonly onControl: number;
  readonly onTreatment: number;
}

/** The effect and its derivatives by the two arms' values. */
export function gradientOf(control: number, treatment: number, difference: Difference): Gradient {
  const change = treatment - control;
  if (difference === 'absolute') return { estimate: change, onControl: -1, onTreatment: 1 };
  const scale = relativeScale(control);
  return { estimate: change / scale, onControl: -treatment / control / scale, onTreatment: 1 / scale };
}

/** Within-stratum variance plus the variance of the strata's multinomial shares. */
export function combined(
  contributions: readonly Contribution[],
  estimate: number,
): { readonly estimate: number; readonly standardError: number } {
  const n = contributions.reduce((total, stratum) => total + stratum.n, 0);
  const center = contributions.reduce((sum, { n: units, score }) => sum + (units / n) * score, 0);
  let variance = 0;
  for (const stratum of contributions) {
    variance += (stratum.n / n) * (stratum.variance + (stratum.score - center) ** 2);
  }
  if (!(variance > 0)) throw new ImpossibleInput('zero_variance', 'no stratum varies');
  return { estimate, standardError: Math.sqrt(variance / n) };
}

/** A stratum with fewer than two units in an arm has no variance of its own: it joins the largest stratum. */
export function mergeThin<Arm extends { readonly n: number }>(
  strata: readonly Stratum<Arm>[],
  add: (a: Arm, b: Arm) => Arm,
): { readonly strata: readonly Stratum<Arm>[]; readonly total: Stratum<Arm> } {
  const join = (a: Stratum<Arm>, b: Stratum<Arm>) => ({
    control: add(a.control, b.control),
    treatment: add(a.treatment, b.treatment),
  });
  const units = (stratum: Stratum<Arm>) => stratum.control.n + stratum.treatment.n;
  const [largest, ...others] = [...strata].sort((a, b) => units(b) - units(a));
  if (largest === undefined) throw new ImpossibleInput('no_data', 'there is no stratum');
  let first = largest;
  const kept: Stratum<Arm>[] = [];
  for (const stratum of others) {
    if (Math.min(stratum.control.n, stratum.treatment.n) < 2) first = join(first, stratum);
    else kept.push(stratum);
  }
  return { strata: [first, ...kept], total: kept.reduce(join, first) };
}
