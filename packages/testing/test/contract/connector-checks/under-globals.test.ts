import { expect, test } from 'vitest'
import { underGlobals } from '../../../src/contract/connector-checks/under-globals.ts'

const world = { nowMs: Date.UTC(2020, 0, 1), random: 0.25 }

test('every clock stands still, and chance is always the same', () => {
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

test('doors to the outside are locked, even for who catches that', () => {
  const { value, touched } = underGlobals(world, () => {
    try {
      setTimeout(() => undefined, 1)
    } catch {
      // Nobody must be able to hide it.
    }
    return 1
  })
  expect({ value, touched }).toEqual({ value: 1, touched: ['setTimeout'] })
})

test('the globals are back afterwards, whatever happened', () => {
  const before = [fetch, Date, Date.now, Math.random, setTimeout]
  const { error } = underGlobals(world, () => {
    throw new Error('It fell over.')
  })
  expect(error).toEqual(new Error('It fell over.'))
  expect([fetch, Date, Date.now, Math.random, setTimeout]).toEqual(before)
})
