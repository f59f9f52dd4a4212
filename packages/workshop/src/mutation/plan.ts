import { readFileSync } from 'node:fs'

/** What a run of the tests loads in place of the sources on disk. It crosses a process, so it is JSON in a file. */
export interface Plan {
  /** Texts by absolute path. */
  readonly texts: Readonly<Record<string, string>>
  /** Where each test file writes which mutations it reached; undefined where a mutant is run. */
  readonly reachFolder?: string | undefined
}

/** The environment variable that holds the path of a plan. */
export const PLAN_VARIABLE = 'MUTATION_PLAN'

export function readPlan(path: string | undefined): Plan {
  if (path === undefined) throw new Error(`${PLAN_VARIABLE} is not set: run this with npm run mutate.`)
  return JSON.parse(readFileSync(path, 'utf8')) as Plan
}
