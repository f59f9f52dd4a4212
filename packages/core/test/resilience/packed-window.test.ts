import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PackedWindow } from '../../src/resilience/packed-window.ts'

/** The second of three rows, with one more cell on each side of the window. */
const ROW = 1

const make = () => {
  const width = 1 + PackedWindow.widthOf(5) + 1
  const rows = { data: new Float64Array(3 * width).fill(99), width }
  const window = new PackedWindow(rows, { cell: 1, buckets: 5, bucketMs: 100 })
  window.clear(ROW)
  return { window, rows }
}

describe('PackedWindow', () => {
  it('separates two counts', () => {
    const { window } = make()
    for (let time = 0; time < 3; time += 1) window.addFirst(ROW, 1000)
    for (let time = 0; time < 5; time += 1) window.addSecond(ROW, 1000)
    expect(window.counts(ROW, 1000)).toEqual({ first: 3, second: 5 })
  })

  it('drops what has left the window, and everything after a pause', () => {
    const { window } = make()
    window.addFirst(ROW, 1000)
    window.addFirst(ROW, 1100)
    expect(window.counts(ROW, 1499).first).toBe(2)
    expect(window.counts(ROW, 1500).first).toBe(1)
    expect(window.counts(ROW, 10_000_000).first).toBe(0)
  })

  it('can count fewer buckets', () => {
    const { window } = make()
    window.addFirst(ROW, 1000)
    window.addFirst(ROW, 1100)
    expect([1, 2].map((buckets) => window.counts(ROW, 1100, buckets).first)).toEqual([1, 2])
  })

  it('writes to its own cells only', () => {
    const { window, rows } = make()
    for (let now = 0; now < 5000; now += 37) window.addSecond(ROW, now)
    window.clear(ROW)
    const start = ROW * rows.width + 1
    const others = [...rows.data.subarray(0, start), ...rows.data.subarray(start + PackedWindow.widthOf(5))]
    expect(new Set(others)).toEqual(new Set([99]))
    expect(window.counts(ROW, 5000).second).toBe(0)
  })

  it('counts as a list of times does', () => {
    const steps = fc.array(fc.record({ passMs: fc.nat(250), first: fc.boolean() }), { maxLength: 100 })
    fc.assert(
      fc.property(steps, (run) => {
        const { window } = make()
        const times: { bucket: number; first: boolean }[] = []
        let now = 12_345
        for (const { passMs, first } of run) {
          now += passMs
          if (first) window.addFirst(ROW, now)
          else window.addSecond(ROW, now)
          times.push({ bucket: Math.floor(now / 100), first })
          const inside = times.filter(({ bucket }) => bucket > Math.floor(now / 100) - 5)
          const counted = inside.filter((each) => each.first).length
          expect(window.counts(ROW, now)).toEqual({ first: counted, second: inside.length - counted })
        }
      }),
    )
  })
})
