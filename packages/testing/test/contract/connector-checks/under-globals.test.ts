import { expect, it } from 'vitest'
import { underGlobals } from '../../../src/contract/connector-checks/under-globals.ts'

const world = { nowMs: Date.UTC(2020, 0, 1), random: 0.25 }

it('stops every clock and fixes every source of randomness', () => {
  const { value } = underGlobals(world, () => ({
    now: Date.now(),
    made: new Date().getTime(),
    given: new Date(5).getTime(),
    isDate: new Date() instanceof Date,
    steady: performance.now(),
    random: Math.random(),
    ids: crypto.randomUUID() === crypto.randomUUID(),
  }))
  expect(value).toEqual({
    ...{ now: world.nowMs, made: world.nowMs, given: 5, isDate: true, steady: world.nowMs, random: 0.25, ids: true },
  })
})

it('rejects calls to the outside, even if the function catches the error', () => {
  const { value, touched } = underGlobals(world, () => {
    try {
      setTimeout(() => undefined, 1)
    } catch {
      // A failure must not be hidden.
    }
    return 1
  })
  expect({ value, touched }).toEqual({ value: 1, touched: ['setTimeout'] })
})

it('restores the globals after a success and after an error', () => {
  const before = [fetch, Date, Date.now, Math.random, setTimeout]
  const { error } = underGlobals(world, () => {
    throw new Error('It fell over.')
  })
  expect(error).toEqual(new Error('It fell over.'))
  expect([fetch, Date, Date.now, Math.random, setTimeout]).toEqual(before)
})
