import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyedRows } from '../../src/resilience/keyed-rows.ts'
import type { KeyedRowsOptions } from '../../src/resilience/keyed-rows.ts'
import { TestClock } from './test-clock.ts'

const rowsWith = (options: Partial<KeyedRowsOptions> = {}) => {
  const clock = new TestClock()
  return { clock, rows: new KeyedRows({ width: 2, clock, idleMs: 1000, ...options }) }
}

/** Asks for one key so often that the hand has been everywhere. */
const sweep = (rows: KeyedRows) => {
  for (let turn = 0; turn < 1000; turn += 1) rows.rowOf('sweeper')
}

describe('KeyedRows', () => {
  test('makes a row of zeros for each key and finds it again', () => {
    const { rows } = rowsWith()
    const offset = rows.rowOf('ada')
    expect([...rows.data.subarray(offset, offset + 2)]).toEqual([0, 0])
    rows.data[offset] = 7
    rows.rowOf('bob')
    expect(rows.data[rows.rowOf('ada')]).toBe(7)
    expect(rows.size).toBe(2)
  })

  test('find makes nothing', () => {
    const { rows } = rowsWith()
    expect(rows.find('ada')).toBe(-1)
    expect(rows.size).toBe(0)
    expect(rows.rowOf('ada')).toBe(rows.find('ada'))
  })

  test('keeps every row while it grows', () => {
    const { rows } = rowsWith({ capacity: 1 })
    for (let index = 0; index < 1000; index += 1) {
      const offset = rows.rowOf(`key ${index}`)
      rows.data[offset + 1] = index
    }
    for (let index = 0; index < 1000; index += 1) expect(rows.data[rows.find(`key ${index}`) + 1]).toBe(index)
  })

  test('frees a row that has been idle, and gives its place to another as zeros', async () => {
    const { rows, clock } = rowsWith()
    const offset = rows.rowOf('ada')
    rows.data[offset] = 7
    await clock.advance(999)
    sweep(rows)
    expect(rows.find('ada')).toBe(offset)
    await clock.advance(1)
    sweep(rows)
    expect(rows.find('ada')).toBe(-1)
    expect(rows.rowOf('bob')).toBe(offset)
    expect(rows.data[offset]).toBe(0)
  })

  test('a row that is asked for or touched stays', async () => {
    const { rows, clock } = rowsWith()
    for (const key of ['asked for', 'touched']) {
      const offset = rows.rowOf(key)
      rows.data[offset] = 7
    }
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(600)
      rows.rowOf('asked for')
      rows.touch(rows.find('touched'), clock.monotonic())
      sweep(rows)
    }
    expect([rows.data[rows.find('asked for')], rows.data[rows.find('touched')]]).toEqual([7, 7])
  })

  test('where no new key comes, touching alone frees what is idle', async () => {
    const { rows, clock } = rowsWith()
    for (let index = 0; index < 100; index += 1) rows.rowOf(`key ${index}`)
    await clock.advance(1000)
    for (let turn = 0; turn < 200; turn += 1) rows.touch(rows.find('key 0'), clock.monotonic())
    expect(rows.size).toBe(1)
  })

  test('a row in use is never freed, however long it is untouched', async () => {
    const { rows, clock } = rowsWith({ isIdle: (data, offset) => data[offset] === 0 })
    rows.data[rows.rowOf('in use')] = 1
    rows.rowOf('idle')
    await clock.advance(1_000_000)
    sweep(rows)
    expect(rows.find('idle')).toBe(-1)
    expect(rows.data[rows.find('in use')]).toBe(1)
  })

  test('frees without a timer', () => {
    const { rows, clock } = rowsWith()
    rows.rowOf('ada')
    expect(clock.timers).toBe(0)
  })

  test('a stream of keys that are used once does not grow without end', async () => {
    const { rows, clock } = rowsWith()
    for (let index = 0; index < 20_000; index += 1) {
      rows.rowOf(`key ${index}`)
      if (index % 10 === 0) await clock.advance(10)
    }
    // A thousand keys come in each idle time of a second.
    expect(rows.size).toBeLessThan(2000)
  })

  test('a crowd that has gone gives its memory back, and whoever stayed keeps what it had', async () => {
    const { rows, clock } = rowsWith({ isIdle: (data, offset) => data[offset] === 0 })
    for (let index = 0; index < 10_000; index += 1) rows.rowOf(`key ${index}`)
    const stayed = ['key 3', 'key 5000', 'key 9999']
    for (const [index, key] of stayed.entries()) rows.data[rows.find(key)] = index + 1
    const generations = stayed.map((key) => rows.generation(rows.find(key)))
    const crowded = rows.bytes()
    await clock.advance(1000)
    for (let turn = 0; turn < 30; turn += 1) sweep(rows)
    expect(rows.size).toBe(stayed.length + 1)
    expect(rows.bytes()).toBeLessThan(crowded / 50)
    expect(stayed.map((key) => rows.data[rows.find(key)])).toEqual([1, 2, 3])
    expect(stayed.map((key) => rows.generation(rows.find(key)))).toEqual(generations)
  })

  test('no two rows share a generation, not even one after the other in one place', async () => {
    const { rows, clock } = rowsWith()
    const first = rows.generation(rows.rowOf('ada'))
    await clock.advance(1000)
    sweep(rows)
    const second = rows.generation(rows.rowOf('ada'))
    const renewed = rows.renew(rows.find('ada'))
    expect(rows.generation(rows.find('ada'))).toBe(renewed)
    expect(new Set([first, second, renewed, rows.generation(rows.find('sweeper'))]).size).toBe(4)
  })

  test('behaves like a map from which idle keys may vanish', async () => {
    const steps = fc.array(
      fc.record({ key: fc.integer({ min: 0, max: 40 }), passMs: fc.constantFrom(0, 0, 0, 1, 400, 1500) }),
      { maxLength: 200 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const { rows, clock } = rowsWith({ capacity: 1 })
        const model = new Map<string, { count: number; at: number }>()
        for (const { key, passMs } of run) {
          await clock.advance(passMs)
          const name = `key ${key}`
          const known = model.get(name)
          const offset = rows.rowOf(name)
          const stored = rows.data[offset]
          const idle = known === undefined || clock.monotonic() - known.at >= 1000
          expect(stored === known?.count || (idle && stored === 0)).toBe(true)
          rows.data[offset] = (stored ?? 0) + 1
          model.set(name, { count: (stored ?? 0) + 1, at: clock.monotonic() })
        }
      }),
    )
  })
})
