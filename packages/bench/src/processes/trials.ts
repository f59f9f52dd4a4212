import type { Run } from '../report/section.ts'
import { shuffled } from '../statistics/rounds.ts'
import type { AskedProcess } from './asked-process.ts'

/** Sends a request to the process of a contestant. */
export type Ask = <Value>(contestant: string, name: string, input?: unknown) => Promise<Value>

/**
 * Runs the trials of a section. In each, every contestant has a fresh process, and all of them are measured before the
 * next trial begins. Processes that run the same code differ by up to 20 %, because they compile it differently.
 * @param options.start starts the process of a contestant and warms it up
 * @param options.measure measures the contestants of one trial
 * @returns the measurement of each trial
 */
export async function runTrials<Measurement>(
  run: Run,
  options: {
    readonly what: string
    readonly contestants: readonly string[]
    readonly start: (contestant: string) => Promise<AskedProcess>
    readonly measure: (ask: Ask) => Promise<Measurement>
  },
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  while (measurements.length < run.trials) {
    run.progress(`${options.what}, processes ${measurements.length + 1} of ${run.trials}`)
    measurements.push(await runTrial(run, options))
  }
  return measurements
}

async function runTrial<Measurement>(
  { random }: Run,
  { contestants, start, measure }: Parameters<typeof runTrials<Measurement>>[1],
): Promise<Measurement> {
  const processes = new Map<string, AskedProcess>()
  try {
    for (const contestant of shuffled(contestants, random)) processes.set(contestant, await start(contestant))
    return await measure(async <Value>(contestant: string, name: string, input?: unknown) => {
      const process = processes.get(contestant)
      if (process === undefined) throw new Error(`There is no process for ${contestant}.`)
      return process.ask<Value>(name, input)
    })
  } finally {
    await Promise.all([...processes.values()].map((each) => each.close()))
  }
}
