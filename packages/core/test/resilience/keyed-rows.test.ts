import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyedRows } from '../../src/resilience/keyed-rows.ts'
import type { KeyedRowsOptions } from '../../src/resilience/keyed-rows.ts'
import { TestClock } from './test-clock.ts'

type Options = Partial<KeyedRowsOptions<'first' | 'second'>>

const rowsWith = (options: Options = {}) => {
  const clock = new TestClock()
  const rows = new KeyedRows({ cells: { first: 0, second: 1 }, clock, idleMs: 1000, ...options })
  return { clock, rows, ...rows.columns }
}

/** Uses one key until the hand has passed every slot. */
const sweep = (rows: KeyedRows<'first' | 'second'>) => {
  for (let turn = 0; turn < 1000; turn += 1) rows.rowOf('sweeper')
}

describe('KeyedRows', () => {
  it('makes a row of zeros for each key and finds it again', () => {
    const { rows, first, second } = rowsWith()
    const row = rows.rowOf('ada')
    expect([first.get(row), second.get(row)]).toEqual([0, 0])
    first.set(row, 7)
    rows.rowOf('bob')
    expect(first.get(rows.rowOf('ada'))).toBe(7)
    expect(rows.size).toBe(2)
  })

  it('adds to a column and returns the sum', () => {
    const { rows, first, second } = rowsWith()
    const row = rows.rowOf('ada')
    expect([first.add(row, 3), first.add(row, -1)]).toEqual([3, 2])
    expect([first.get(row), second.get(row)]).toEqual([2, 0])
  })

  it('lets two columns share a cell', () => {
    const { rows, first, second } = rowsWith({ cells: { first: 0, second: 0 }, width: 2 })
    const row = rows.rowOf('ada')
    first.set(row, 7)
    expect(second.get(row)).toBe(7)
  })

  it('makes no row in find', () => {
    const { rows } = rowsWith()
    expect(rows.find('ada')).toBe(-1)
    expect(rows.size).toBe(0)
    expect(rows.rowOf('ada')).toBe(rows.find('ada'))
  })

  it('keeps every row while it grows', () => {
    const { rows, second } = rowsWith({ capacity: 1 })
    for (let index = 0; index < 1000; index += 1) second.set(rows.rowOf(`key ${index}`), index)
    for (let index = 0; index < 1000; index += 1) expect(second.get(rows.find(`key ${index}`))).toBe(index)
  })

  it('frees an idle row and reuses its slot as zeros', async () => {
    const { rows, clock, first } = rowsWith()
    const row = rows.rowOf('ada')
    first.set(row, 7)
    await clock.advance(999)
    sweep(rows)
    expect(rows.find('ada')).toBe(row)
    await clock.advance(1)
    sweep(rows)
    expect(rows.find('ada')).toBe(-1)
    expect(rows.rowOf('bob')).toBe(row)
    expect(first.get(row)).toBe(0)
  })

  it('keeps a row that rowOf or touch marks as used', async () => {
    const { rows, clock, first } = rowsWith()
    for (const key of ['asked for', 'touched']) first.set(rows.rowOf(key), 7)
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(600)
      rows.rowOf('asked for')
      rows.touch(rows.find('touched'), clock.monotonic())
      sweep(rows)
    }
    expect([first.get(rows.find('asked for')), first.get(rows.find('touched'))]).toEqual([7, 7])
  })

  it('frees idle rows by touch alone if no new key comes', async () => {
    const { rows, clock } = rowsWith()
    for (let index = 0; index < 100; index += 1) rows.rowOf(`key ${index}`)
    await clock.advance(1000)
    for (let turn = 0; turn < 200; turn += 1) rows.touch(rows.find('key 0'), clock.monotonic())
    expect(rows.size).toBe(1)
  })

  it('never frees a row that is not idle, however long it is unused', async () => {
    const { rows, clock, first } = rowsWith({ isIdle: (columns, row) => columns.first.get(row) === 0 })
    first.set(rows.rowOf('in use'), 1)
    rows.rowOf('idle')
    await clock.advance(1_000_000)
    sweep(rows)
    expect(rows.find('idle')).toBe(-1)
    expect(first.get(rows.find('in use'))).toBe(1)
  })

  it('frees rows without a timer', () => {
    const { rows, clock } = rowsWith()
    rows.rowOf('ada')
    expect(clock.timers).toBe(0)
  })

  it('stays bounded under a stream of keys that are used once', async () => {
    const { rows, clock } = rowsWith()
    for (let index = 0; index < 20_000; index += 1) {
      rows.rowOf(`key ${index}`)
      if (index % 10 === 0) await clock.advance(10)
    }
    // There are a thousand new keys in each idle time of a second.
    expect(rows.size).toBeLessThan(2000)
  })

  it('checks four slots for each new key, and one for each known key', async () => {
    const { rows, clock } = rowsWith()
    for (let index = 0; index < 100; index += 1) rows.rowOf(`key ${index}`)
    await clock.advance(1000)
    rows.rowOf('new')
    expect(rows.size).toBe(100 - 4 + 1)
    rows.rowOf('new')
    expect(rows.size).toBe(100 - 5 + 1)
  })

  it('returns memory after a peak and keeps the rows in use', async () => {
    const { rows, clock, first } = rowsWith({ isIdle: (columns, row) => columns.first.get(row) === 0 })
    for (let index = 0; index < 10_000; index += 1) rows.rowOf(`key ${index}`)
    const stayed = ['key 3', 'key 5000', 'key 9999']
    for (const [index, key] of stayed.entries()) first.set(rows.find(key), index + 1)
    const generations = stayed.map((key) => rows.generation(rows.find(key)))
    const crowded = rows.bytes()
    await clock.advance(1000)
    for (let turn = 0; turn < 30; turn += 1) sweep(rows)
    expect(rows.size).toBe(stayed.length + 1)
    expect(rows.bytes()).toBeLessThan(crowded / 50)
    expect(stayed.map((key) => first.get(rows.find(key)))).toEqual([1, 2, 3])
    expect(stayed.map((key) => rows.generation(rows.find(key)))).toEqual(generations)
  })

  it('gives no two rows the same generation, not even one after the other in one slot', async () => {
    const { rows, clock } = rowsWith()
    const first = rows.generation(rows.rowOf('ada'))
    await clock.advance(1000)
    sweep(rows)
    const second = rows.generation(rows.rowOf('ada'))
    const renewed = rows.renew(rows.find('ada'))
    expect(rows.generation(rows.find('ada'))).toBe(renewed)
    expect(new Set([first, second, renewed, rows.generation(rows.find('sweeper'))]).size).toBe(4)
  })

  it('behaves like a map from which idle keys may vanish', async () => {
    const steps = fc.array(
      fc.record({ key: fc.integer({ min: 0, max: 40 }), passMs: fc.constantFrom(0, 0, 0, 1, 400, 1500) }),
      { maxLength: 200 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const { rows, clock, first } = rowsWith({ capacity: 1 })
        const model = new Map<string, { count: number; at: number }>()
        for (const { key, passMs } of run) {
          await clock.advance(passMs)
          const name = `key ${key}`
          const known = model.get(name)
          const row = rows.rowOf(name)
          const stored = first.get(row)
          const idle = known === undefined || clock.monotonic() - known.at >= 1000
          expect(stored === known?.count || (idle && stored === 0)).toBe(true)
          first.set(row, stored + 1)
          model.set(name, { count: stored + 1, at: clock.monotonic() })
        }
      }),
    )
  })
})
