import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRateLimit, Gcra } from '../../src/resilience/gcra.ts'
import { TestClock } from './test-clock.ts'

const limiter = () => {
  const clock = new TestClock()
  return { clock, gcra: new Gcra({ clock }) }
}

const configurationError = expect.objectContaining({ code: 'CONFIGURATION_ERROR' })

interface BucketSize {
  readonly requests: number
  readonly perMs: number
  readonly burst: number
}

/** A token bucket in whole numbers: a token is `perMs` units, and `requests` units come in each millisecond. */
class Bucket {
  readonly #limit: BucketSize
  #units: number
  #at: number

  constructor(limit: BucketSize, at: number) {
    this.#limit = limit
    this.#units = limit.burst * limit.perMs
    this.#at = at
  }

  admit(cost: number, at: number): boolean {
    const { requests, perMs, burst } = this.#limit
    this.#units = Math.min(this.#units + (at - this.#at) * requests, burst * perMs)
    this.#at = at
    if (this.#units < cost * perMs) return false
    this.#units -= cost * perMs
    return true
  }
}

describe('Gcra', () => {
  test('admits a burst, then one each time that a token has come back', () => {
    const { gcra } = limiter()
    const limit = { requests: 3, perMs: 1000 }
    expect([1, 2, 3].map(() => gcra.admit('key', limit, 1, 5000))).toEqual([0, 0, 0])
    const wait = gcra.admit('key', limit, 1, 5000)
    expect(wait).toBeCloseTo(1000 / 3, 6)
    expect(gcra.admit('key', limit, 1, 5000 + wait)).toBe(0)
    expect(gcra.admit('key', limit, 1, 5000 + wait)).toBeCloseTo(1000 / 3, 6)
  })

  test('a burst of 1 spaces calls evenly', () => {
    const { gcra } = limiter()
    const limit = { requests: 60, perMs: 60_000, burst: 1 }
    expect(gcra.admit('key', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('key', limit, 1, 5000)).toBe(1000)
    expect(gcra.admit('key', limit, 1, 5999)).toBe(1)
    expect(gcra.admit('key', limit, 1, 6000)).toBe(0)
  })

  test('takes nothing when it refuses', () => {
    const { gcra } = limiter()
    const limit = { requests: 1, perMs: 1000 }
    gcra.admit('key', limit, 1, 5000)
    for (let turn = 0; turn < 100; turn += 1) expect(gcra.admit('key', limit, 1, 5500)).toBe(500)
    expect(gcra.admit('key', limit, 1, 6000)).toBe(0)
  })

  test('admits what fits and no more while the clock stands still', () => {
    const { gcra } = limiter()
    const limit = { requests: 7, perMs: 1000, burst: 20 }
    const admitted = Array.from({ length: 50 }, () => gcra.admit('key', limit, 1, 5000)).filter((wait) => wait === 0)
    expect(admitted).toHaveLength(20)
  })

  test('keys do not touch one another', () => {
    const { gcra } = limiter()
    const limit = { requests: 1, perMs: 1000 }
    expect(gcra.admit('ada', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('bob', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('ada', limit, 1, 5000)).toBe(1000)
  })

  test('a cost that no bucket holds is an error, not a wait without end', () => {
    const { gcra } = limiter()
    const limit = { requests: 100, perMs: 1000, burst: 5 }
    expect(() => gcra.admit('key', limit, 6, 5000)).toThrow(configurationError)
    expect(() => gcra.peek('key', limit, 6, 5000)).toThrow(configurationError)
    expect(gcra.admit('key', limit, 5, 5000)).toBe(0)
  })

  test('peek takes nothing, remembers nothing and counts what goes ahead', () => {
    const { gcra } = limiter()
    const limit = { requests: 10, perMs: 1000, burst: 2 }
    expect(gcra.peek('key', limit, 1, 5000)).toBe(0)
    expect(gcra.peek('key', limit, 1, 5000, 1)).toBe(0)
    expect(gcra.peek('key', limit, 1, 5000, 4)).toBe(300)
    expect(gcra.size).toBe(0)
  })

  test('a bucket that is full again is forgotten, one that is not is kept however long it rests', async () => {
    const { gcra, clock } = limiter()
    gcra.admit('a second', { requests: 1, perMs: 1000 }, 1, clock.monotonic())
    gcra.admit('a month', { requests: 1, perMs: 2_592_000_000 }, 1, clock.monotonic())
    await clock.advance(3_600_000)
    for (let turn = 0; turn < 100; turn += 1) gcra.admit('another', { requests: 1e6, perMs: 1 }, 1, clock.monotonic())
    expect(gcra.size).toBe(2)
    expect(gcra.peek('a month', { requests: 1, perMs: 2_592_000_000 }, 1, clock.monotonic())).toBe(2_588_400_000)
  })

  test.each([
    { requests: 0, perMs: 1000 },
    { requests: 1, perMs: 0 },
    { requests: -1, perMs: 1000 },
    { requests: Number.NaN, perMs: 1000 },
    { requests: 1, perMs: Infinity },
    { requests: 1, perMs: 1000, burst: 0.5 },
    { requests: 0.5, perMs: 1000 },
  ])('refuses a limit that means nothing: %o', (limit) => {
    expect(() => {
      checkRateLimit(limit)
    }).toThrow(configurationError)
  })

  test('accepts limits that mean something', () => {
    expect(() => {
      checkRateLimit({ requests: 1, perMs: 6000, burst: 45 })
      checkRateLimit({ requests: 0.5, perMs: 1000, burst: 1 })
    }).not.toThrow()
  })

  describe('for any limit and any calls', () => {
    const limits = fc.record({
      requests: fc.integer({ min: 1, max: 50 }),
      perMs: fc.integer({ min: 1, max: 5000 }),
      burst: fc.integer({ min: 1, max: 60 }),
    })
    const calls = fc.array(
      fc.record({ cost: fc.integer({ min: 1, max: 5 }), passMs: fc.oneof(fc.constant(0), fc.nat(400)) }),
      { minLength: 1, maxLength: 120 },
    )

    test('it decides as a token bucket does', () => {
      fc.assert(
        fc.property(limits, calls, (limit, run) => {
          const { gcra } = limiter()
          let now = 1_000_000
          const bucket = new Bucket(limit, now)
          for (const { cost, passMs } of run) {
            now += passMs
            const wanted = Math.min(cost, limit.burst)
            expect(gcra.admit('key', limit, wanted, now) === 0).toBe(bucket.admit(wanted, now))
          }
        }),
        { numRuns: 200 },
      )
    })

    test('no window of any length holds more than the burst and what came back meanwhile', () => {
      fc.assert(
        fc.property(limits, calls, (limit, run) => {
          const { gcra } = limiter()
          let now = 1_000_000
          const admitted: { at: number; cost: number }[] = []
          for (const { cost, passMs } of run) {
            now += passMs + 0.1
            const wanted = Math.min(cost, limit.burst)
            if (gcra.admit('key', limit, wanted, now) === 0) admitted.push({ at: now, cost: wanted })
          }
          for (const [first, { at: from }] of admitted.entries()) {
            let sum = 0
            for (const { at, cost } of admitted.slice(first)) {
              sum += cost
              const allowed = limit.burst + ((at - from) * limit.requests) / limit.perMs
              expect(sum).toBeLessThanOrEqual(allowed + 0.002 * (limit.requests / limit.perMs) + 1e-9)
            }
          }
        }),
        { numRuns: 200 },
      )
    })

    test('who waits as long as it was told passes, and a moment earlier does not', () => {
      fc.assert(
        fc.property(limits, calls, (limit, run) => {
          const { gcra } = limiter()
          let now = 1_000_000
          for (const { cost, passMs } of run) {
            now += passMs
            const wanted = Math.min(cost, limit.burst)
            const wait = gcra.admit('key', limit, wanted, now)
            if (wait === 0) continue
            expect(gcra.peek('key', limit, wanted, now + wait - 0.01 - wait * 1e-9)).toBeGreaterThan(0)
            now += wait
            expect(gcra.admit('key', limit, wanted, now)).toBe(0)
          }
        }),
        { numRuns: 200 },
      )
    })
  })
})
