import { describe, expect, it } from 'vitest'
import { readRateLimit, readRateLimitPolicy } from '../../src/resilience/ietf-limits.ts'

describe('RateLimit', () => {
  it('reads remaining and reset of each policy', () => {
    expect(readRateLimit('"permin";r=12;t=30;pk=:QXBwLTk5OQ==:,"perhr";r=999')).toEqual([
      { remaining: 12, resetMs: 30_000 },
      { remaining: 999, resetMs: undefined },
    ])
  })

  it('reads the form of the seventh draft, which much middleware sends', () => {
    expect(readRateLimit('limit=100, remaining=0, reset=60')).toEqual([{ remaining: 0, resetMs: 60_000 }])
  })

  it.each([
    ['no remaining', '"a";t=3'],
    ['a negative count', '"a";r=-1;t=3'],
    ['a fraction', '"a";r=1.5;t=3'],
    ['text for a count', '"a";r="1";t=3'],
    ['a negative time', '"a";r=1;t=-3'],
    ['text for a time', '"a";r=1;t=soon'],
    ['one bad item among good ones', '"a";r=1;t=3, "b";r=?1'],
    ['no list at all', 'r=1;t=3'],
    ['nothing', ''],
  ])('ignores a malformed field as a whole: %s', (_, field) => {
    expect(readRateLimit(field)).toEqual([])
  })

  it('clamps a time more than a year away to a year', () => {
    expect(readRateLimit('"a";r=0;t=999999999')).toEqual([{ remaining: 0, resetMs: 31_536_000_000 }])
  })
})

describe('RateLimit-Policy', () => {
  it('reads quota, window, unit and partition key', () => {
    expect(
      readRateLimitPolicy('"burst";q=100;w=60,"peruser";q=65535;qu="content-bytes";w=10;pk=:sdfjLJUOUH==:'),
    ).toEqual([
      { name: 'burst', quota: 100, windowMs: 60_000, unit: 'requests', partitionKey: undefined },
      { name: 'peruser', quota: 65_535, windowMs: 10_000, unit: 'content-bytes', partitionKey: ':sdfjLJUOUH==:' },
    ])
  })

  it('reads the older form in which the quota is the item', () => {
    expect(readRateLimitPolicy('1;w=1, 15000;w=2592000').map(({ quota, windowMs }) => [quota, windowMs])).toEqual([
      [1, 1000],
      [15_000, 2_592_000_000],
    ])
  })

  it.each(['"a"', '"a";q=-1', '"a";q=1;w=0', '"a";q=1;w=1.5', '"a";q=1, "b"', '"a";q="1"', 'q=1'])(
    'ignores a malformed field as a whole: %s',
    (field) => {
      expect(readRateLimitPolicy(field)).toEqual([])
    },
  )
})
