import { expect, it } from 'vitest'
import { seededRandom } from '@mcpclient/testing'

const draw = (seed: number | string, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random())
}

it('the same seed gives the same numbers', () => {
  expect(draw(7, 20)).toEqual(draw(7, 20))
  expect(draw('nightly', 20)).toEqual(draw('nightly', 20))
})

it('adjacent seeds give different numbers, from the first one on', () => {
  const firsts = Array.from({ length: 1000 }, (_, seed) => draw(seed, 1)[0])
  expect(new Set(firsts).size).toBe(1000)
  const mean = firsts.reduce<number>((sum, first) => sum + (first ?? 0), 0) / 1000
  expect(mean).toBeGreaterThan(0.45)
  expect(mean).toBeLessThan(0.55)
})

it('numbers are spread evenly over [0, 1)', () => {
  const numbers = draw(1, 16_000)
  const buckets = Array.from({ length: 16 }, () => 0)
  for (const number of numbers) {
    expect(number).toBeGreaterThanOrEqual(0)
    expect(number).toBeLessThan(1)
    const bucket = Math.floor(number * 16)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  // Four standard deviations around 1000 for each bucket.
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(4 * 31)
})
