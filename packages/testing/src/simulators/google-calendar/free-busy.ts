import type { Calendar } from './calendar.ts'
import { instantParameter, spanOf, zoneParameter } from './event-times.ts'
import { GoogleFailure } from './failure.ts'
import { singleEvents } from './list.ts'
import { windowOf } from './query.ts'
import type { Window } from './query.ts'
import { isCancelled, isObject } from './resource.ts'
import { spell } from './zones.ts'

type Fields = Readonly<Record<string, unknown>>
interface Busy {
  readonly start: string
  readonly end: string
}

const MAX_CALENDARS = 50

/** `freebusy.query`: the times at which calendars are taken. */
export function queryFreeBusy(body: Fields, calendarOf: (id: string) => Calendar | undefined): Response {
  const parameters = new URLSearchParams()
  for (const name of ['timeMin', 'timeMax', 'timeZone']) {
    const value = body[name]
    if (typeof value === 'string') parameters.set(name, value)
  }
  for (const name of ['timeMin', 'timeMax']) {
    if (instantParameter(parameters, name) === undefined) throw new GoogleFailure('required', { location: name })
  }
  const zone = zoneParameter(parameters, 'UTC')
  const window = windowOf(parameters)
  const items = Array.isArray(body['items']) ? (body['items'] as readonly unknown[]) : []
  const ids = items.flatMap((item) => (isObject(item) ? [String(item['id'])] : []))
  const max = Math.min(Number(body['calendarExpansionMax'] ?? MAX_CALENDARS), MAX_CALENDARS)
  const entries = ids.map((id, index) => {
    const calendar = calendarOf(id)
    if (index >= max) return [id, failed('tooManyCalendarsRequested')] as const
    return [id, calendar === undefined ? failed('notFound') : { busy: busyTimes(calendar, window, zone) }] as const
  })
  return Response.json({
    kind: 'calendar#freeBusy',
    timeMin: new Date(window.from).toISOString(),
    timeMax: new Date(window.to).toISOString(),
    calendars: Object.fromEntries(entries),
  })
}

const failed = (reason: string): Fields => ({ errors: [{ domain: 'global', reason }], busy: [] })

function busyTimes(calendar: Calendar, window: Window, zone: string): readonly Busy[] {
  const spans = singleEvents(calendar, window)
    .filter((event) => !isCancelled(event) && event.transparency !== 'transparent')
    .map((event) => spanOf(event, calendar.settings.timeZone))
    .map(([start, end]) => [Math.max(start, window.from), Math.min(end, window.to)] as const)
    .filter(([start, end]) => start < end)
    .toSorted(([a], [b]) => a - b)
  const merged: (readonly [number, number])[] = []
  for (const [start, end] of spans) {
    const last = merged.at(-1)
    if (last !== undefined && start <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], end)]
    else merged.push([start, end])
  }
  return merged.map(([start, end]) => ({ start: spell(start, zone), end: spell(end, zone) }))
}
