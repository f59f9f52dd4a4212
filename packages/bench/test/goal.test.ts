import { expect, it } from 'vitest'
import { judge } from '../src/report/goal.ts'
import { toJson } from '../src/report/summary.ts'
import { renderTable, textOf } from '../src/report/table.ts'

it('judges by the figure alone, and accepts the bound itself', () => {
  expect(judge('G2', 'a', 'x', 1.15, { atMost: 1.15 }).verdict).toBe('met')
  expect(judge('G2', 'a', 'x', 1.151, { atMost: 1.15 }).verdict).toBe('missed')
  expect(judge('G3', 'a', 'calls', 9000, { atLeast: 9000 }).verdict).toBe('met')
  expect(judge('G3', 'a', 'calls', 8999, { atLeast: 9000 }).verdict).toBe('missed')
})

it('treats an unmeasured figure as missed', () => {
  expect(judge('G1', 'a', 'us', Number.NaN, { atMost: 8 }).verdict).toBe('missed')
  expect(judge('G3', 'a', 'us', Number.NaN, { atLeast: 8 }).verdict).toBe('missed')
  expect(judge('G11', 'a', 'ms', Infinity, { atMost: 2 }).verdict).toBe('missed')
})

it('formats figures with their significant digits', () => {
  expect([1.234, 12.34, 123.4, 1234567, Infinity, 'text', undefined].map(textOf)).toEqual([
    '1.23',
    '12.3',
    '123',
    '1 234 567',
    'never',
    'text',
    '',
  ])
})

it('a table lines its columns up', () => {
  const lines = renderTable({
    title: 'T',
    columns: ['name', 'us'],
    rows: [
      ['a', 5],
      ['longer', 1234],
    ],
  }).split('\n')
  expect(lines.slice(3)).toEqual(['name       us', '-------------', 'a           5', 'longer  1 234'])
})

it('results can be read back, and say never where a figure has no number', () => {
  expect(JSON.parse(toJson({ a: 1.23456789, b: Infinity, c: 'x' }))).toEqual({ a: 1.2346, b: 'never', c: 'x' })
})
