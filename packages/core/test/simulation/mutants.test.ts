import { expect, it } from 'vitest'
import { modelNames } from './authorization-server.ts'
import { mutants } from './mutants.ts'
import { runSchedules, seedsFrom } from './run-schedules.ts'

/** The maximum number of schedules in which a mutant is detected. */
const WITHIN = 500

it.for(mutants)('detects that $name', { timeout: 120_000 }, async (mutant) => {
  const seeds = seedsFrom(modelNames.indexOf(mutant.model), WITHIN, modelNames.length)
  const { failure } = await runSchedules(seeds, { mutant })
  expect(mutant.by).toContain(failure?.violation?.invariant)
})
