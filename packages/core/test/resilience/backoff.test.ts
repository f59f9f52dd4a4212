import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fullJitter } from '../../src/resilience/backoff.ts'

const options = { baseMs: 500, maxMs: 20_000 }

it('doubles the bound with each failure up to the maximum', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => fullJitter(attempt, options, () => 1))
  expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000])
})

it('waits between zero and the bound', () => {
  expect(fullJitter(3, options, () => 0)).toBe(0)
  expect(fullJitter(3, options, () => 0.25)).toBe(500)
})

it('stays within its bounds for any number of attempts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.nat(10_000),
      fc.nat(100_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, baseMs, maxMs, random) => {
        const wait = fullJitter(attempt, { baseMs, maxMs }, () => random)
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait).toBeLessThanOrEqual(maxMs)
      },
    ),
  )
})
