/** The goal of a figure, and the result. */
export interface Goal {
  /** As in the field's notes: G1, G2, ... */
  readonly id: string
  readonly what: string
  readonly unit: string
  readonly figure: number
  readonly atMost?: number
  readonly atLeast?: number
  readonly verdict: 'met' | 'missed'
}

type Bound = { readonly atMost: number } | { readonly atLeast: number }

/** Judges a figure. A figure that is not a number has missed its goal. */
export function judge(id: string, what: string, unit: string, figure: number, bound: Bound): Goal {
  const met = 'atMost' in bound ? figure <= bound.atMost : figure >= bound.atLeast
  return { id, what, unit, figure, ...bound, verdict: met ? 'met' : 'missed' }
}
