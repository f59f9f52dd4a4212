import { GoogleFailure, invalidParameter } from './failure.ts'
import type { SimulatedEventTime, SimulatedEvent } from './resource.ts'
import { instantOf, isZone, spell } from './zones.ts'

const DATE = /^\d{4}-\d\d-\d\d$/
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?$/i

/** Returns the instant of a time, in milliseconds. A day begins at midnight in the calendar's zone. */
export function instantAt(time: SimulatedEventTime, calendarZone: string): number {
  if (time.date !== undefined) return instantOf(Date.parse(`${time.date}T00:00:00Z`), calendarZone)
  const [, local = '', offset] = DATE_TIME.exec(time.dateTime ?? '') ?? []
  return offset === undefined
    ? instantOf(Date.parse(`${local}Z`), time.timeZone ?? calendarZone)
    : Date.parse(`${local}${offset}`)
}

/** Returns the first instant of an event and the one after its last, in milliseconds. */
export const spanOf = ({ start = {}, end = {} }: SimulatedEvent, calendarZone: string): readonly [number, number] => [
  instantAt(start, calendarZone),
  instantAt(end, calendarZone),
]

/** Returns a time as Google stores it: the same instant, spelled in the calendar's zone. The event's own zone stays. */
export function normalizedTime(time: SimulatedEventTime, name: string, calendarZone: string): SimulatedEventTime {
  const { date, dateTime, timeZone } = time
  if (timeZone !== undefined && !isZone(timeZone)) {
    throw new GoogleFailure('invalid', { message: `Invalid time zone definition for ${name} time.` })
  }
  if (date !== undefined && dateTime === undefined && DATE.test(date) && !Number.isNaN(Date.parse(date))) return time
  const [, , offset] = DATE_TIME.exec(dateTime ?? '') ?? []
  const instant = instantAt({ dateTime, timeZone }, calendarZone)
  if (date !== undefined || Number.isNaN(instant) || (offset === undefined && timeZone === undefined)) {
    throw new GoogleFailure('invalid', { message: `Invalid ${name} time.` })
  }
  return { ...time, dateTime: spell(instant, calendarZone) }
}

/** Returns an event with its times spelled in another zone. */
export function respelled(event: SimulatedEvent, calendarZone: string, timeZone: string): SimulatedEvent {
  const times = (['start', 'end', 'originalStartTime'] as const).flatMap((field) => {
    const time = event[field]
    if (time?.dateTime === undefined) return []
    return [[field, { ...time, dateTime: spell(instantAt(time, calendarZone), timeZone) }] as const]
  })
  return { ...event, ...Object.fromEntries(times) }
}

/** Returns the instant of a query parameter, which needs an offset. */
export function instantParameter(parameters: URLSearchParams, name: string): number | undefined {
  const value = parameters.get(name)
  if (value === null) return undefined
  const [, , offset] = DATE_TIME.exec(value) ?? []
  const instant = Date.parse(value)
  if (offset === undefined || Number.isNaN(instant)) throw invalidParameter(name)
  return instant
}

/** Returns the zone of the query parameter `timeZone`, or the given one. */
export function zoneParameter(parameters: URLSearchParams, otherwise: string): string {
  const zone = parameters.get('timeZone') ?? otherwise
  if (!isZone(zone)) throw invalidParameter('timeZone')
  return zone
}
