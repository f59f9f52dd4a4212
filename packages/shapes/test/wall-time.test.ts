import { fromWallTime, toWallTime } from '@mcpclient/shapes'
import { describe, expect, it } from 'vitest'

const NEW_YORK = 'America/New_York'

describe('a wall time', () => {
  it.each([
    ['2026-11-02T14:10:00-05:00', NEW_YORK, '2026-11-02T14:10:00'],
    ['2026-07-02T14:10:00-04:00', NEW_YORK, '2026-07-02T14:10:00'],
    ['2026-11-02T14:10:00Z', 'UTC', '2026-11-02T14:10:00'],
    ['2026-03-29T03:30:00+02:00', 'Europe/Berlin', '2026-03-29T03:30:00'],
    ['2026-01-01T05:45:00+05:45', 'Asia/Kathmandu', '2026-01-01T05:45:00'],
    ['2026-01-01T00:00:00+13:00', 'Pacific/Tongatapu', '2026-01-01T00:00:00'],
    // The second half past one of the night in which the clocks go back has no wall time of its own.
    ['2026-11-01T01:30:00-04:00', NEW_YORK, '2026-11-01T01:30:00'],
  ])('%s in %s is %s, and back', (dateTime, timeZone, wall) => {
    expect(toWallTime({ dateTime, timeZone })).toEqual({ dateTime: wall, timeZone })
    expect(fromWallTime({ dateTime: wall, timeZone })).toEqual({ dateTime, timeZone })
  })

  it('is UTC for a time without a zone', () => {
    expect(toWallTime({ dateTime: '2026-11-02T14:10:00-05:00' })).toEqual({
      dateTime: '2026-11-02T19:10:00',
      timeZone: 'UTC',
    })
  })

  it('is moved forward if the clocks skip it', () => {
    const skipped = { dateTime: '2026-03-08T02:30:00', timeZone: NEW_YORK }
    expect(fromWallTime(skipped).dateTime).toBe('2026-03-08T03:30:00-04:00')
  })

  it('may have fractions of a second, which are dropped', () => {
    expect(fromWallTime({ dateTime: '2026-11-02T19:10:00.0000000', timeZone: 'UTC' }).dateTime).toBe(
      '2026-11-02T19:10:00Z',
    )
  })

  it('is the same after a round trip in every hour of a year, in zones with and without daylight saving time', () => {
    for (const timeZone of [NEW_YORK, 'Europe/London', 'Australia/Lord_Howe', 'Asia/Tokyo']) {
      for (let hour = 0; hour < 366 * 24; hour += 7) {
        const wall = toWallTime({ dateTime: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(), timeZone })
        expect(toWallTime(fromWallTime(wall))).toEqual(wall)
      }
    }
  })

  it.each([
    ['a time without an offset', () => toWallTime({ dateTime: 'tomorrow' })],
    ['an unknown zone', () => toWallTime({ dateTime: '2026-11-02T14:10:00Z', timeZone: 'Eastern Standard Time' })],
    ['a wall time with an offset', () => fromWallTime({ dateTime: '2026-11-02T14:10:00Z', timeZone: 'UTC' })],
  ])('rejects %s with INVALID_INPUT', (_name, convert) => {
    expect(convert).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})
