import { describe, expect, test } from 'vitest'
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
  test('lets everything pass while enough of it succeeds', () => {
    const { breaker, call } = make()
    call('success', 51)
    call('failure', 50)
    expect(breaker.state('key')).toBe('closed')
    expect(breaker.acquire('key')).toBeGreaterThan(0)
  })

  test('opens at the failure rate, and says how long to wait', async () => {
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

  test('says nothing from fewer calls than the minimum', () => {
    const { breaker, call } = make()
    call('failure', 9)
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
  })

  test('keys do not touch one another', () => {
    const { breaker, call } = make()
    call('failure', 10, 'ada')
    expect([breaker.state('ada'), breaker.state('bob')]).toEqual(['open', 'closed'])
    expect(breaker.acquire('bob')).toBeGreaterThan(0)
  })

  test('9 failures, an hour of silence and 1 failure do not open it', async () => {
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

  test('looks back over the window and no further', async () => {
    const { breaker, call, clock } = make()
    call('failure', 9)
    await clock.advance(10_000)
    call('failure')
    expect(breaker.state('key')).toBe('closed')
    await clock.advance(1000)
    call('failure', 9)
    expect(breaker.state('key')).toBe('open')
  })

  test('of 1000 who wait for a probe exactly one goes, and the rest are refused at once', async () => {
    const { breaker, call, clock } = make()
    call('failure', 10)
    await clock.advance(10_000)
    const tokens = Array.from({ length: 1000 }, () => breaker.acquire('key'))
    expect(tokens.filter((token) => token > 0)).toHaveLength(1)
    expect(tokens.filter((token) => token < 0)).toHaveLength(999)
    expect(breaker.state('key')).toBe('half_open')
  })

  test('after the probe has failed no burst follows', async () => {
    const { breaker, call, clock } = make()
    call('failure', 10)
    await clock.advance(10_000)
    breaker.failure('key', breaker.acquire('key'))
    const tokens = Array.from({ length: 1000 }, () => breaker.acquire('key'))
    expect(tokens.every((token) => token === -20_000)).toBe(true)
  })

  test('all probes must succeed', async () => {
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

  test.each([0, 1, 2, 3, 4])('what was counted in bucket %i is not taken for probes', async (bucket) => {
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

  test('one failed probe opens it again, and the others do not matter any more', async () => {
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

  test('a cancelled probe gives its place to another', async () => {
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

  test('a cancelled call of a closed circuit counts as nothing', () => {
    const { breaker, call } = make()
    call('failure', 9)
    for (let time = 0; time < 20; time += 1) breaker.cancel('key', breaker.acquire('key'))
    expect(breaker.state('key')).toBe('closed')
    call('failure')
    expect(breaker.state('key')).toBe('open')
  })

  test('a call of the closed era that fails late does not open what is probing', async () => {
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

  test('nor does a late success close what is open', () => {
    const { breaker, call } = make()
    const late = breaker.acquire('key')
    call('failure', 10)
    breaker.success('key', late)
    breaker.cancel('key', late)
    expect(breaker.acquire('key')).toBe(-10_000)
  })

  test('stays open twice as long each time a probe fails, up to the most, and anew once it has closed', async () => {
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

  test('closes with an empty window: what failed before does not count again', async () => {
    const { breaker, call, clock } = make({ openMs: 100 })
    call('failure', 10)
    await clock.advance(100)
    call('success')
    call('failure', 9)
    expect(breaker.state('key')).toBe('closed')
  })

  test('a circuit that was forgotten ignores results from before', async () => {
    const { breaker, call, clock } = make({ idleMs: 20_000 })
    const late = breaker.acquire('key')
    await clock.advance(60_000)
    for (let time = 0; time < 10; time += 1) call('success', 1, `other ${time}`)
    breaker.acquire('key')
    for (let time = 0; time < 20; time += 1) breaker.failure('key', late)
    expect(breaker.state('key')).toBe('closed')
  })

  test('is not forgotten while it is open or while a probe is out', async () => {
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

  test('idle circuits are forgotten, without a timer', async () => {
    const { breaker, call, clock } = make({ idleMs: 20_000 })
    for (let index = 0; index < 1000; index += 1) call('success', 1, `connection ${index}`)
    await clock.advance(60_000)
    for (let time = 0; time < 2000; time += 1) call('success', 1, `new ${time % 10}`)
    expect(breaker.size).toBeLessThan(50)
    expect(clock.timers).toBe(0)
  })

  test.each([
    { minimumCalls: 0 },
    { failureRate: 0 },
    { failureRate: 1.1 },
    { windowMs: 0 },
    { openMs: 0 },
    { probes: 0 },
  ])('refuses options that cannot work: %o', (options) => {
    expect(() => make(options)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_ERROR' }))
  })
})
