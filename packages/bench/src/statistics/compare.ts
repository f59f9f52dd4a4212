import { median, quantile } from './median.ts'
import type { Rounds } from './rounds.ts'

export interface Comparison {
  /** The middle of the figure itself. */
  readonly median: number
  /** The middle of what each round's figure is to the baseline's figure of the same round. */
  readonly ratio: number
  /** The middle half of those ratios lies between these two. */
  readonly ratioFrom: number
  readonly ratioTo: number
  /**
   * How far the lower quartile is above the baseline's. What disturbs a shared machine only ever adds time, so the
   * quicker rounds tell more of two figures that are close to each other.
   */
  readonly above: number
}

/**
 * Sets one contestant beside another, round by round: a ratio is only ever taken inside a round.
 * @param figure the number that is compared
 * @throws Error if one of the two has not played as many rounds as the other
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
