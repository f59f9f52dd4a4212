import { instantOf, wallTime } from '../../google-calendar/zones.ts'
import { GraphFailure } from '../failure.ts'
import { isObject } from '../routes.ts'
import type { Fields } from '../routes.ts'
import { instantAt, spelled, zoneOf } from './times.ts'
import type { StoredTime } from './times.ts'

/** One time at which a series happens. */
export interface Occurrence {
  /** The day in the zone of the series, such as `2026-11-02`. */
  readonly day: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  readonly start: StoredTime
  readonly end: StoredTime
}

const DAY_MS = 86_400_000
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
/** Bounds a series without an end. */
const MAX_OCCURRENCES = 730

/**
 * Returns the occurrences of a series in order. The time on the wall stays the same over a change of the clocks.
 * @throws GraphFailure `notSimulated` for other patterns than daily, weekly and absolute monthly ones
 */
export function* occurrencesOf(series: Fields): Generator<Occurrence> {
  const { pattern, range } = recurrenceIn(series)
  const isAllDay = series['isAllDay'] === true
  const zone = isAllDay ? 'UTC' : zoneOf(textIn(range, 'recurrenceTimeZone', 'UTC'))
  const first = instantAt(series['start'] as StoredTime)
  const length = instantAt(series['end'] as StoredTime) - first
  const isNumbered = range['type'] === 'numbered'
  const most = isNumbered ? Number(range['numberOfOccurrences']) : MAX_OCCURRENCES
  const until = range['type'] === 'endDate' ? `${String(range['endDate'])}T23:59:59Z` : undefined
  const last = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
  let counted = 0
  for (const wall of wallTimes(pattern, wallTime(first, zone))) {
    if (wall > last || counted === most) return
    counted++
    const from = instantOf(wall, zone)
    yield {
      day: new Date(wall).toISOString().slice(0, 10),
      from,
      to: from + length,
      start: { dateTime: spelled(from), timeZone: 'UTC' },
      end: { dateTime: spelled(from + length), timeZone: 'UTC' },
    }
  }
}

/** Validates the recurrence of an event. */
export function recurrenceIn({ recurrence }: Fields): { readonly pattern: Fields; readonly range: Fields } {
  const pattern = isObject(recurrence) ? recurrence['pattern'] : undefined
  const range = isObject(recurrence) ? recurrence['range'] : undefined
  const isValid =
    isObject(pattern) &&
    isObject(range) &&
    Number.isInteger(pattern['interval']) &&
    /^\d{4}-\d\d-\d\d$/.test(String(range['startDate'])) &&
    ['noEnd', 'endDate', 'numbered'].includes(String(range['type']))
  if (!isValid) {
    throw new GraphFailure('ErrorPropertyValidationFailure', { message: 'The recurrence pattern is not valid.' })
  }
  return { pattern, range }
}

const textIn = (fields: Fields, name: string, absent: string): string => {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : absent
}

function* wallTimes(pattern: Fields, first: number): Generator<number> {
  const { type } = pattern
  const interval = Math.max(1, Number(pattern['interval']))
  if (type === 'daily') for (let day = 0; ; day += interval) yield first + day * DAY_MS
  if (type === 'weekly') yield* weekly(pattern, first, interval)
  if (type === 'absoluteMonthly') {
    const start = new Date(first)
    for (let month = 0; ; month += interval) {
      const wall = new Date(first)
      wall.setUTCMonth(start.getUTCMonth() + month, Number(pattern['dayOfMonth']))
      if (wall.getTime() >= first) yield wall.getTime()
    }
  }
  const message = `The simulator does not expand the pattern ${String(type)}.`
  throw new GraphFailure('notSimulated', { message })
}

function* weekly({ daysOfWeek, ...pattern }: Fields, first: number, interval: number): Generator<number> {
  const weekStart = Math.max(0, WEEKDAYS.indexOf(textIn(pattern, 'firstDayOfWeek', 'sunday')))
  const offset = (day: number): number => (day - weekStart + 7) % 7
  const names = Array.isArray(daysOfWeek) ? (daysOfWeek as readonly unknown[]) : []
  const days = names.map((name) => offset(WEEKDAYS.indexOf(String(name)))).toSorted((a, b) => a - b)
  if (days.length === 0) {
    throw new GraphFailure('ErrorPropertyValidationFailure', { message: 'The recurrence pattern has no days.' })
  }
  const begin = first - offset(new Date(first).getUTCDay()) * DAY_MS
  for (let week = 0; ; week += interval) {
    for (const day of days) {
      const wall = begin + (week * 7 + day) * DAY_MS
      if (wall >= first) yield wall
    }
  }
}
