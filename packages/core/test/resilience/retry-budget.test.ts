import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from '../../src/resilience/retry-budget.ts'
import { TestClock } from './test-clock.ts'

/** Runs calls that all fail and all ask for retries. Returns the times of both. */
const failing = async (callsPerSecond: number, seconds: number, phaseMs = 0) => {
  const clock = new TestClock()
  const budget = new RetryBudget({ clock })
  const calls: number[] = []
  const retries: number[] = []
  await clock.advance(phaseMs)
  for (let call = 0; call < callsPerSecond * seconds; call += 1) {
    budget.deposit('key')
    calls.push(clock.monotonic())
    for (let retry = 0; retry < 3 && budget.withdraw('key'); retry += 1) retries.push(clock.monotonic())
    await clock.advance(1000 / callsPerSecond)
  }
  return { calls, retries }
}

const most10s = (times: readonly number[]) =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 10_000).length))

describe('RetryBudget', () => {
  it.each([30, 50, 100, 137])('adds at most a tenth over any 10 s at %i failing calls a second', async (rate) => {
    const { calls, retries } = await failing(rate, 45, rate)
    const ends = calls.filter((at) => at >= (calls[0] ?? 0) + 10_000)
    for (const end of ends) {
      const sent = calls.filter((at) => at > end - 10_000 && at <= end).length
      const again = retries.filter((at) => at > end - 10_000 && at <= end).length
      expect((sent + again) / sent).toBeLessThanOrEqual(1.1)
    }
    expect(retries.length).toBeGreaterThan(calls.length * 0.06)
  })

  it('allows 3 retries a second for few calls', async () => {
    const { calls, retries } = await failing(2, 60)
    expect(retries.length).toBeGreaterThan(calls.length)
    expect(most10s(retries)).toBeLessThanOrEqual(30)
  })

  it('allows retries to a new key, but not without limit', () => {
    const budget = new RetryBudget({ clock: new TestClock() })
    const allowed = Array.from({ length: 100 }, () => budget.withdraw('key')).filter(Boolean)
    expect(allowed).toHaveLength(6)
  })

  it('allows immediate retries of a few failures after many successful calls', () => {
    const budget = new RetryBudget({ clock: new TestClock() })
    for (let call = 0; call < 1000; call += 1) budget.deposit('key')
    const allowed = Array.from({ length: 1000 }, () => budget.withdraw('key')).filter(Boolean)
    expect(allowed).toHaveLength(100)
  })

  it('allows nothing for calls of long ago', async () => {
    const clock = new TestClock()
    const budget = new RetryBudget({ clock })
    for (let call = 0; call < 1000; call += 1) budget.deposit('key')
    await clock.advance(20_000)
    expect(Array.from({ length: 100 }, () => budget.withdraw('key')).filter(Boolean)).toHaveLength(6)
  })

  it('limits many connections with few calls each in total, to protect the provider', () => {
    const budget = new RetryBudget({ clock: new TestClock() })
    let retries = 0
    for (let connection = 0; connection < 1000; connection += 1) {
      budget.deposit(`connection ${connection}`)
      budget.deposit('provider')
      if (budget.withdraw(`connection ${connection}`, 'provider')) retries += 1
    }
    expect(retries).toBeLessThanOrEqual(100)
  })

  it('does not charge another key if one key refuses', () => {
    const budget = new RetryBudget({ clock: new TestClock() })
    while (budget.withdraw('provider'));
    for (let time = 0; time < 50; time += 1) expect(budget.withdraw('connection', 'provider')).toBe(false)
    expect(budget.withdraw('connection')).toBe(true)
  })

  it('uses the configured ratio and minimum', () => {
    const budget = new RetryBudget({ clock: new TestClock(), ratio: 0.5, minimumPerSecond: 0 })
    expect(budget.withdraw('key')).toBe(false)
    for (let call = 0; call < 10; call += 1) budget.deposit('key')
    expect(Array.from({ length: 10 }, () => budget.withdraw('key')).filter(Boolean)).toHaveLength(5)
  })

  it('keeps the retries of any 10 s below the larger of the share and the minimum, for any traffic', async () => {
    const steps = fc.array(fc.record({ calls: fc.nat(80), wanted: fc.nat(80), passMs: fc.nat(2500) }), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const clock = new TestClock()
        const budget = new RetryBudget({ clock })
        const calls: number[] = []
        const retries: number[] = []
        const recent = (times: readonly number[]) => times.filter((at) => at > clock.monotonic() - 10_000).length
        for (const step of run) {
          for (let call = 0; call < step.calls; call += 1) {
            budget.deposit('key')
            calls.push(clock.monotonic())
          }
          for (let wanted = 0; wanted < step.wanted && budget.withdraw('key'); wanted += 1) {
            retries.push(clock.monotonic())
            expect(recent(retries)).toBeLessThanOrEqual(Math.max(recent(calls) * 0.1, 30))
          }
          await clock.advance(step.passMs)
        }
      }),
    )
  })
})

describe('the budget of many keys', () => {
  it('separates the counts of each key, in every bucket of its window', async () => {
    const clock = new TestClock()
    const budget = new RetryBudget({ clock, ratio: 1, minimumPerSecond: 0 })
    const keys = Array.from({ length: 60 }, (_, index) => index)
    const calls = keys.map(() => Array.from({ length: 30 }, () => 0))
    for (let bucket = 0; bucket < 30; bucket += 1) {
      for (const key of keys) {
        const made = 1 + ((key * 7 + bucket * 3) % 5)
        for (let call = 0; call < made; call += 1) budget.deposit(`key ${key}`)
        calls[key]?.fill(made, bucket, bucket + 1)
      }
      // Each key uses its budget once, in a bucket of its own.
      for (const key of keys.filter((each) => each % 30 === bucket)) {
        let allowed = 0
        while (budget.withdraw(`key ${key}`)) allowed += 1
        const recent = calls[key]?.slice(Math.max(0, bucket - 4), bucket + 1) ?? []
        expect({ key, allowed }).toEqual({ key, allowed: recent.reduce((sum, made) => sum + made, 0) })
      }
      await clock.advance(2000)
    }
  })
})
