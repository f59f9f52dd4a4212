import { expect, it } from 'vitest'
import type { AskedProcess } from '../src/processes/asked-process.ts'
import { runTrials } from '../src/processes/trials.ts'

const run = { quick: false, trials: 5, random: () => 0.5, progress: () => {} }

/** Returns a function that starts fake processes, and their events in order. */
function fakeProcesses() {
  const events: string[] = []
  let started = 0
  const start = async (contestant: string): Promise<AskedProcess> => {
    const id = `${contestant}${++started}`
    events.push(`start ${contestant}`)
    return {
      ask: async <Value>() => id as Value,
      close: async () => void events.push(`close ${contestant}`),
    }
  }
  return { events, start }
}

it('gives every contestant a fresh process in each trial, and closes them before the next trial', async () => {
  const { events, start } = fakeProcesses()
  const asked = await runTrials(run, {
    what: 'a test',
    contestants: ['a', 'b'],
    start,
    measure: async (ask) => [await ask<string>('a', 'id'), await ask<string>('b', 'id')],
  })
  expect(new Set(asked.flat()).size).toBe(10)
  for (let trial = 0; trial < 5; trial++) {
    expect(events.slice(trial * 4, trial * 4 + 4).toSorted()).toEqual(['close a', 'close b', 'start a', 'start b'])
    expect(events.slice(trial * 4, trial * 4 + 2).toSorted()).toEqual(['start a', 'start b'])
  }
})

it('closes the processes of a trial that fails', async () => {
  const { events, start } = fakeProcesses()
  const failing = runTrials(run, {
    what: 'a test',
    contestants: ['a'],
    start,
    measure: async (ask) => ask('unknown', 'id'),
  })
  await expect(failing).rejects.toThrow('There is no process for unknown.')
  expect(events).toEqual(['start a', 'close a'])
})
