import { normalizedTime, spanOf } from './event-times.ts'
import { GoogleFailure } from './failure.ts'
import { isObject } from './resource.ts'
import type { SimulatedEventTime, SimulatedEvent } from './resource.ts'

/** Fields that a client cannot set, and that Google ignores in a body. */
const READ_ONLY = [
  'kind',
  'etag',
  'id',
  'htmlLink',
  'hangoutLink',
  'created',
  'updated',
  'creator',
  'organizer',
  'locked',
  'recurringEventId',
  'originalStartTime',
]

const CLIENT_ID = /^[a-v0-9]{5,1024}$/

type Fields = Readonly<Record<string, unknown>>

/** Parses a JSON body. */
export async function readBody(request: Request): Promise<Fields> {
  const body: unknown = await request.json().catch(() => undefined)
  if (!isObject(body)) throw new GoogleFailure('parseError')
  return body
}

/** Returns the id that a client chose for a new event. */
export function clientId({ id }: Fields): string | undefined {
  if (id === undefined || id === null) return undefined
  if (typeof id !== 'string' || !CLIENT_ID.test(id)) {
    throw new GoogleFailure('invalid', { message: 'Invalid resource id value.' })
  }
  return id
}

/** Returns the content of an event that a body describes completely. */
export function contentOf(body: Fields, calendarZone: string): SimulatedEvent {
  const writable = Object.entries(body).filter(([field]) => !READ_ONLY.includes(field))
  return validated(merged({}, Object.fromEntries(writable)), calendarZone)
}

/** Returns the content of an event with the changes of a patch: objects are merged, arrays replaced, and `null` removes. */
export function patchedContent(event: SimulatedEvent, patch: Fields, calendarZone: string): SimulatedEvent {
  const content = Object.entries(event).filter(([field]) => !READ_ONLY.includes(field))
  const changes = Object.entries(patch).filter(([field]) => !READ_ONLY.includes(field))
  return validated(merged(Object.fromEntries(content), Object.fromEntries(changes)), calendarZone)
}

function merged(base: Fields, changes: Fields): Fields {
  const result = new Map(Object.entries(base))
  for (const [field, value] of Object.entries(changes)) {
    const before = result.get(field)
    if (value === null) result.delete(field)
    else result.set(field, isObject(value) ? merged(isObject(before) ? before : {}, value) : value)
  }
  return Object.fromEntries(result)
}

function validated(content: SimulatedEvent, calendarZone: string): SimulatedEvent {
  const times = Object.fromEntries(
    (['start', 'end'] as const).map((name) => [name, timeOf(content, name, calendarZone)]),
  )
  const event: SimulatedEvent = { ...content, ...times }
  const { start = {}, end = {}, recurrence } = event
  if ((start.date === undefined) !== (end.date === undefined)) {
    throw new GoogleFailure('invalid', { message: 'Start and end times must either both be date or both be dateTime.' })
  }
  const [from, to] = spanOf(event, calendarZone)
  if (to < from) throw new GoogleFailure('timeRangeEmpty')
  if (recurrence !== undefined && start.dateTime !== undefined && start.timeZone === undefined) {
    throw new GoogleFailure('required', { message: 'Missing time zone definition for start time.' })
  }
  return event
}

function timeOf(content: Fields, name: 'start' | 'end', calendarZone: string): SimulatedEventTime {
  const time = content[name]
  if (!isObject(time)) throw new GoogleFailure('required', { message: `Missing ${name} time.` })
  return normalizedTime(time, name, calendarZone)
}
