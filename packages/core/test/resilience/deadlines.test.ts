import { createFakeClock } from '@mcpclient/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '@mcpclient/core'
import { Deadlines, startDeadline } from '../../src/resilience/deadlines.ts'

it('each deadline expires on time behind one timer, whichever others are removed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ wait: fc.nat(300), keep: fc.boolean(), holds: fc.integer({ min: 1, max: 400 }) }), {
        maxLength: 25,
      }),
      async (plan) => {
        const clock = createFakeClock()
        const deadlines = new Deadlines(clock, 100)
        const expired: { readonly set: number; readonly at: number }[] = []
        const expected: { readonly set: number; readonly at: number }[] = []
        for (const { wait, keep, holds } of plan) {
          await clock.advance(wait)
          const set = clock.monotonic()
          const deadline = deadlines.add(set, () => expired.push({ set, at: clock.monotonic() }))
          expect(clock.pending).toBeGreaterThan(0)
          // One that is removed in its last millisecond may have expired: timers have whole milliseconds.
          if (keep || holds > 99) expected.push({ set, at: set + 100 })
          else clock.schedule(holds - 1, () => deadlines.remove(deadline))
        }
        await clock.advance(1000)
        expect(expired.map(({ set }) => set)).toEqual(expected.map(({ set }) => set))
        for (const { set, at } of expired) expect(Math.abs(at - set - 100)).toBeLessThanOrEqual(1)
        expect(clock.pending).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

it('no timer runs if there are no deadlines', () => {
  const clock = createFakeClock()
  const deadlines = new Deadlines(clock, 100)
  const first = deadlines.add(0, () => undefined)
  const second = deadlines.add(0, () => undefined)
  expect(clock.pending).toBe(1)
  deadlines.remove(first)
  deadlines.remove(first)
  expect(clock.pending).toBe(1)
  deadlines.remove(second)
  expect(clock.pending).toBe(0)
})

describe('after the event loop was blocked past a deadline', () => {
  const kinds: readonly (readonly [string, (clock: Clock, expire: () => void) => () => void])[] = [
    ['a single deadline', (clock, expire) => startDeadline(clock, 100, expire)],
    [
      'a list of deadlines',
      (clock, expire) => {
        const deadlines = new Deadlines(clock, 100)
        const deadline = deadlines.add(0, expire)
        return () => deadlines.remove(deadline)
      },
    ],
  ]

  /** Advances the clock just before the timer fires, as a second of synchronous work does. */
  const stalled = (start: (clock: Clock, expire: () => void) => () => void) => {
    const fake = createFakeClock()
    let stalledMs = 0
    const clock: Clock = { ...fake, monotonic: () => fake.monotonic() + stalledMs }
    const seen: string[] = []
    const cancel = start(clock, () => seen.push('expired'))
    fake.schedule(99, () => {
      stalledMs = 1000
    })
    return { fake, seen, cancel }
  }

  it.each(kinds)('%s lets a response that arrived in time win', async (_kind, start) => {
    const { fake, seen, cancel } = stalled(start)
    fake.schedule(100, () => {
      seen.push('response')
      cancel()
    })
    await fake.advance(5000)
    expect(seen).toEqual(['response'])
    expect(fake.pending).toBe(0)
  })

  it.each(kinds)('%s still expires, once', async (_kind, start) => {
    const { fake, seen } = stalled(start)
    await fake.advance(5000)
    expect(seen).toEqual(['expired'])
    expect(fake.pending).toBe(0)
  })
})
