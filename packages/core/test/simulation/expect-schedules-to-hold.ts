import process from 'node:process'
import { expect } from 'vitest'
import { type ModelName, modelNames } from './authorization-server.ts'
import { type CountName, type Counts, type LossKind, lossKinds } from './counts.ts'
import { describeFailure, runSchedules, seedsFrom } from './run-schedules.ts'

/** The counts that must not be zero in a large batch, or its rules prove nothing. */
const exercised: readonly CountName[] = [
  'refreshes',
  '401s',
  'crashes',
  'lost replies',
  'lost acknowledgements',
  'leases taken over',
  'grants held back',
  'user actions',
  'revoked by users',
  'recovered',
  'id_tokens that could not be judged',
  'clock jumps of hours',
  'leases taken by wrong clocks',
  'operations without a response',
  'calls that timed out',
  'refusals of fresh tokens',
]

/** The possible losses at each provider. */
const possible: Readonly<Record<ModelName, readonly LossKind[]>> = {
  strict: ['crash', 'no_reply', 'held_up'],
  // A delayed use of a token may revoke the grant that another worker received for it within the window.
  window: ['crash', 'no_reply', 'held_up', 'window_passed'],
  rotate: ['window_passed'],
  keep: [],
}

/**
 * Runs schedules of one provider model.
 * @param seed a random one is printed, so that a failure can be replayed; if absent, the seeds are constant
 */
export async function expectSchedulesToHold(model: ModelName, schedules: number, seed?: number): Promise<void> {
  // Every fourth seed is of this model.
  const first = Math.floor((seed ?? 0) / modelNames.length) * modelNames.length + modelNames.indexOf(model)
  if (seed !== undefined) process.stdout.write(`Random schedules of "${model}" from seed ${first}, every fourth.\n`)
  const { counts, failure } = await withoutStackTraces(() =>
    runSchedules(seedsFrom(first, schedules, modelNames.length)),
  )
  expect(failure && describeFailure(failure)).toBeUndefined()
  const counted: Counts = counts.get(model) ?? new Map()
  expect(counted.get('schedules')).toBe(schedules)
  const lost = lossKinds.filter((kind) => counted.has(`lost: ${kind}`))
  expect(lost.filter((kind) => !possible[model].includes(kind))).toEqual([])
  if (seed !== undefined) return
  expect(exercised.filter((name) => !counted.has(name))).toEqual([])
  // The unavoidable losses must have happened, and been reported.
  if (model === 'strict') expect(lost).toEqual(possible.strict)
}

/** Runs work whose errors have no stack trace, because collecting one takes most of the time of an error. */
async function withoutStackTraces<Result>(work: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return await work()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
