/** `@mcpclient/google-calendar/recurrence`: the occurrences of series, without a request. */
import { ConnectorError } from '@mcpclient/core/define'
import { slotsOf } from './recurrence/series.ts'
import { createZones, instantOf } from './recurrence/zone.ts'
import type { EventTime, Zones } from './recurrence/zone.ts'

export type { EventTime } from './recurrence/zone.ts'

/** An event, a series or a changed occurrence: an output of a tool, or a row of the sync. */
export interface ExpandableEvent {
  readonly id?: string | null | undefined
  readonly status?: string | null | undefined
  readonly start?: EventTime | null | undefined
  readonly end?: EventTime | null | undefined
  readonly recurrence?: readonly string[] | null | undefined
  readonly recurringEventId?: string | null | undefined
  readonly originalStartTime?: EventTime | null | undefined
  readonly iCalUID?: string | null | undefined
}

export interface ExpandWindow {
  /** The start of the interval, with an offset: `2026-11-01T00:00:00-04:00`. */
  readonly from: string
  /** The end of the interval, exclusive. */
  readonly to: string
  /** The zone of whole days, and of times without one: an IANA name. @default 'UTC' */
  readonly timeZone?: string | undefined
  /** The most occurrences to return. @default 1000 */
  readonly max?: number | undefined
}

export interface Occurrence<Event> {
  /** The event, the series, or the changed occurrence that replaces one of the series. */
  readonly event: Event
  readonly start: EventTime
  /** Exclusive. */
  readonly end: EventTime
}

export interface Expansion<Event> {
  /** By start. */
  readonly occurrences: readonly Occurrence<Event>[]
  /** False if there are more than `max`. */
  readonly complete: boolean
  /** Events whose times, zone or rules cannot be read. */
  readonly skipped: readonly Event[]
}

const DEFAULT_MAX = 1000

/**
 * Lists the occurrences of events in an interval. Series are expanded in the wall time of their zone; changed occurrences
 * replace those of their series, and cancelled ones remove them. An exception belongs to the series with the id
 * `recurringEventId`, or with the same `iCalUID` if the series has no `id`, like the rows of a sync.
 *
 * @example
 * const { occurrences } = expand(rows, { from: '2026-11-01T00:00:00-04:00', to: '2026-12-01T00:00:00-05:00' })
 * @param events series, their exceptions and single events, in any order
 * @throws ConnectorError INVALID_INPUT if the interval or its zone cannot be read
 */
export function expand<Event extends ExpandableEvent>(
  events: readonly Event[],
  window: ExpandWindow,
): Expansion<Event> {
  const { timeZone: zone = 'UTC', max = DEFAULT_MAX } = window
  const zones = createZones()
  const [from, to] = boundsOf(window, zones, zone)
  const replaced = replacedSlots(events, zones, zone)
  const found: (Occurrence<Event> & { readonly at: number })[] = []
  const skipped: Event[] = []

  for (const event of events) {
    const { status, start, end, recurrence, recurringEventId } = event
    if (status === 'cancelled') continue
    try {
      const lines = recurrence ?? []
      if (!start || !end) throw new RangeError('The event has no time.')
      if (lines.length > 0 && !recurringEventId) {
        // One more than `max` shows that there are more, whatever is replaced.
        const limit = max + replaced.size + 1
        for (const slot of slotsOf({ lines, start, end, zones, zone }, from, to, limit)) {
          if (!replaced.has(slotName(event, slot.key))) {
            found.push({ event, start: slot.start, end: slot.end, at: slot.from })
          }
        }
        continue
      }
      const [begins, ends] = [instantOf(start, zones, zone), instantOf(end, zones, zone)]
      if (begins < to && (ends > from || begins >= from)) found.push({ event, start, end, at: begins })
    } catch {
      skipped.push(event)
    }
  }
  const sorted = found.toSorted((one, other) => one.at - other.at)
  return {
    occurrences: sorted.slice(0, max).map(({ at: _at, ...occurrence }) => occurrence),
    complete: sorted.length <= max,
    skipped,
  }
}

/** Returns the names of the occurrences that are changed or cancelled. */
function replacedSlots(events: readonly ExpandableEvent[], zones: Zones, zone: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { recurringEventId, iCalUID, originalStartTime } of events) {
    if (!recurringEventId || !originalStartTime) continue
    try {
      const key = originalStartTime.date ?? String(instantOf(originalStartTime, zones, zone))
      names.add(slotName({ id: recurringEventId }, key))
      names.add(slotName({ iCalUID }, key))
    } catch {
      // Without its time it replaces nothing.
    }
  }
  return names
}

const slotName = ({ id, iCalUID }: ExpandableEvent, key: string): string =>
  id ? `id ${id} ${key}` : `uid ${iCalUID ?? ''} ${key}`

function boundsOf({ from, to, max }: ExpandWindow, zones: Zones, zone: string): readonly [number, number] {
  const refuse = (path: string, message: string): never => {
    throw new ConnectorError('INVALID_INPUT', 'The interval cannot be read.', { issues: [{ path, message }] })
  }
  if (max !== undefined && !(Number.isInteger(max) && max > 0)) refuse('max', 'Pass a whole number above 0.')
  const instant = (path: string, text: string): number =>
    /T.*(?:Z|[+-]\d{2}:\d{2})$/i.test(text) && !Number.isNaN(Date.parse(text))
      ? Date.parse(text)
      : refuse(path, 'Pass a time with an offset, such as 2026-11-01T00:00:00Z.')
  try {
    zones.timeAt(0, zone)
  } catch {
    refuse('timeZone', 'Pass an IANA name, such as Europe/Berlin.')
  }
  return [instant('from', from), instant('to', to)]
}
