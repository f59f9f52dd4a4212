import type { Spread } from '../statistics/spread.ts'

export type Verdict = 'met' | 'missed' | 'not measurable'

/**
 * The bound of a goal.
 *
 * - `atMost`, `atLeast`: of a figure.
 * - `costAtMost`: of a cost that is a difference of two measurements, and cannot be negative.
 * - `within`: of a difference that may be zero, in both directions.
 */
export type Bound =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly costAtMost: number }
  | { readonly within: number }

/** The goal of a figure, and the verdict. */
export interface Goal {
  /** As in the field's notes: G1, G2, ... */
  readonly id: string
  readonly what: string
  readonly unit: string
  readonly figure: number
  /** The interquartile range over the processes. Absent if the figure was measured once, or counted. */
  readonly from?: number
  readonly to?: number
  readonly bound: Bound
  readonly verdict: Verdict
}

/**
 * Judges a figure. The README states the rule.
 * @param measured the figure, or its spread over several processes
 */
export function judge(id: string, what: string, unit: string, measured: number | Spread, bound: Bound): Goal {
  if (typeof measured === 'number') {
    const spread = { figure: measured, from: measured, to: measured }
    return { id, what, unit, figure: measured, bound, verdict: verdictOf(spread, bound) }
  }
  return { id, what, unit, ...measured, bound, verdict: verdictOf(measured, bound) }
}

function verdictOf(spread: Spread, bound: Bound): Verdict {
  const { figure, from, to } = spread
  // A figure that does not exist, or is infinite, is a failure of what was measured, and not of the machine.
  if (![figure, from, to].every(Number.isFinite)) return 'missed'
  if ('atLeast' in bound) return sideOf(from >= bound.atLeast, to < bound.atLeast)
  if ('within' in bound) return sideOf(from >= -bound.within && to <= bound.within, from > bound.within)
  if ('atMost' in bound) return sideOf(to <= bound.atMost, from > bound.atMost)
  const most = bound.costAtMost
  return sideOf(figure >= 0 && to <= most && to - from <= most, from > most)
}

/** Returns the verdict of a spread that lies on one side of a bound, or on both. */
const sideOf = (meets: boolean, misses: boolean): Verdict => (meets ? 'met' : misses ? 'missed' : 'not measurable')

/** Formats a bound for a table. */
export function boundText(bound: Bound): string {
  if ('atMost' in bound) return `<= ${shortened(bound.atMost)}`
  if ('atLeast' in bound) return `>= ${shortened(bound.atLeast)}`
  return 'within' in bound ? `+-${shortened(bound.within)}` : `<= ${shortened(bound.costAtMost)}`
}

const shortened = (value: number): number => Number(value.toFixed(2))
