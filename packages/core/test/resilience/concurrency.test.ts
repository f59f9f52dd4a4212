import { describe, expect, it } from 'vitest'
import { Concurrency } from '../../src/resilience/concurrency.ts'
import { TestClock } from './test-clock.ts'

describe('Concurrency', () => {
  it('counts the calls in flight of each key', () => {
    const concurrency = new Concurrency({ clock: new TestClock() })
    concurrency.enter('ada', 0)
    concurrency.enter('ada', 0)
    concurrency.enter('bob', 0)
    concurrency.leave('ada')
    expect([concurrency.inFlight('ada'), concurrency.inFlight('bob'), concurrency.inFlight('eve')]).toEqual([1, 1, 0])
  })

  it('never counts below zero', () => {
    const concurrency = new Concurrency({ clock: new TestClock() })
    concurrency.leave('ada')
    concurrency.enter('ada', 0)
    concurrency.leave('ada')
    concurrency.leave('ada')
    expect(concurrency.inFlight('ada')).toBe(0)
  })

  it('counts a call that runs for hours', async () => {
    const clock = new TestClock()
    const concurrency = new Concurrency({ clock })
    concurrency.enter('long', clock.monotonic())
    await clock.advance(7_200_000)
    for (let turn = 0; turn < 100; turn += 1) concurrency.enter('other', clock.monotonic())
    expect(concurrency.inFlight('long')).toBe(1)
  })
})
