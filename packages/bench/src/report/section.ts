import type { Goal } from './goal.ts'
import type { Table } from './table.ts'

/** The context of the sections of one run. */
export interface Run {
  /** A fraction of the time: fewer trials and rounds, and the slowest contestants left out. */
  readonly quick: boolean
  /** The number of trials, each with a fresh process for every contestant. */
  readonly trials: number
  readonly random: () => number
  /** Prints the progress on the terminal. */
  readonly progress: (what: string) => void
}

export interface SectionResult {
  readonly tables: readonly Table[]
  readonly goals: readonly Goal[]
  /** Every figure, for results.json. */
  readonly figures: Readonly<Record<string, unknown>>
}

export interface Section {
  readonly name: string
  readonly measure: (run: Run) => Promise<SectionResult>
}
