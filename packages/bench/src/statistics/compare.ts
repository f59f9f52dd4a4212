import { median, quantile } from './median.ts'
import type { Rounds } from './rounds.ts'

export interface Comparison {
  /** The median of the figure itself. */
  readonly median: number
  /** The median of the ratios of each round's figure to the baseline's figure of the same round. */
  readonly ratio: number
  /** The middle half of those ratios lies between these two. */
  readonly ratioFrom: number
  readonly ratioTo: number
  /**
   * The distance of the lower quartile above the baseline's. Noise on a shared machine only adds time, so the quicker
   * rounds distinguish two close figures better.
   */
  readonly above: number
}

/**
 * Compares two contestants round by round: a ratio is only computed inside a round.
 * @param figure the number that is compared
 * @throws Error if the contestants have different numbers of rounds
 */
export function compare<Sample>(
  rounds: Rounds<Sample>,
  contestant: string,
  baseline: string,
  figure: (sample: Sample) => number,
): Comparison {
  const own = (rounds.get(contestant) ?? []).map(figure)
  const theirs = (rounds.get(baseline) ?? []).map(figure)
  if (own.length !== theirs.length) throw new Error(`${contestant} and ${baseline} did not play the same rounds.`)
  const pairs = own.map((value, round) => ({ value, against: theirs[round] ?? Number.NaN }))
  const ratios = pairs.map(({ value, against }) => value / against)
  return {
    median: median(own),
    ratio: median(ratios),
    ratioFrom: quantile(ratios, 0.25),
    ratioTo: quantile(ratios, 0.75),
    above: quantile(own, 0.25) - quantile(theirs, 0.25),
  }
}
