// Which sets of markets are worth evaluating as the treated ones: all of them while they are few, otherwise
// sets grown market by market. It proposes; `geo-design.ts` judges.
import { correlation, sumOf } from './market-matching.ts';

/** Up to this many sets are all tried. */
const EXHAUSTIVE = 2_000;

/**
 * Sets of `size` out of the `eligible` market indices. Above `EXHAUSTIVE` of them, one set is grown from each
 * eligible market by adding, one at a time, the market that keeps the set's total best correlated with the
 * total of all other markets over the first `matching` periods.
 */
export function treatedCandidates(
  outcome: readonly (readonly number[])[],
  matching: number,
  eligible: readonly number[],
  size: number,
): number[][] {
  if (combinations(eligible.length, size) <= EXHAUSTIVE) return subsets(eligible, size);
  const window = outcome.map((row) => row.slice(0, matching));
  const whole = sumOf(window);
  const seen = new Map<string, number[]>();
  for (const seed of eligible) {
    const grown = grow(window, whole, eligible, seed, size).sort((a, b) => a - b);
    seen.set(grown.join(' '), grown);
  }
  return [...seen.values()];
}

function grow(
  window: readonly (readonly number[])[],
  whole: readonly number[],
  eligible: readonly number[],
  seed: number,
  size: number,
): number[] {
  const chosen = [seed];
  let running = [...(window[seed] ?? [])];
  while (chosen.length < size) {
    let best: { market: number; score: number; total: number[] } | undefined;
    for (const market of eligible) {
      if (chosen.includes(market)) continue;
      const total = running.map((value, period) => value + (window[market]?.[period] ?? 0));
      const rest = whole.map((value, period) => value - (total[period] ?? 0));
      const score = correlation(total, rest);
      if (best === undefined || score > best.score) best = { market, score, total };
    }
    if (best === undefined) break;
    chosen.push(best.market);
    running = best.total;
  }
  return chosen;
}

function subsets(items: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, index) =>
    subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]),
  );
}

function combinations(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i += 1) count *= (n - k + i) / i;
  return count;
}
