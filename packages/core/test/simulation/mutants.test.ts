import { expect, test } from 'vitest'
import { modelNames } from './authorization-server.ts'
import { mutants } from './mutants.ts'
import { runSchedules, seedsFrom } from './run-schedules.ts'

/** A broken step has to be found in so many schedules. */
const WITHIN = 500

test.for(mutants)('it is found that $name', { timeout: 120_000 }, async (mutant) => {
  const seeds = seedsFrom(modelNames.indexOf(mutant.model), WITHIN, modelNames.length)
  const { failure } = await runSchedules(seeds, { mutant })
  expect(mutant.by).toContain(failure?.violation?.invariant)
})
