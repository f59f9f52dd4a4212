import { instantOf, isZone, wallTime } from '../../google-calendar/zones.ts'
import { GraphFailure } from '../failure.ts'
import { isObject } from '../routes.ts'
import type { Fields } from '../routes.ts'

/** A time as Graph stores it: in UTC, or a midnight without a zone of an event that lasts whole days. */
export interface StoredTime {
  readonly dateTime: string
  readonly timeZone: string
}

/** Windows names of some zones. Graph knows all of them, and IANA names. */
const WINDOWS: Readonly<Record<string, string>> = {
  'Eastern Standard Time': 'America/New_York',
  'Pacific Standard Time': 'America/Los_Angeles',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'W. Europe Standard Time': 'Europe/Berlin',
}

/** Returns the IANA name of a zone. */
export function zoneOf(name: string): string {
  const zone = WINDOWS[name] ?? name
  if (!isZone(zone)) throw new GraphFailure('TimeZoneNotSupportedException')
  return zone
}

/** Parses the start or the end of a body. */
export function timeIn(body: Fields, name: string, isAllDay: boolean): StoredTime {
  const value = body[name]
  if (!isObject(value)) throw invalid(`The ${name} is missing.`)
  const { dateTime, timeZone } = value
  if (typeof dateTime !== 'string' || typeof timeZone !== 'string') throw invalid(`The ${name} is not valid.`)
  const [, local = '', offset] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(dateTime) ?? []
  const zone = zoneOf(timeZone)
  const instant = offset === undefined ? instantOf(Date.parse(`${local}Z`), zone) : Date.parse(`${local}${offset}`)
  if (Number.isNaN(instant)) throw invalid(`The ${name} is not valid.`)
  if (!isAllDay) return { dateTime: spelled(instant), timeZone: 'UTC' }
  if (!/T00:00(?::00)?$/.test(local)) {
    throw invalid(`The Event.${name} property for an all-day event needs to be set to midnight.`)
  }
  return { dateTime: spelled(Date.parse(`${local}Z`)), timeZone: 'UTC' }
}

/** Returns a stored time in the zone of a response. Whole days have no zone. */
export const shownTime = (time: StoredTime, timeZone: string | undefined, isAllDay: boolean): StoredTime =>
  timeZone === undefined || isAllDay
    ? time
    : { dateTime: spelled(wallTime(instantAt(time), zoneOf(timeZone))), timeZone }

export const instantAt = ({ dateTime }: StoredTime): number => Date.parse(`${dateTime}Z`)

/** Returns a time as Graph writes it, with seven digits after the point. */
export const spelled = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}.0000000`

/** Returns the instant of a parameter. Without an offset it is in UTC. */
export function instantParameter(parameters: URLSearchParams, name: string): number {
  const value = parameters.get(name)
  const instant = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/i.test(value ?? '') ? (value ?? '') : `${value}Z`)
  if (value === null || Number.isNaN(instant)) {
    throw new GraphFailure('ErrorInvalidRequest', {
      message: `This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.`,
    })
  }
  return instant
}

const invalid = (message: string): GraphFailure => new GraphFailure('ErrorPropertyValidationFailure', { message })
