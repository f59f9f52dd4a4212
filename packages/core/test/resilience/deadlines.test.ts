import { createFakeClock } from '@mcpclient/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Deadlines } from '../../src/resilience/deadlines.ts'

it('each deadline expires in its time, whichever others are taken out, behind one timer', async () => {
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
          // One that is taken out in its last millisecond may have expired: timers are in whole ones.
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

it('without deadlines there is no timer', () => {
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
