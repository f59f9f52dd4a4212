import { median, quantile } from './median.ts'
import type { Rounds } from './rounds.ts'
import { spreadOf } from './spread.ts'
import type { Spread } from './spread.ts'

export interface Comparison {
  /** The median of the figure itself. */
  readonly median: number
  /** The median of the ratios of each round's figure to the baseline's figure of the same round. */
  readonly ratio: number
  /**
   * The difference of the lower quartiles. Noise on a shared machine only adds time, so the quicker rounds distinguish
   * two close figures better.
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
  return {
    median: median(own),
    ratio: median(own.map((value, round) => value / (theirs[round] ?? Number.NaN))),
    above: quantile(own, 0.25) - quantile(theirs, 0.25),
  }
}

/** A comparison of two contestants over the trials, each with processes of its own. */
export type TrialComparison = { readonly [Figure in keyof Comparison]: Spread }

/** Compares two contestants in each trial, and returns the spreads over the trials. */
export function compareTrials<Sample>(
  trials: readonly Rounds<Sample>[],
  contestant: string,
  baseline: string,
  figure: (sample: Sample) => number,
): TrialComparison {
  const each = trials.map((rounds) => compare(rounds, contestant, baseline, figure))
  return {
    median: spreadOf(each.map((comparison) => comparison.median)),
    ratio: spreadOf(each.map((comparison) => comparison.ratio)),
    above: spreadOf(each.map((comparison) => comparison.above)),
  }
}
