import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

/** A token bucket in integers: a token is `perMs` units, and `requests` units are added each millisecond. */
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
  it('admits a burst, then one call for each returned token', () => {
    const { gcra } = limiter()
    const limit = { requests: 3, perMs: 1000 }
    expect([1, 2, 3].map(() => gcra.admit('key', limit, 1, 5000))).toEqual([0, 0, 0])
    const wait = gcra.admit('key', limit, 1, 5000)
    expect(wait).toBeCloseTo(1000 / 3, 6)
    expect(gcra.admit('key', limit, 1, 5000 + wait)).toBe(0)
    expect(gcra.admit('key', limit, 1, 5000 + wait)).toBeCloseTo(1000 / 3, 6)
  })

  it('spaces calls evenly with a burst of 1', () => {
    const { gcra } = limiter()
    const limit = { requests: 60, perMs: 60_000, burst: 1 }
    expect(gcra.admit('key', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('key', limit, 1, 5000)).toBe(1000)
    expect(gcra.admit('key', limit, 1, 5999)).toBe(1)
    expect(gcra.admit('key', limit, 1, 6000)).toBe(0)
  })

  it('takes nothing when it rejects', () => {
    const { gcra } = limiter()
    const limit = { requests: 1, perMs: 1000 }
    gcra.admit('key', limit, 1, 5000)
    for (let turn = 0; turn < 100; turn += 1) expect(gcra.admit('key', limit, 1, 5500)).toBe(500)
    expect(gcra.admit('key', limit, 1, 6000)).toBe(0)
  })

  it('admits what fits and no more while the clock stands still', () => {
    const { gcra } = limiter()
    const limit = { requests: 7, perMs: 1000, burst: 20 }
    const admitted = Array.from({ length: 50 }, () => gcra.admit('key', limit, 1, 5000)).filter((wait) => wait === 0)
    expect(admitted).toHaveLength(20)
  })

  it('separates keys', () => {
    const { gcra } = limiter()
    const limit = { requests: 1, perMs: 1000 }
    expect(gcra.admit('ada', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('bob', limit, 1, 5000)).toBe(0)
    expect(gcra.admit('ada', limit, 1, 5000)).toBe(1000)
  })

  it('throws for a cost above the burst, instead of waiting forever', () => {
    const { gcra } = limiter()
    const limit = { requests: 100, perMs: 1000, burst: 5 }
    expect(() => gcra.admit('key', limit, 6, 5000)).toThrow(configurationError)
    expect(() => gcra.peek('key', limit, 6, 5000)).toThrow(configurationError)
    expect(gcra.admit('key', limit, 5, 5000)).toBe(0)
  })

  it('takes and stores nothing in peek, and counts the calls ahead', () => {
    const { gcra } = limiter()
    const limit = { requests: 10, perMs: 1000, burst: 2 }
    expect(gcra.peek('key', limit, 1, 5000)).toBe(0)
    expect(gcra.peek('key', limit, 1, 5000, 1)).toBe(0)
    expect(gcra.peek('key', limit, 1, 5000, 4)).toBe(300)
    expect(gcra.size).toBe(0)
  })

  it('deletes a full bucket, and keeps any other however long it is idle', async () => {
    const { gcra, clock } = limiter()
    gcra.admit('a second', { requests: 1, perMs: 1000 }, 1, clock.monotonic())
    gcra.admit('a month', { requests: 1, perMs: 2_592_000_000 }, 1, clock.monotonic())
    await clock.advance(3_600_000)
    for (let turn = 0; turn < 100; turn += 1) gcra.admit('another', { requests: 1e6, perMs: 1 }, 1, clock.monotonic())
    expect(gcra.size).toBe(2)
    expect(gcra.peek('a month', { requests: 1, perMs: 2_592_000_000 }, 1, clock.monotonic())).toBe(2_588_400_000)
  })

  it.each([
    { requests: 0, perMs: 1000 },
    { requests: 1, perMs: 0 },
    { requests: -1, perMs: 1000 },
    { requests: Number.NaN, perMs: 1000 },
    { requests: 1, perMs: Infinity },
    { requests: 1, perMs: 1000, burst: 0.5 },
    { requests: 0.5, perMs: 1000 },
  ])('rejects a meaningless limit: %o', (limit) => {
    expect(() => {
      checkRateLimit(limit)
    }).toThrow(configurationError)
  })

  it('accepts meaningful limits', () => {
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

    it('decides as a token bucket does', () => {
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

    it('admits at most the burst and the returned tokens in any window', () => {
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

    it('admits a call after the returned wait, and not a moment earlier', () => {
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
