import { describe, expect, it } from 'vitest'
import { boundText, judge } from '../src/report/goal.ts'
import type { Bound } from '../src/report/goal.ts'
import { goalTable, toJson } from '../src/report/summary.ts'
import { renderTable, spreadText, textOf } from '../src/report/table.ts'

/** Judges a figure that was measured once, or a figure with its spread. */
const verdict = (measured: number | readonly [from: number, figure: number, to: number], bound: Bound) => {
  const spread = typeof measured === 'number' ? measured : { from: measured[0], figure: measured[1], to: measured[2] }
  return judge('G1', 'a', 'us', spread, bound).verdict
}

describe('judge', () => {
  it('accepts the bound itself', () => {
    expect(verdict(1.15, { atMost: 1.15 })).toBe('met')
    expect(verdict(1.151, { atMost: 1.15 })).toBe('missed')
    expect(verdict(9000, { atLeast: 9000 })).toBe('met')
    expect(verdict(8999, { atLeast: 9000 })).toBe('missed')
  })

  it('calls a figure missed if it is not a number or never arrived', () => {
    expect(verdict(Number.NaN, { atMost: 8 })).toBe('missed')
    expect(verdict(Number.NaN, { atLeast: 8 })).toBe('missed')
    expect(verdict(Infinity, { atMost: 2 })).toBe('missed')
    expect(verdict(Number.NaN, { costAtMost: 8 })).toBe('missed')
    expect(verdict([1, 2, Infinity], { atMost: 8 })).toBe('missed')
  })

  it('cannot measure a goal whose bound lies inside the spread', () => {
    expect(verdict([1, 1.1, 1.15], { atMost: 1.15 })).toBe('met')
    expect(verdict([1, 1.1, 1.2], { atMost: 1.15 })).toBe('not measurable')
    expect(verdict([1.1, 1.2, 1.3], { atMost: 1.15 })).toBe('not measurable')
    expect(verdict([1.16, 1.2, 1.3], { atMost: 1.15 })).toBe('missed')
    expect(verdict([75, 80, 90], { atLeast: 75 })).toBe('met')
    expect(verdict([70, 80, 90], { atLeast: 75 })).toBe('not measurable')
    expect(verdict([60, 70, 74], { atLeast: 75 })).toBe('missed')
  })

  it('cannot measure a cost that is negative', () => {
    expect(verdict([-60, -52, -40], { costAtMost: 12 })).toBe('not measurable')
    expect(verdict(-1, { costAtMost: 12 })).toBe('not measurable')
    expect(verdict(0, { costAtMost: 12 })).toBe('met')
  })

  it('cannot measure a cost whose spread is wider than its bound', () => {
    expect(verdict([-3, 4, 9], { costAtMost: 12 })).toBe('met')
    expect(verdict([-5, 4, 9], { costAtMost: 12 })).toBe('not measurable')
    expect(verdict([2, 9, 13], { costAtMost: 12 })).toBe('not measurable')
    expect(verdict([13, 30, 60], { costAtMost: 12 })).toBe('missed')
  })

  it('accepts a difference on both sides of zero that lies within its bound', () => {
    expect(verdict([-0.05, -0.01, 0.02], { within: 0.1 })).toBe('met')
    expect(verdict([-0.3, -0.01, 0.02], { within: 0.1 })).toBe('not measurable')
    expect(verdict([-0.4, -0.3, -0.2], { within: 0.1 })).toBe('not measurable')
    expect(verdict([0.05, 0.1, 0.2], { within: 0.1 })).toBe('not measurable')
    expect(verdict([0.11, 0.2, 0.3], { within: 0.1 })).toBe('missed')
  })
})

describe('goalTable', () => {
  it('lists missed goals first, and counts each verdict', () => {
    const { title, rows } = goalTable([
      judge('G1', 'quick', 'us', 1, { atMost: 2 }),
      judge('G2', 'noisy', 'us', { from: 1, figure: 2, to: 3 }, { atMost: 2 }),
      judge('G3', 'slow', 'us', 3, { atMost: 2 }),
    ])
    expect(title).toBe('Goals: 1 met, 1 not measurable, 1 missed')
    expect(rows).toEqual([
      ['G3  slow', 'missed', 3, '', '<= 2', 'us'],
      ['G2  noisy', 'not measurable', 2, '1..3', '<= 2', 'us'],
      ['G1  quick', 'met', 1, '', '<= 2', 'us'],
    ])
  })

  it('formats each kind of bound', () => {
    expect([{ atMost: 1.234 }, { atLeast: 75 }, { costAtMost: 12 }, { within: 0.1 }].map(boundText)).toEqual([
      '<= 1.23',
      '>= 75',
      '<= 12',
      '+-0.1',
    ])
  })
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
  expect(spreadText({ from: 1.234, figure: 2, to: 12.34 })).toBe('1.23..12.3')
})

it('aligns the columns of a table', () => {
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

it('writes JSON that can be read back, with never for a figure that is not finite', () => {
  expect(JSON.parse(toJson({ a: 1.23456789, b: Infinity, c: 'x' }))).toEqual({ a: 1.2346, b: 'never', c: 'x' })
})
