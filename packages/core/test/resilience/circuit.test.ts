import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../../src/resilience/circuit.ts'
import type { CircuitChange, CircuitOptions } from '../../src/resilience/circuit.ts'
import { TestClock } from './test-clock.ts'

const make = (options: Partial<CircuitOptions> = {}) => {
  const clock = new TestClock()
  const changes: CircuitChange[] = []
  const breaker = new CircuitBreaker({ clock, onChange: (change) => changes.push(change), ...options })
  const call = (result: 'success' | 'failure', times = 1, key = 'key') => {
    for (let time = 0; time < times; time += 1) breaker[result](key, breaker.acquire(key))
  }
  return { clock, breaker, changes, call }
}

describe('CircuitBreaker', () => {
  it('stays closed while enough calls succeed', () => {
    const { breaker, call } = make()
    call('success', 51)
    call('failure', 50)
    expect(breaker.state('key')).toBe('closed')
    expect(breaker.acquire('key')).toBeGreaterThan(0)
  })

  it('opens at the failure rate, and returns the time to wait', async () => {
    const { breaker, call, clock, changes } = make()
    call('success', 5)
    call('failure', 4)
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
    expect(breaker.acquire('key')).toBe(-10_000)
    await clock.advance(4000)
    expect(breaker.acquire('key')).toBe(-6000)
    expect(changes).toEqual([{ key: 'key', from: 'closed', to: 'open', calls: 10, failures: 5, openMs: 10_000 }])
  })

  it('stays closed below the minimum of calls', () => {
    const { breaker, call } = make()
    call('failure', 9)
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
  })

  it('separates keys', () => {
    const { breaker, call } = make()
    call('failure', 10, 'ada')
    expect([breaker.state('ada'), breaker.state('bob')]).toEqual(['open', 'closed'])
    expect(breaker.acquire('bob')).toBeGreaterThan(0)
  })

  it('does not open after 9 failures, an hour of silence and 1 failure', async () => {
    const { breaker, call, clock } = make({ idleMs: 7_200_000 })
    call('failure', 9)
    await clock.advance(3_600_000)
    call('failure')
    expect(breaker.state('key')).toBe('closed')
    call('failure', 8)
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
  })

  it('counts failures within the window only', async () => {
    const { breaker, call, clock } = make()
    call('failure', 9)
    await clock.advance(10_000)
    call('failure')
    expect(breaker.state('key')).toBe('closed')
    await clock.advance(1000)
    call('failure', 9)
    expect(breaker.state('key')).toBe('open')
  })

  it('lets exactly one of 1000 waiting calls probe, and rejects the rest at once', async () => {
    const { breaker, call, clock } = make()
    call('failure', 10)
    await clock.advance(10_000)
    const tokens = Array.from({ length: 1000 }, () => breaker.acquire('key'))
    expect(tokens.filter((token) => token > 0)).toHaveLength(1)
    expect(tokens.filter((token) => token < 0)).toHaveLength(999)
    expect(breaker.state('key')).toBe('half_open')
  })

  it('sends no burst after a failed probe', async () => {
    const { breaker, call, clock } = make()
    call('failure', 10)
    await clock.advance(10_000)
    breaker.failure('key', breaker.acquire('key'))
    const tokens = Array.from({ length: 1000 }, () => breaker.acquire('key'))
    expect(tokens.every((token) => token === -20_000)).toBe(true)
  })

  it('closes only if all probes succeed', async () => {
    const { breaker, call, clock, changes } = make({ probes: 3 })
    call('failure', 10)
    await clock.advance(10_000)
    const tokens = Array.from({ length: 10 }, () => breaker.acquire('key')).filter((token) => token > 0)
    expect(tokens).toHaveLength(3)
    for (const token of tokens.slice(0, 2)) breaker.success('key', token)
    expect(breaker.state('key')).toBe('half_open')
    expect(breaker.acquire('key')).toBeLessThan(0)
    breaker.success('key', tokens[2] ?? 0)
    expect(breaker.state('key')).toBe('closed')
    expect(changes.map(({ to }) => to)).toEqual(['open', 'half_open', 'closed'])
  })

  it.each([0, 1, 2, 3, 4])('does not count failures in bucket %i as probes', async (bucket) => {
    const { breaker, call, clock } = make({ probes: 2 })
    await clock.advance(bucket * 2000)
    call('failure', 10)
    await clock.advance(10_000)
    const tokens = Array.from({ length: 10 }, () => breaker.acquire('key')).filter((token) => token > 0)
    expect(tokens).toHaveLength(2)
    for (const token of tokens) {
      expect(breaker.state('key')).toBe('half_open')
      breaker.success('key', token)
    }
    expect(breaker.state('key')).toBe('closed')
  })

  it('opens again after one failed probe, and ignores the others', async () => {
    const { breaker, call, clock } = make({ probes: 2 })
    call('failure', 10)
    await clock.advance(10_000)
    const [first, second] = [breaker.acquire('key'), breaker.acquire('key')]
    breaker.failure('key', first)
    expect(breaker.state('key')).toBe('open')
    breaker.success('key', second)
    breaker.failure('key', second)
    expect(breaker.acquire('key')).toBe(-20_000)
  })

  it('passes the place of a cancelled probe to another call', async () => {
    const { breaker, call, clock } = make()
    call('failure', 10)
    await clock.advance(10_000)
    breaker.cancel('key', breaker.acquire('key'))
    const next = breaker.acquire('key')
    expect(next).toBeGreaterThan(0)
    expect(breaker.acquire('key')).toBeLessThan(0)
    breaker.success('key', next)
    expect(breaker.state('key')).toBe('closed')
  })

  it('does not count a cancelled call while closed', () => {
    const { breaker, call } = make()
    call('failure', 9)
    for (let time = 0; time < 20; time += 1) breaker.cancel('key', breaker.acquire('key'))
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
  })

  it('ignores a late failure of a call from the closed state while probing', async () => {
    const { breaker, call, clock } = make()
    const late = Array.from({ length: 20 }, () => breaker.acquire('key'))
    call('failure', 10)
    await clock.advance(10_000)
    const probe = breaker.acquire('key')
    for (const token of late) breaker.failure('key', token)
    expect(breaker.state('key')).toBe('half_open')
    breaker.success('key', probe)
    for (const token of late) breaker.failure('key', token)
    expect(breaker.state('key')).toBe('closed')
  })

  it('ignores a late success while open', () => {
    const { breaker, call } = make()
    const late = breaker.acquire('key')
    call('failure', 10)
    breaker.success('key', late)
    breaker.cancel('key', late)
    expect(breaker.acquire('key')).toBe(-10_000)
  })

  it('doubles the open time after each failed probe up to the maximum, and resets it once closed', async () => {
    const { breaker, call, clock } = make({ openMs: 10_000, maxOpenMs: 60_000 })
    call('failure', 10)
    for (const expected of [10_000, 20_000, 40_000, 60_000, 60_000]) {
      expect(breaker.acquire('key')).toBe(-expected)
      await clock.advance(expected)
      breaker.failure('key', breaker.acquire('key'))
    }
    await clock.advance(60_000)
    call('success')
    expect(breaker.state('key')).toBe('closed')
    call('failure', 10)
    expect(breaker.acquire('key')).toBe(-10_000)
  })

  it('closes with an empty window: earlier failures do not count again', async () => {
    const { breaker, call, clock } = make({ openMs: 100 })
    call('failure', 10)
    await clock.advance(100)
    call('success')
    call('failure', 9)
    expect(breaker.state('key')).toBe('closed')
  })

  it('ignores results of calls from before a circuit was deleted', async () => {
    const { breaker, call, clock } = make({ idleMs: 20_000 })
    const late = breaker.acquire('key')
    await clock.advance(60_000)
    for (let time = 0; time < 10; time += 1) call('success', 1, `other ${time}`)
    breaker.acquire('key')
    for (let time = 0; time < 20; time += 1) breaker.failure('key', late)
    expect(breaker.state('key')).toBe('closed')
  })

  it('is kept while it is open or a probe is running', async () => {
    const { breaker, call, clock } = make({ idleMs: 20_000, openMs: 60_000, maxOpenMs: 60_000 })
    call('failure', 10)
    await clock.advance(50_000)
    for (let time = 0; time < 100; time += 1) call('success', 1, `other ${time % 10}`)
    expect(breaker.state('key')).toBe('open')
    await clock.advance(10_000)
    expect(breaker.acquire('key')).toBeGreaterThan(0)
    await clock.advance(600_000)
    for (let time = 0; time < 100; time += 1) call('success', 1, `other ${time % 10}`)
    expect(breaker.state('key')).toBe('half_open')
  })

  it('deletes idle circuits without a timer', async () => {
    const { breaker, call, clock } = make({ idleMs: 20_000 })
    for (let index = 0; index < 1000; index += 1) call('success', 1, `connection ${index}`)
    await clock.advance(60_000)
    for (let time = 0; time < 2000; time += 1) call('success', 1, `new ${time % 10}`)
    expect(breaker.size).toBeLessThan(50)
    expect(clock.timers).toBe(0)
  })

  it.each([
    { minimumCalls: 0 },
    { failureRate: 0 },
    { failureRate: 1.1 },
    { windowMs: 0 },
    { openMs: 0 },
    { probes: 0 },
  ])('rejects invalid options: %o', (options) => {
    expect(() => make(options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_ERROR' }))
  })
})
