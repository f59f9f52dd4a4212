import { readFileSync } from 'node:fs'

/** The sources that a run of the tests loads instead of those on disk. It crosses a process, so it is JSON in a file. */
export interface Plan {
  /** Texts by absolute path. */
  readonly texts: Readonly<Record<string, string>>
  /** The folder in which each test file records its reached mutations; undefined for a run of a mutant. */
  readonly reachFolder?: string | undefined
}

/** The environment variable that holds the path of a plan. */
export const PLAN_VARIABLE = 'MUTATION_PLAN'

export function readPlan(path: string | undefined): Plan {
  if (path === undefined) throw new Error(`${PLAN_VARIABLE} is not set: run this with npm run mutate.`)
  return JSON.parse(readFileSync(path, 'utf8')) as Plan
}
