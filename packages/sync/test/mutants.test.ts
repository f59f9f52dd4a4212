import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import type { Killed } from './simulation/kill.ts'
import { mutants } from './simulation/mutants.ts'

/** A broken step has to be found within so many histories. */
const SEEDS = 2000

const worker = new Worker(new URL('simulation/mutant-worker.ts', import.meta.url), {
  execArgv: ['--conditions=@mcpclient/source'],
})

afterAll(async () => {
  await worker.terminate()
})

describe('the property test finds', () => {
  it.each(mutants.map(({ name }, index) => ({ name, index })))(
    'kills the mutant: $name',
    { timeout: 300_000 },
    async ({ index }) => {
      worker.postMessage({ index, seeds: SEEDS }, [])
      const [message] = (await once(worker, 'message')) as [
        { readonly index: number; readonly killed?: Killed; readonly failure?: string },
      ]
      expect(message).not.toHaveProperty('failure')
      expect(message.index).toBe(index)
      expect(message.killed).toMatchObject({ by: expect.stringMatching(/^P\d$|^failed$/) as string })
    },
  )
})
