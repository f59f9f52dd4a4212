import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/index.ts'
import { instantOf, isZone, spell, wallTime } from '../../../src/simulators/google-calendar/zones.ts'

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe']

describe('a zone', () => {
  it('spells an instant so that any reader gets the same instant', () => {
    const random = seededRandom('zones')
    for (const zone of ZONES) {
      for (let count = 0; count < 500; count++) {
        const instant = Math.floor(random() * 3e9) * 1000
        expect(Date.parse(spell(instant, zone)), `${instant} in ${zone}`).toBe(instant)
        const again = instantOf(wallTime(instant, zone), zone)
        expect(wallTime(again, zone), `${instant} in ${zone}`).toBe(wallTime(instant, zone))
      }
    }
  })

  it('writes Z for no offset, and a sign before hours and minutes', () => {
    const instant = Date.UTC(2026, 0, 5, 12)
    expect(spell(instant, 'UTC')).toBe('2026-01-05T12:00:00Z')
    expect(spell(instant, 'America/St_Johns')).toBe('2026-01-05T08:30:00-03:30')
    expect(spell(instant, 'Asia/Kathmandu')).toBe('2026-01-05T17:45:00+05:45')
  })

  it('moves a time that the change of the clocks skips', () => {
    expect(spell(instantOf(Date.UTC(2026, 2, 29, 2, 30), 'Europe/Berlin'), 'Europe/Berlin')).toBe(
      '2026-03-29T03:30:00+02:00',
    )
  })

  it('has a name that the platform knows', () => {
    expect(ZONES.every(isZone)).toBe(true)
    expect(isZone('Mars/Base')).toBe(false)
  })
})
