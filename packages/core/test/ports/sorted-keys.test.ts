import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSortedKeys } from '../../src/ports/sorted-keys.ts'

it('holds the same keys as a sorted array after any insertions and deletions', () => {
  const change = fc.tuple(fc.boolean(), fc.string({ unit: 'binary', maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), fc.string({ maxLength: 3 }), (changes, start) => {
      const keys = createSortedKeys()
      const model = new Set<string>()
      for (const [isAdded, key] of changes) {
        if (isAdded && !model.has(key)) keys.add(key)
        if (!isAdded) keys.remove(key)
        if (isAdded) model.add(key)
        else model.delete(key)
      }
      expect([...keys.from(start)]).toEqual([...model].toSorted().filter((key) => key >= start))
    }),
  )
})

it('stays sorted over many runs that split and empty', () => {
  const keys = createSortedKeys()
  const all = Array.from({ length: 5000 }, (_, index) => String((index * 7919) % 5000).padStart(4, '0'))
  for (const key of all) keys.add(key)
  expect([...keys.from('')]).toEqual(all.toSorted())
  for (const key of all.slice(0, 4990)) keys.remove(key)
  expect([...keys.from('')]).toEqual(all.slice(4990).toSorted())
  for (const key of all.slice(4990)) keys.remove(key)
  expect([...keys.from('')]).toEqual([])
  keys.add('again')
  expect([...keys.from('')]).toEqual(['again'])
})
