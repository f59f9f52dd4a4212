import { RRuleTemporal } from 'rrule-temporal'
import { instantOf, utcOf, wallOf } from './zone.ts'
import type { EventTime, Zones } from './zone.ts'

const DAY_MS = 86_400_000

/** A series, and how it counts: whole days in UTC, or times in its zone. */
export interface Series {
  readonly lines: readonly string[]
  readonly start: EventTime
  readonly end: EventTime
  readonly zones: Zones
  /** The zone of days, and of a series without a zone. */
  readonly zone: string
}

/** The place of an occurrence in its series. */
export interface Slot {
  /** The day, or the instant in milliseconds. It identifies the occurrence within its series. */
  readonly key: string
  readonly from: number
  readonly to: number
  readonly start: EventTime
  readonly end: EventTime
}

/**
 * Yields the occurrences of a series that overlap an interval, each once, in no particular order.
 * @throws Error if a line cannot be read, or yields nothing for thousands of periods
 */
export function* slotsOf(series: Series, from: number, to: number, max: number): Generator<Slot> {
  const { zones, zone } = series
  const shape = typeof series.start.date === 'string' ? dayShape(series) : timeShape(series)
  const of = (name: string) => series.lines.filter((line) => new RegExp(`^${name}[:;]`, 'i').test(line))
  const dates = [...of('RDATE'), ...of('EXDATE')]
  const rules = of('RRULE')
  const excluded = new Set(of('EXRULE').flatMap((line) => [...datesOf(`R${line.slice(2)}`, [])]))
  const seen = new Set<number>()

  function* datesOf(rule: string, others: readonly string[]): Generator<number> {
    const lines = [shape.dtstart, shape.adapt(rule), ...others]
    const recurrence = new RRuleTemporal({ rruleString: lines.join('\n') })
    let after = from - shape.reachMs
    for (let n = 0; n <= max; n++) {
      const next = recurrence.next(new Date(after), n === 0)?.epochMilliseconds
      if (next === undefined || next > to + shape.reachMs) return
      yield next
      after = next
    }
  }

  // Without a rule, the series is its start and its RDATEs.
  for (const rule of rules.length === 0 ? ['RRULE:FREQ=DAILY;COUNT=1'] : rules) {
    for (const at of datesOf(rule, dates)) {
      if (seen.has(at) || excluded.has(at)) continue
      seen.add(at)
      const slot = shape.slotAt(at)
      const begins = instantOf(slot.start, zones, zone)
      const ends = instantOf(slot.end, zones, zone)
      if (begins < to && (ends > from || begins >= from)) yield { ...slot, from: begins, to: ends }
    }
  }
}

interface Shape {
  readonly dtstart: string
  /** Milliseconds around the interval in which an occurrence that overlaps it may begin. */
  readonly reachMs: number
  readonly adapt: (rule: string) => string
  readonly slotAt: (at: number) => Pick<Slot, 'key' | 'start' | 'end'>
}

const compact = (wall: string): string => wall.replaceAll(/[-:]/g, '')

function dayShape({ start, end }: Series): Shape {
  const first = utcOf(start.date ?? '')
  const lengthMs = typeof end.date === 'string' ? utcOf(end.date) - first : DAY_MS
  const dayOf = (utc: number): string => wallOf(utc).slice(0, 10)
  return {
    dtstart: `DTSTART;VALUE=DATE:${compact(dayOf(first))}`,
    reachMs: lengthMs + DAY_MS,
    // The end of a series of days is a day.
    adapt: (rule) => rule.replace(/(UNTIL=\d{8})T\d{6}Z?/i, '$1'),
    slotAt: (at) => ({ key: dayOf(at), start: { date: dayOf(at) }, end: { date: dayOf(at + lengthMs) } }),
  }
}

function timeShape({ start, end, zones, zone: dayZone }: Series): Shape {
  const zone = start.timeZone ?? dayZone
  const first = instantOf(start, zones, zone)
  // The length is exact, not a difference of wall times (RFC 5545, section 3.8.5.3).
  const lengthMs = instantOf(end, zones, zone) - first
  const endZone = end.timeZone ?? zone
  return {
    dtstart: `DTSTART;TZID=${zone}:${compact(zones.timeAt(first, zone).slice(0, 19))}`,
    reachMs: lengthMs,
    adapt: (rule) => rule,
    slotAt: (at) => ({
      key: String(at),
      start: { dateTime: zones.timeAt(at, zone), timeZone: zone },
      end: { dateTime: zones.timeAt(at + lengthMs, endZone), timeZone: endZone },
    }),
  }
}
