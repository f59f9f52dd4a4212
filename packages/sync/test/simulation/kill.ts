import { simulate } from './simulate.ts'
import type { RunSync } from './runs.ts'
import type { KindName } from './kinds.ts'

export interface Killed {
  readonly seed: number
  readonly by: string
}

/** Returns the first seed at which an engine breaks a predicate, or undefined. */
export async function firstViolation(kind: KindName, runSync: RunSync, seeds: number): Promise<Killed | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      const { violations } = await simulate(seed, kind, runSync)
      const [first] = violations
      if (first !== undefined) return { seed, by: first.predicate }
    } catch (error) {
      return { seed, by: error instanceof Error ? error.message : String(error) }
    }
  }
  return undefined
}
