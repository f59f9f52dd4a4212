import type { Goal } from './goal.ts'
import type { Table } from './table.ts'

/** The context of the sections of one run. */
export interface Run {
  /** About a minute instead of about five: fewer rounds, and the slowest contestants left out. */
  readonly quick: boolean
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
