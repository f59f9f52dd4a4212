import { instantParameter, spanOf } from './event-times.ts'
import { GoogleFailure, invalidParameter } from './failure.ts'
import { occurrencesOf } from './recurrence.ts'
import { isObject } from './resource.ts'
import type { SimulatedEvent } from './resource.ts'

const DEFAULT_PAGE_SIZE = 250
const MAX_PAGE_SIZE = 2500

export interface Window {
  readonly from: number
  readonly to: number
}

/** Returns the number of events of a page. */
export function pageSizeOf(parameters: URLSearchParams, fallback = DEFAULT_PAGE_SIZE, max = MAX_PAGE_SIZE): number {
  const value = Number(parameters.get('maxResults') ?? fallback)
  if (!Number.isInteger(value) || value < 1) throw invalidParameter('maxResults')
  return Math.min(value, max)
}

/** Returns the window that `timeMin` and `timeMax` describe, in milliseconds. */
export function windowOf(parameters: URLSearchParams): Window {
  const from = instantParameter(parameters, 'timeMin') ?? Number.NEGATIVE_INFINITY
  const to = instantParameter(parameters, 'timeMax') ?? Number.POSITIVE_INFINITY
  if (to <= from) throw new GoogleFailure('timeRangeEmpty')
  return { from, to }
}

/** Returns whether an event ends after the window's begin and starts before its end; a series, whether an occurrence does. */
export function isWithin(event: SimulatedEvent, { from, to }: Window, calendarZone: string): boolean {
  const [start, end] = spanOf(event, calendarZone)
  if (event.recurrence === undefined) return end > from && start < to
  if (start >= to) return false
  for (const { at } of occurrencesOf(event, calendarZone)) {
    if (at >= to) return false
    if (at + end - start > from) return true
  }
  return false
}

/** Returns the filter of the query parameters that compare one event with a value. */
export function filterOf(parameters: URLSearchParams): (event: SimulatedEvent) => boolean {
  const uid = parameters.get('iCalUID')
  const types = parameters.getAll('eventTypes')
  const updatedMin = instantParameter(parameters, 'updatedMin')
  const words = (parameters.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const properties = (['private', 'shared'] as const).flatMap((kind) =>
    parameters.getAll(`${kind}ExtendedProperty`).map((pair) => [kind, ...pair.split(/=(.*)/s)] as const),
  )
  return (event) => {
    const text = textOf(event)
    return (
      (uid === null || event.iCalUID === uid) &&
      (types.length === 0 || types.includes(String(event['eventType']))) &&
      (updatedMin === undefined || Date.parse(event.updated ?? '') >= updatedMin) &&
      words.every((word) => text.includes(word)) &&
      properties.every(([kind, name = '', value]) => extendedProperty(event, kind, name) === value)
    )
  }
}

function extendedProperty({ extendedProperties }: SimulatedEvent, kind: string, name: string): unknown {
  const properties = isObject(extendedProperties) ? extendedProperties[kind] : undefined
  return isObject(properties) ? properties[name] : undefined
}

/** Returns the text that `q` searches. */
function textOf({ summary, description, location, attendees, organizer }: SimulatedEvent): string {
  const guests = [organizer, ...(Array.isArray(attendees) ? (attendees as readonly unknown[]) : [])].filter(isObject)
  const names = guests.flatMap(({ displayName, email }) => [displayName, email])
  return [summary, description, location, ...names]
    .filter((value) => typeof value === 'string')
    .join('\n')
    .toLowerCase()
}
