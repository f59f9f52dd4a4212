import { expect, it } from 'vitest'
import { missed, overlaps } from './journal.ts'
import type { Entry } from './journal.ts'

const entry = (what: Entry['what'], worker: string, key = 'a', change = 1): Entry => ({ what, worker, key, change })

it('finds a run that began before the previous one of its key ended', () => {
  const [start, end] = [entry('start', 'one'), entry('end', 'one')]
  expect(overlaps([start, entry('start', 'two')])).toEqual(['two began a while one ran it'])
  expect(overlaps([start, end, entry('start', 'two'), entry('start', 'one', 'b')])).toEqual([])
  expect(overlaps([start, entry('killed', 'one'), entry('start', 'two')])).toEqual([])
  expect(overlaps([start, entry('killed', 'two'), entry('start', 'two')])).toHaveLength(1)
})

it('finds a key whose last change was not seen by a run that ended', () => {
  const changes = new Map([['a', 2]])
  const runs = [entry('start', 'one', 'a', 1), entry('end', 'one', 'a', 1), entry('start', 'one', 'a', 2)]
  expect(missed(runs, changes)).toEqual(['a'])
  expect(missed([...runs, entry('end', 'one', 'a', 2)], changes)).toEqual([])
})
