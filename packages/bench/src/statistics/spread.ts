import { median, quantile } from './median.ts'

/** A figure that several processes have measured. */
export interface Spread {
  /** The median of the processes. */
  readonly figure: number
  /** The interquartile range of the processes. */
  readonly from: number
  readonly to: number
}

/** @throws Error if there are no values */
export const spreadOf = (values: readonly number[]): Spread => ({
  figure: median(values),
  from: quantile(values, 0.25),
  to: quantile(values, 0.75),
})
