import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readReset } from '../../src/resilience/reset-time.ts'
import type { ResetForm } from '../../src/resilience/reset-time.ts'

const now = Date.UTC(2026, 10, 21, 12)

describe('readReset', () => {
  it.each([
    ['seconds left', '60', 60_000],
    ['a fraction of a second', '0.25', 250],
    ['at once', '0', 0],
    ['seconds since the epoch', String(now / 1000 + 90), 90_000],
    ['milliseconds since the epoch', String(now + 1500), 1500],
    ['ISO 8601', '2026-11-21T12:05:00Z', 300_000],
    ['ISO 8601 without seconds', '2026-11-21T12:05Z', 300_000],
    ['ISO 8601 without a zone', '2026-11-21T12:05:00', 300_000],
    ['RFC 3339 with an offset', '2026-11-21T13:00:30.500+01:00', 30_500],
    ['RFC 3339 in small letters', '2026-11-21t12:00:01z', 1000],
    ['RFC 3339 with microseconds', '2026-11-21T12:00:01.123456Z', 1123],
    ['an HTTP date', 'Sat, 21 Nov 2026 12:00:42 GMT', 42_000],
    ['a duration of seconds', '1s', 1000],
    ['a duration of milliseconds', '12ms', 12],
    ['a duration of minutes and seconds', '6m0s', 360_000],
    ['a duration of all', '1h2m3.5s', 3_723_500],
    ['a duration of microseconds', '500µs', 0.5],
  ])('detects %s', (_, text, expected) => {
    expect(readReset(text, now)).toBeCloseTo(expected, 6)
  })

  it('reads a time without a zone as UTC, in any local zone', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    expect(new Date(0).getHours()).toBe(9)
    expect(readReset('2026-11-21T12:05:00', now)).toBe(300_000)
    expect(readReset('Sat Nov 21 12:05:00 2026', now)).toBe(300_000)
  })

  it.each<[ResetForm, string, number | undefined]>([
    ['seconds', '60', 60_000],
    ['seconds', '1795262400', 31_536_000_000],
    ['milliseconds', '10000', 10_000],
    ['epoch-seconds', String(now / 1000 + 5), 5000],
    ['epoch-seconds', '60', undefined],
    ['epoch-milliseconds', String(now + 5), 5],
    ['date', '2026-11-21T12:00:05Z', 5000],
    ['date', '60', undefined],
    ['duration', '1m', 60_000],
    ['duration', '2026-11-21T12:00:05Z', undefined],
    ['date', '6m0s', undefined],
  ])('reads with the form %s: %s', (form, text, expected) => {
    expect(readReset(text, now, form)).toBe(expected)
  })

  it.each([
    '',
    ' ',
    '-1',
    '+5',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '1,5',
    '1_000',
    '5 s',
    '5d',
    'ms',
    'soon',
    '2026-11-21',
    '2026-13-21T12:00:00Z',
    '2026-11-21T12:00:00+25:99',
  ])('ignores %j', (text) => {
    expect(readReset(text, now)).toBeUndefined()
  })

  it('ignores a time in the past, and clamps one more than a year away to a year', () => {
    expect(readReset('2026-11-21T11:59:59Z', now)).toBeUndefined()
    expect(readReset(String(now / 1000 - 1), now)).toBeUndefined()
    expect(readReset('2028-01-01T00:00:00Z', now)).toBe(31_536_000_000)
    expect(readReset('31536001', now)).toBe(31_536_000_000)
    expect(readReset('9'.repeat(400), now)).toBe(31_536_000_000)
    expect(readReset('31536000', now)).toBe(31_536_000_000)
  })

  it('never throws, and returns only times within a year, for any string', () => {
    const forms: (ResetForm | undefined)[] = [
      ...([undefined, 'epoch-seconds', 'epoch-milliseconds', 'seconds'] as const),
      ...(['milliseconds', 'date', 'duration'] as const),
    ]
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'0123456789.:-+TZhms, '.split('')) }),
      fc.double().map(String),
      fc.date().map(String),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom(...forms), (text, form) => {
        const read = readReset(text, now, form)
        expect(read === undefined || (read >= 0 && read <= 31_536_000_000)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
