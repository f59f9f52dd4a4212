import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PackedWindow } from '../../src/resilience/packed-window.ts'

const make = () => {
  const window = new PackedWindow({ column: 1, buckets: 5, bucketMs: 100 })
  const data = new Float64Array(1 + window.width + 1)
  data.fill(99, 0, 1)
  data.fill(99, data.length - 1)
  return { window, data }
}

describe('PackedWindow', () => {
  test('keeps two counts apart', () => {
    const { window, data } = make()
    for (let time = 0; time < 3; time += 1) window.countFirst(data, 0, 1000)
    for (let time = 0; time < 5; time += 1) window.countSecond(data, 0, 1000)
    expect([window.first(data, 0, 1000), window.second(data, 0, 1000)]).toEqual([3, 5])
  })

  test('forgets what has left the window, all of it after a pause', () => {
    const { window, data } = make()
    window.countFirst(data, 0, 1000)
    window.countFirst(data, 0, 1100)
    expect(window.first(data, 0, 1499)).toBe(2)
    expect(window.first(data, 0, 1500)).toBe(1)
    expect(window.first(data, 0, 10_000_000)).toBe(0)
  })

  test('can look back over fewer buckets', () => {
    const { window, data } = make()
    window.countFirst(data, 0, 1000)
    window.countFirst(data, 0, 1100)
    expect([1, 2].map((buckets) => window.first(data, 0, 1100, buckets))).toEqual([1, 2])
  })

  test('stays inside its columns', () => {
    const { window, data } = make()
    for (let now = 0; now < 5000; now += 37) window.countSecond(data, 0, now)
    window.clear(data, 0)
    expect([data[0], data.at(-1)]).toEqual([99, 99])
    expect(window.second(data, 0, 5000)).toBe(0)
  })

  test('counts as a list of times would', () => {
    const steps = fc.array(fc.record({ passMs: fc.nat(250), first: fc.boolean() }), { maxLength: 100 })
    fc.assert(
      fc.property(steps, (run) => {
        const { window, data } = make()
        const times: { bucket: number; first: boolean }[] = []
        let now = 12_345
        for (const { passMs, first } of run) {
          now += passMs
          if (first) window.countFirst(data, 0, now)
          else window.countSecond(data, 0, now)
          times.push({ bucket: Math.floor(now / 100), first })
          const inside = times.filter(({ bucket }) => bucket > Math.floor(now / 100) - 5)
          expect(window.first(data, 0, now)).toBe(inside.filter((each) => each.first).length)
          expect(window.second(data, 0, now)).toBe(inside.filter((each) => !each.first).length)
        }
      }),
    )
  })
})
